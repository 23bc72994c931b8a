//! What names the target of an operation.

use serde::Serialize;

use super::call::invalid_parameter;
use crate::cim::{CimClass, Instance, InstancePath, ValueError};
use crate::error::Error;

/// The target of an operation: an instance, or a class for a static method.
///
/// | converted from | target |
/// |---|---|
/// | [`InstancePath`], or its text | the instance, or the class if the path has no keys |
/// | [`Instance`] | the instance at its path, or with its keys |
/// | a struct with a [`CimClass`] | the instance with its key fields |
///
/// An invalid object path, or an instance without a path and keys, fails the request before it is sent
/// ([`Error::InvalidParameter`](crate::Error::InvalidParameter)).
///
/// ```
/// # wsman::doc_examples::run(async |session, _| {
/// use wsman::cim::CimClass;
/// #[derive(serde::Serialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Service {
///     name: String,
/// }
/// impl CimClass for Service {
///     const CLASS: &'static str = "Win32_Service";
///     const KEYS: &'static [&'static str] = &["Name"];
/// }
/// let spooler = Service { name: "Spooler".into() };
/// session.invoke_method(&spooler, "StopService").await?;
/// session.invoke_method(r#"Win32_Service.Name="Spooler""#, "StartService").await?;
/// let service = session.get_instance(&spooler).await?;
/// assert_eq!(service.get::<String>("State")?, "Running");
/// session.delete_instance(&service).optional().await?;
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct TargetPath(Result<InstancePath, ValueError>);

impl TargetPath {
    /// Returns the path, or the error of what should name one.
    pub(super) fn path(&self) -> Result<&InstancePath, Error> {
        self.0
            .as_ref()
            .map_err(|error| invalid_parameter(error.clone()))
    }
}

impl From<InstancePath> for TargetPath {
    fn from(path: InstancePath) -> Self {
        Self(Ok(path))
    }
}

impl From<&InstancePath> for TargetPath {
    fn from(path: &InstancePath) -> Self {
        Self(Ok(path.clone()))
    }
}

impl From<&str> for TargetPath {
    /// Parses an object path: the path of an instance, or the name of a class.
    fn from(text: &str) -> Self {
        Self(text.parse())
    }
}

impl From<String> for TargetPath {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for TargetPath {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Instance> for TargetPath {
    fn from(instance: Instance) -> Self {
        Self::from(&instance)
    }
}

impl From<&Instance> for TargetPath {
    /// Uses the class of the instance, which may be derived from that of its path and have more methods.
    fn from(instance: &Instance) -> Self {
        let path = instance.path().ok_or_else(|| unnamed(instance));
        Self(path.map(|path| match instance.class().as_str() {
            // The rows of a query may lack the name of their class.
            "" => path,
            _ => {
                let keys = path.keys().clone();
                path.of_instance(instance.class().clone(), keys)
            }
        }))
    }
}

impl<T: Serialize + CimClass> From<&T> for TargetPath {
    fn from(typed: &T) -> Self {
        let instance = Instance::from_struct(typed);
        Self(instance.and_then(|instance| Self::from(&instance).0))
    }
}

fn unnamed(instance: &Instance) -> ValueError {
    match instance.path_problem() {
        Some(problem) => {
            serde::de::Error::custom(format_args!("the instance has no path: {problem}"))
        }
        None => ValueError::missing(UNNAMED),
    }
}

const UNNAMED: &str = "the keys of the instance; for a static method pass the name of the class";
