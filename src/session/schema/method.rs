//! Validates the arguments of a method against its class, and types its results.

use super::get_class::known_class;
use crate::cim::{Char16Text, Instance, MethodDecl, Name, ParameterDecl, PropertyDecl};
use crate::cim::{Value, WbemStatus};
use crate::error::{Error, Failure};
use crate::session::call::Call;
use crate::session::target::Target;

/// Returns the declaration of a method of the target's class. Reading it changes nothing, so its error
/// says that the call was not sent.
pub(in crate::session) async fn known_method(
    call: &Call,
    target: &Target,
    method: &Name,
) -> Result<MethodDecl, Error> {
    let class = known_class(call, target.namespace.as_ref(), &target.class).await;
    let class = class.map_err(Error::before_sending)?;
    class.method(method.as_str()).cloned().ok_or_else(|| {
        let text = format!("the class {} has no method {method}", class.name());
        Error::NotSupported(Failure::new(text).wbem(Some(WbemStatus::INVALID_METHOD)))
    })
}

/// Validates arguments, and converts them to the declared types if the conversion loses nothing.
pub(in crate::session) fn checked_arguments(
    method: &MethodDecl,
    mut arguments: Instance,
) -> Result<Instance, Error> {
    for argument in arguments.properties_mut() {
        let name = argument.name();
        let declared = method.inputs().find(|declared| declared.name == *name);
        let declared = declared.ok_or_else(|| {
            let text = format!("the method {} has no input parameter {name}", method.name);
            let status = WbemStatus::INVALID_METHOD_PARAMETERS;
            Error::InvalidParameter(Failure::new(text).wbem(Some(status)))
        })?;
        *argument.value_mut() = of_type(declared)
            .declared(argument.value())
            .map_err(|error| {
                let text = format!("method {}: {error}", method.name);
                Error::TypeMismatch(Failure::new(text).told_by(error))
            })?;
        if declared.secret {
            argument.mark_secret();
        }
    }
    Ok(arguments)
}

/// Converts an output to its declared type; a value that does not convert stays as received.
pub(in crate::session) fn typed_output(
    method: &MethodDecl,
    name: &Name,
    value: Value,
    char16_text: Char16Text,
) -> Value {
    let declared = method.outputs().find(|declared| declared.name == *name);
    match declared.map(|declared| of_type(declared).declared_in(&value, char16_text)) {
        Some(Ok(typed)) => typed,
        _ => value,
    }
}

/// Returns the property with the type of a parameter, for its conversions.
fn of_type(parameter: &ParameterDecl) -> PropertyDecl {
    let property = PropertyDecl::new(parameter.name.clone(), parameter.cim_type);
    let property = if parameter.secret {
        property.secret()
    } else {
        property
    };
    if parameter.array {
        property.array()
    } else {
        property
    }
}
