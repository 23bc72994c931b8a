//! Invoke: the input and output parameters of a method (DSP0230 10.3; MS-WSMV 3.1.4.1.32).

use super::encode::write_properties;
use super::{Body, DecodeError, EncodeContext, WireForm};
use crate::cim::{Instance, Name, Value, ValueError};
use crate::xml::{Element, Writer};

/// The element of the return value, beside the output parameters.
pub(crate) const RETURN_VALUE: &str = "ReturnValue";

/// WMI's name for the class of a parameter set; it is not on the wire.
pub(crate) const PARAMETERS: &str = "__PARAMETERS";

/// The result of a method.
#[derive(Debug)]
pub(crate) struct Output {
    /// NULL from a method without a return value.
    pub(crate) return_value: Value,
    pub(crate) parameters: Instance,
}

/// Writes the body of a call: `<Method>_INPUT` in the namespace of the class.
pub(crate) fn write_input(
    w: &mut Writer,
    class: &str,
    method: &str,
    arguments: &Instance,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    let name = [method, "_INPUT"].concat();
    let class_uri = context.class_uri(class)?;
    let typed = context.form == WireForm::Windows;
    write_properties(w, (&name, &class_uri), typed, arguments, context)
}

/// Writes the body of a response, in an element with the name and namespace that its server uses.
#[cfg(feature = "simulator")]
pub(crate) fn write_output(
    w: &mut Writer,
    element: (&str, &str),
    outputs: &Instance,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    write_properties(w, element, false, outputs, context)
}

impl Body<'_, '_> {
    /// Reads the output parameters of a method and its return value. The name of the surrounding
    /// element is ignored: it should be `<Method>_OUTPUT`, and OMI also sends the method or the class.
    pub(crate) fn output(&mut self, first: Option<&Element<'_>>) -> Result<Output, DecodeError> {
        let mut parameters = match first {
            Some(element) if self.is_protocol(element) => {
                return Err(DecodeError::Unexpected(element.local_name().to_owned()));
            }
            Some(element) => {
                let class = Name::new(PARAMETERS);
                self.instances.holder(self.reader, element, class)?
            }
            None => Instance::new(PARAMETERS),
        };
        let return_value = parameters.remove(RETURN_VALUE);
        Ok(Output {
            return_value: return_value.map(|p| p.value().clone()).unwrap_or_default(),
            parameters,
        })
    }
}
