//! Validates the arguments of a method against its class, and types its results.

use super::get_class::known_class;
use crate::cim::{Char16Text, Instance, Keys, MethodDecl, Name, ParameterDecl, PropertyDecl};
use crate::cim::{Qualifier, Value, WbemStatus};
use crate::error::{Error, Failure};
use crate::session::call::Call;
use crate::session::target::Target;

/// The declaration of a method, as far as the class of the server has it.
pub(in crate::session) struct KnownMethod {
    pub(in crate::session) method: MethodDecl,
    /// Whether the class says which methods are static. OMI sends methods without qualifiers.
    tells_static: bool,
}

/// Returns the declaration of a method of the target's class. Reading it changes nothing, so its error
/// says that the call was not sent.
pub(in crate::session) async fn known_method(
    call: &Call,
    target: &Target,
    method: &Name,
) -> Result<KnownMethod, Error> {
    let class = known_class(call, target.namespace.as_ref(), &target.class).await;
    let class = class.map_err(Error::before_sending)?;
    let found = class.method(method.as_str()).cloned().ok_or_else(|| {
        let text = format!("the class {} has no method {method}", class.name());
        Error::NotSupported(Failure::new(text).wbem(Some(WbemStatus::INVALID_METHOD)))
    })?;
    Ok(KnownMethod {
        method: found,
        tells_static: class.methods().iter().any(has_qualifiers),
    })
}

fn has_qualifiers(method: &MethodDecl) -> bool {
    let of_parameter = |parameter: &ParameterDecl| !parameter.qualifiers.is_empty();
    !method.qualifiers.is_empty() || method.parameters.iter().any(of_parameter)
}

impl KnownMethod {
    /// Fails if a static method is called on an instance, or another one on the class.
    pub(in crate::session) fn check_target(&self, target: &Target) -> Result<(), Error> {
        let (name, class) = (&self.method.name, &target.class);
        let is_class = matches!(target.keys, Keys::Class);
        let text = match (self.method.is_static, is_class) {
            _ if !self.tells_static => return Ok(()),
            (true, true) | (false, false) => return Ok(()),
            (true, false) => {
                format!(
                    "the method {name} is static: call it on the class {class}, not on an instance"
                )
            }
            (false, true) => {
                format!(
                    "the method {name} is not static: call it on an instance of the class {class}"
                )
            }
        };
        Err(Error::InvalidParameter(Failure::new(text)))
    }

    /// Validates arguments, and converts them to the declared types if the conversion loses nothing.
    pub(in crate::session) fn checked_arguments(
        &self,
        mut arguments: Instance,
    ) -> Result<Instance, Error> {
        let method = &self.method;
        for argument in arguments.properties_mut() {
            let declared = input(method, argument.name())?;
            if argument.value().is_null() && is_required(declared) {
                let name = &declared.name;
                let text = format!(
                    "the parameter {name} of the method {} requires a value",
                    method.name
                );
                return Err(Error::IllegalNull(Failure::new(text)));
            }
            let typed = of_type(declared).declared(argument.value());
            *argument.value_mut() = typed.map_err(|error| {
                let text = format!("method {}: {error}", method.name);
                Error::TypeMismatch(Failure::new(text).told_by(error))
            })?;
            if declared.secret {
                argument.mark_secret();
            }
        }
        let mut required = method.inputs().filter(|declared| is_required(declared));
        match required.find(|declared| arguments.value(declared.name.as_str()).is_none()) {
            Some(missing) => {
                let text = format!(
                    "the method {} requires the parameter {}",
                    method.name, missing.name
                );
                Err(invalid_arguments(text))
            }
            None => Ok(arguments),
        }
    }
}

/// Returns the declaration of an argument, which must be an input.
fn input<'a>(method: &'a MethodDecl, name: &Name) -> Result<&'a ParameterDecl, Error> {
    match method.parameter(name.as_str()) {
        Some(declared) if declared.input => Ok(declared),
        Some(_) => {
            let text = format!(
                "{name} is an output parameter of the method {}",
                method.name
            );
            Err(invalid_arguments(text))
        }
        None => {
            let text = format!("the method {} has no input parameter {name}", method.name);
            Err(invalid_arguments(text))
        }
    }
}

/// Whether a parameter must have a value (DSP0004 5.6.3.43).
fn is_required(parameter: &ParameterDecl) -> bool {
    let says = |name| parameter.qualifier(name).is_some_and(Qualifier::is_true);
    says("Required") || says("Not_Null")
}

fn invalid_arguments(text: String) -> Error {
    let status = WbemStatus::INVALID_METHOD_PARAMETERS;
    Error::InvalidParameter(Failure::new(text).wbem(Some(status)))
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
