//! Methods of a class and their parameters.

use super::qualifier::{self, Qualifier};
use super::secret;
use super::shared::{self, qualified, typed};
use crate::cim::{CimType, Name};

/// The declaration of a method (DSP0004 5.1.2.9).
///
/// ```
/// use wsman::cim::{CimType, MethodDecl, ParameterDecl};
/// let increment = MethodDecl::new("Increment")
///     .returns(CimType::Uint32)
///     .with(ParameterDecl::input("By", CimType::Uint32))
///     .with(ParameterDecl::output("NewValue", CimType::Uint32));
/// assert!(increment.parameter("newvalue").is_some_and(|new| new.output && !new.input));
/// assert_eq!(increment.inputs().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MethodDecl {
    /// The name.
    pub name: Name,
    /// The type of the return value; `None` if the method returns nothing.
    pub return_type: Option<CimType>,
    /// The parameters, in order.
    pub parameters: Vec<ParameterDecl>,
    /// Whether the method is called on the class instead of an instance (qualifier `Static`).
    pub is_static: bool,
    /// The class that declared the method, if the request asked for it (`IncludeClassOrigin`).
    pub origin: Option<Name>,
    /// Whether the method is inherited, as far as the server reports it.
    pub propagated: bool,
    /// The qualifiers, in order.
    pub qualifiers: Vec<Qualifier>,
}

/// The declaration of a parameter.
///
/// A parameter is an input unless its qualifiers state otherwise: `In(false)`, or `Out` alone, as WMI
/// writes an output-only parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParameterDecl {
    /// The name.
    pub name: Name,
    /// The type of the parameter, or of its elements.
    pub cim_type: CimType,
    /// Whether the parameter is an array.
    pub array: bool,
    /// The class of a reference or an embedded instance, if declared.
    pub class: Option<Name>,
    /// Whether the caller passes it (qualifier `In`).
    pub input: bool,
    /// Whether the method returns it (qualifier `Out`).
    pub output: bool,
    /// Whether texts hide its value, as for a [property](super::PropertyDecl::secret).
    pub secret: bool,
    /// The qualifiers, in order.
    pub qualifiers: Vec<Qualifier>,
}

qualified! { MethodDecl }
qualified! { ParameterDecl }
typed! { ParameterDecl }

impl MethodDecl {
    /// Creates a method without a return value and without parameters.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            return_type: None,
            parameters: Vec::new(),
            is_static: false,
            origin: None,
            propagated: false,
            qualifiers: Vec::new(),
        }
    }

    /// Sets the type of the return value.
    #[must_use]
    pub fn returns(mut self, cim_type: CimType) -> Self {
        self.return_type = Some(cim_type);
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, parameter: ParameterDecl) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Makes it a static method, which is called on the class.
    #[must_use]
    pub fn as_static(mut self) -> Self {
        self.is_static = true;
        self
    }

    fn understand(&mut self) {
        let is_static = qualifier::says(&self.qualifiers, "Static");
        self.is_static = is_static.unwrap_or(self.is_static);
    }

    /// Returns a parameter by its name.
    pub fn parameter(&self, name: &str) -> Option<&ParameterDecl> {
        shared::find(&self.parameters, name)
    }

    /// Returns the input parameters.
    pub fn inputs(&self) -> impl Iterator<Item = &ParameterDecl> {
        self.parameters.iter().filter(|parameter| parameter.input)
    }

    /// Returns the output parameters.
    pub fn outputs(&self) -> impl Iterator<Item = &ParameterDecl> {
        self.parameters.iter().filter(|parameter| parameter.output)
    }
}

impl ParameterDecl {
    /// Creates an input parameter.
    pub fn input(name: impl Into<Name>, cim_type: CimType) -> Self {
        let name = name.into();
        let secret = secret::is_known(&name, cim_type);
        Self {
            name,
            cim_type,
            array: false,
            class: None,
            input: true,
            output: false,
            secret,
            qualifiers: Vec::new(),
        }
    }

    /// Creates an output parameter.
    pub fn output(name: impl Into<Name>, cim_type: CimType) -> Self {
        Self {
            input: false,
            output: true,
            ..Self::input(name, cim_type)
        }
    }

    /// Creates a parameter that is both input and output.
    pub fn in_out(name: impl Into<Name>, cim_type: CimType) -> Self {
        Self {
            output: true,
            ..Self::input(name, cim_type)
        }
    }

    fn understand(&mut self) {
        let says = |name| qualifier::says(&self.qualifiers, name);
        let (given, output) = (says("In"), says("Out"));
        if given.is_some() || output.is_some() {
            self.output = output == Some(true);
            self.input = given.unwrap_or(!self.output);
        }
        self.understand_embedded();
        self.secret |= secret::is_marked(&self.qualifiers);
    }

    /// Hides its value in texts, such as that of a password.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(qualifiers: &[Qualifier]) -> (bool, bool) {
        let parameter = ParameterDecl::input("P", CimType::String);
        let parameter = qualifiers
            .iter()
            .cloned()
            .fold(parameter, ParameterDecl::qualified);
        (parameter.input, parameter.output)
    }

    #[test]
    fn out_without_in_is_an_output_parameter() {
        let (given, output) = (Qualifier::flag("in"), Qualifier::flag("out"));
        assert_eq!(of(&[]), (true, false));
        assert_eq!(of(std::slice::from_ref(&given)), (true, false));
        assert_eq!(of(std::slice::from_ref(&output)), (false, true));
        assert_eq!(of(&[output, given]), (true, true));
        let neither = [Qualifier::new("In", false)];
        assert_eq!(of(&neither), (false, false));
    }

    #[test]
    fn applies_static_and_embedded_instance_qualifiers() {
        let create = MethodDecl::new("Create").qualified(Qualifier::flag("STATIC"));
        assert!(create.is_static && create.qualifier("static").is_some());
        let part = ParameterDecl::input("Part", CimType::String)
            .qualified(Qualifier::new("EmbeddedInstance", "Demo_Part"));
        assert_eq!(part.cim_type, CimType::Instance);
        assert_eq!(part.class, Some(Name::new("Demo_Part")));
    }
}
