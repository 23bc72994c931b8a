//! The OptionSet: named values for the provider.

use std::fmt;

use super::DecodeError;
use crate::cim::ValueError;
use crate::xml::{Ns, Reader, Writer, trim};

/// One `w:Option` of a request (DSP0226 6.4).
///
/// On Windows, an option whose name starts with `wmi:` or `wmiarray:` becomes a value of the provider's
/// `IWbemContext` (MS-WSMV 3.1.4.1.10). Windows ignores an unknown option even with `MustComply`; OMI
/// ignores every unknown option.
///
/// ```
/// use wsman::WsmanOption;
/// let option = WsmanOption::new("wmi:__ProviderArchitecture", "64").with_type("xs:int");
/// assert_eq!(option.name(), "wmi:__ProviderArchitecture");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WsmanOption {
    name: String,
    value: String,
    value_type: Option<String>,
    must_comply: bool,
    is_secret: bool,
}

impl WsmanOption {
    /// Creates an option without a type.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            value_type: None,
            must_comply: false,
            is_secret: false,
        }
    }

    /// Hides the value in `Debug` and in recordings.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// Sets the `Type` attribute, such as `xs:boolean`: plain text on the wire, not a resolved name.
    #[must_use]
    pub fn with_type(mut self, value_type: impl Into<String>) -> Self {
        self.value_type = Some(value_type.into());
        self
    }

    /// Requires the server to fail if it does not support the option (`MustComply`).
    #[must_use]
    pub fn must_comply(mut self) -> Self {
        self.must_comply = true;
        self
    }

    /// Creates an `xs:boolean` option that is true.
    pub(crate) fn flag(name: &str) -> Self {
        Self::new(name, "true").with_type("xs:boolean")
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value, as text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the `Type` attribute.
    pub fn value_type(&self) -> Option<&str> {
        self.value_type.as_deref()
    }

    /// Writes a set; writes nothing without options.
    pub(crate) fn write_set(options: &[WsmanOption], w: &mut Writer) -> Result<(), ValueError> {
        if options.is_empty() {
            return Ok(());
        }
        w.open("w:OptionSet", &[])?;
        for option in options {
            let mut attributes = vec![("Name", option.name.as_str())];
            if let Some(value_type) = &option.value_type {
                attributes.push(("Type", value_type));
            }
            if option.must_comply {
                attributes.push(("MustComply", "true"));
            }
            w.open("w:Option", &attributes)?;
            let start = w.len();
            w.text(&option.value)?;
            if option.is_secret {
                w.mark_secret(start);
            }
            w.close("w:Option");
        }
        w.close("w:OptionSet");
        Ok(())
    }

    /// Reads a set; the reader is in it.
    pub(crate) fn read_set(reader: &mut Reader<'_>) -> Result<Vec<WsmanOption>, DecodeError> {
        let mut options = Vec::new();
        while let Some(element) = reader.child()? {
            let attribute = |name| reader.attribute(&element, Ns::None, name);
            let name = attribute("Name").unwrap_or_default().into_owned();
            let value_type = attribute("Type").map(|value| value.into_owned());
            let must_comply = attribute("MustComply").is_some_and(|must| trim(&must) == "true");
            let value = reader.text()?.into_owned();
            options.push(WsmanOption {
                name,
                value,
                value_type,
                must_comply,
                is_secret: false,
            });
        }
        Ok(options)
    }
}

impl fmt::Debug for WsmanOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { "***" } else { &self.value };
        f.debug_struct("WsmanOption")
            .field("name", &self.name)
            .field("value", &value)
            .field("value_type", &self.value_type)
            .field("must_comply", &self.must_comply)
            .finish()
    }
}
