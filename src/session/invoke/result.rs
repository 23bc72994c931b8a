//! The result of a method.

use serde::de::DeserializeOwned;

use crate::cim::{Instance, Value, ValueError};
use crate::protocol::{Output, RETURN_VALUE};

/// The result of a method: its return value and its out parameters.
///
/// Most servers send untyped values: request the Rust type with [`get`](Self::get) or
/// [`to_struct`](Self::to_struct).
///
/// ```
/// # wsman::doc_examples::run(async |session, _| {
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
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MethodResult {
    /// The return value of the method; NULL if it returns nothing.
    pub return_value: Value,
    /// The out parameters, as the properties of an instance of WMI's class `__PARAMETERS`.
    pub outputs: Instance,
}

impl MethodResult {
    /// Returns the return value as a code, which is 0 for success in most methods. The class documents
    /// the other codes.
    ///
    /// # Errors
    /// The method returns nothing, or a value that is not a `uint32`.
    pub fn return_code(&self) -> Result<u32, ValueError> {
        u32::try_from(&self.return_value).map_err(|error| error.in_property(RETURN_VALUE))
    }

    /// Returns an out parameter as a Rust type; use an `Option` if it may be missing or NULL.
    ///
    /// # Errors
    /// The parameter is missing, NULL or not of that type; the error names it, its text and the type.
    pub fn get<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(
        &self,
        name: &str,
    ) -> Result<T, ValueError> {
        self.outputs.get(name)
    }

    /// Reads the out parameters into a struct, as [`Instance::to_struct`] reads properties. A field named
    /// `ReturnValue` takes the return value.
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
