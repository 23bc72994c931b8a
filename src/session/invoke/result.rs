//! What a method gave.

use serde::de::DeserializeOwned;

use crate::cim::{Instance, Value, ValueError};
use crate::protocol::{Output, RETURN_VALUE};

/// What a method gave: its return value and its out parameters.
///
/// Without a schema they are as typed as the server sent them, which most of the time is not at all:
/// ask for the Rust type.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = wsman::simulator::sample().start().await?;
/// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
/// #     .allow_unencrypted().namespace("root/cimv2").build()?;
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Added {
///     return_value: u32,
///     sum: u64,
/// }
/// let added = session.invoke_method("Demo_Item", "Add").arg("Numbers", vec![1u32, 2, 4]).await?;
/// assert_eq!(added.get::<u64>("Sum")?, 7);
/// let added: Added = added.to_struct()?;
/// assert_eq!((added.return_value, added.sum), (0, 7));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MethodResult {
    /// What the method returns; NULL if it returns nothing.
    pub return_value: Value,
    /// The out parameters as the properties of an instance of `__PARAMETERS`, WMI's name for them.
    pub outputs: Instance,
}

impl MethodResult {
    /// The return value as the code that most methods return, 0 for success. What another means is said
    /// by the class.
    ///
    /// # Errors
    /// The method returns nothing, or something that is no `uint32`.
    pub fn return_code(&self) -> Result<u32, ValueError> {
        u32::try_from(&self.return_value).map_err(|error| error.in_property(RETURN_VALUE))
    }

    /// An out parameter as a Rust type; ask for an `Option` where it may be missing or NULL.
    ///
    /// # Errors
    /// The parameter is missing, NULL or not of that type; the error names it, its text and the type.
    pub fn get<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(
        &self,
        name: &str,
    ) -> Result<T, ValueError> {
        self.outputs.get(name)
    }

    /// The out parameters as a struct, as [`Instance::to_struct`] reads properties; a field of the name
    /// `ReturnValue` is the return value.
    ///
    /// # Errors
    /// A parameter is missing, or its value is not of the type of the field; the error names it.
    pub fn to_struct<T: DeserializeOwned>(&self) -> Result<T, ValueError> {
        let all = self.outputs.clone();
        all.with(RETURN_VALUE, self.return_value.clone())
            .to_struct()
    }
}

impl From<Output> for MethodResult {
    fn from(output: Output) -> Self {
        Self {
            return_value: output.return_value,
            outputs: output.parameters,
        }
    }
}
