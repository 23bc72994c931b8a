//! Elements as they stood in the message.

use std::sync::Arc;

use crate::cim::Name;

/// The raw XML that an instance keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct RawXml {
    /// The whole element, where it was asked for.
    pub(super) element: Option<Arc<str>>,
    /// That of the instance itself.
    pub(super) own: Option<String>,
    /// Those of properties, in their order.
    pub(super) properties: Vec<(Name, String)>,
}
