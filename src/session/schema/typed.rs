//! Types for the values of an instance that was read.

use super::get_class::known_class;
use crate::cim::Instance;
use crate::error::Error;
use crate::session::call::Call;

/// The instance with its values as its own class declares them, which may be derived from the one that
/// was asked for.
pub(in crate::session) async fn typed(call: &Call, instance: Instance) -> Result<Instance, Error> {
    let class = known_class(call, instance.namespace(), instance.class()).await?;
    Ok(instance.typed_by(&class))
}
