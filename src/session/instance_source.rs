//! What gives the instance of an operation.

use serde::Serialize;

use crate::cim::{CimClass, Instance, ValueError};
use crate::error::Error;

/// The instance that a put, a create or a modify sends: an [`Instance`], or a struct with a [`CimClass`]
/// that becomes one by [`Instance::from_struct`].
///
/// A struct without a CIM form fails the request before it is sent
/// ([`Error::Value`](crate::Error::Value)).
///
/// ```
/// # wsman::doc_examples::run(async |session, _| {
/// use wsman::cim::CimClass;
/// #[derive(serde::Serialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Share {
///     name: &'static str,
///     path: &'static str,
/// }
/// impl CimClass for Share {
///     const CLASS: &'static str = "Win32_Share";
///     const KEYS: &'static [&'static str] = &["Name"];
/// }
/// let path = session.create_instance(&Share { name: "logs", path: r"C:\logs" }).await?;
/// session.put_instance(&Share { name: "logs", path: r"D:\logs" }).await?;
/// assert_eq!(session.get_instance(path).await?.get::<String>("Path")?, r"D:\logs");
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct InstanceSource(Result<Instance, Invalid>);

/// A struct without a CIM form.
#[derive(Clone, Debug)]
pub(super) struct Invalid {
    class: &'static str,
    why: ValueError,
}

impl InstanceSource {
    /// Returns the instance, or an empty one of its class and why the struct has no CIM form.
    pub(super) fn resolve(self) -> (Instance, Option<ValueError>) {
        match self.0 {
            Ok(instance) => (instance, None),
            Err(Invalid { class, why }) => (Instance::new(class), Some(why)),
        }
    }
}

/// Fails an operation whose struct has no CIM form.
pub(super) fn check(invalid: Option<&ValueError>) -> Result<(), Error> {
    invalid.map_or(Ok(()), |why| Err(why.clone().into()))
}

impl From<Instance> for InstanceSource {
    fn from(instance: Instance) -> Self {
        Self(Ok(instance))
    }
}

impl From<&Instance> for InstanceSource {
    fn from(instance: &Instance) -> Self {
        Self(Ok(instance.clone()))
    }
}

impl<T: Serialize + CimClass> From<&T> for InstanceSource {
    fn from(typed: &T) -> Self {
        let class = T::CLASS;
        Self(Instance::from_struct(typed).map_err(|why| Invalid { class, why }))
    }
}
