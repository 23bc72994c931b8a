//! The target of a method call.

use serde::Serialize;

use crate::cim::{CimClass, Instance, InstancePath, ValueError};

/// The target of a method call: an instance, or a class for a static method.
///
/// | converted from | target |
/// |---|---|
/// | [`InstancePath`], or its text | the instance, or the class if the path has no keys |
/// | [`Instance`] | the instance at its path, or with its keys |
/// | a struct with a [`CimClass`] | the instance with its key fields |
///
/// An invalid object path, or an instance without a path and keys, fails the request before it is sent.
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
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct MethodTarget(Result<InstancePath, ValueError>);

impl MethodTarget {
    pub(super) fn into_path(self) -> Result<InstancePath, ValueError> {
        self.0
    }
}

impl From<InstancePath> for MethodTarget {
    fn from(path: InstancePath) -> Self {
        Self(Ok(path))
    }
}

impl From<&InstancePath> for MethodTarget {
    fn from(path: &InstancePath) -> Self {
        Self(Ok(path.clone()))
    }
}

impl From<&str> for MethodTarget {
    /// Parses an object path: the path of an instance, or the name of a class.
    fn from(text: &str) -> Self {
        Self(text.parse())
    }
}

impl From<String> for MethodTarget {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Instance> for MethodTarget {
    /// Uses the class of the instance, which may be derived from that of its path and have more methods.
    fn from(instance: &Instance) -> Self {
        let path = instance.path().ok_or_else(|| ValueError::missing(UNNAMED));
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

impl<T: Serialize + CimClass> From<&T> for MethodTarget {
    fn from(typed: &T) -> Self {
        let instance = Instance::from_struct(typed);
        Self(instance.and_then(|instance| Self::from(&instance).0))
    }
}

const UNNAMED: &str = "the keys of the instance on which the method is called; for a static method pass the \
    name of the class";
