//! Classes: the declarations of properties and methods.

mod method;
mod property;
mod qualifier;
mod secret;
mod shared;

pub use method::{MethodDecl, ParameterDecl};
pub use property::PropertyDecl;
pub use qualifier::Qualifier;

use self::shared::qualified;
use super::{CimType, Name};

/// The declaration of a class (DSP0004 5.1.2.7): superclass, properties, methods and qualifiers.
///
/// A class built by hand holds only the properties it declares. A class from a server also holds the
/// inherited ones if the request asked for them.
///
/// ```
/// use wsman::cim::{CimType, Class, PropertyDecl};
/// let share = Class::new("Win32_Share")
///     .extends("CIM_LogicalElement")
///     .with_key("Name", CimType::String)
///     .with("Type", CimType::Uint32)
///     .with_array("Tags", CimType::String)
///     .with_not_null("Path", CimType::String)
///     .with_property(PropertyDecl::new("Status", CimType::String).read_only().or_else("OK"));
/// assert!(share.property("name").is_some_and(|name| name.key));
/// assert_eq!(share.superclass().unwrap().as_str(), "CIM_LogicalElement");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    name: Name,
    superclass: Option<Name>,
    is_abstract: bool,
    is_singleton: bool,
    derivation: Vec<Name>,
    properties: Vec<PropertyDecl>,
    methods: Vec<MethodDecl>,
    qualifiers: Vec<Qualifier>,
}

qualified! { Class }

impl Class {
    /// Creates a class without properties.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            superclass: None,
            is_abstract: false,
            is_singleton: false,
            derivation: Vec::new(),
            properties: Vec::new(),
            methods: Vec::new(),
            qualifiers: Vec::new(),
        }
    }

    /// Sets the superclass.
    #[must_use]
    pub fn extends(mut self, superclass: impl Into<Name>) -> Self {
        self.superclass = Some(superclass.into());
        self
    }

    /// Marks the class abstract: it has subclasses and no instances (DSP0004 5.6.3.1).
    #[must_use]
    pub fn as_abstract(mut self) -> Self {
        self.is_abstract = true;
        self
    }

    /// Marks the class a singleton: it has at most one instance and no keys.
    #[must_use]
    pub fn as_singleton(mut self) -> Self {
        self.is_singleton = true;
        self
    }

    /// Declares a key.
    #[must_use]
    pub fn with_key(self, name: impl Into<Name>, cim_type: CimType) -> Self {
        self.with_property(PropertyDecl::new(name, cim_type).key())
    }

    /// Declares a property with a single value.
    #[must_use]
    pub fn with(self, name: impl Into<Name>, cim_type: CimType) -> Self {
        self.with_property(PropertyDecl::new(name, cim_type))
    }

    /// Declares an array.
    #[must_use]
    pub fn with_array(self, name: impl Into<Name>, element_type: CimType) -> Self {
        self.with_property(PropertyDecl::new(name, element_type).array())
    }

    /// Declares a property that must have a value.
    #[must_use]
    pub fn with_not_null(self, name: impl Into<Name>, cim_type: CimType) -> Self {
        self.with_property(PropertyDecl::new(name, cim_type).not_null())
    }

    /// Declares a property; replaces one of the same name.
    #[must_use]
    pub fn with_property(mut self, property: PropertyDecl) -> Self {
        shared::set(&mut self.properties, property);
        self
    }

    /// Declares a method; replaces one of the same name.
    #[must_use]
    pub fn with_method(mut self, method: MethodDecl) -> Self {
        shared::set(&mut self.methods, method);
        self
    }

    /// Marks the class an association: its references relate instances (qualifier `Association`).
    #[must_use]
    pub fn as_association(self) -> Self {
        self.qualified(Qualifier::flag("Association").fixed())
    }

    /// Marks the class an event class: its instances report that something happened (qualifier
    /// `Indication`, DSP0004 5.6.3).
    #[must_use]
    pub fn as_indication(self) -> Self {
        self.qualified(Qualifier::flag("Indication").fixed())
    }

    /// Sets all superclasses, the nearest first. The first one becomes the superclass.
    #[must_use]
    pub fn derived_from<N: Into<Name>>(mut self, classes: impl IntoIterator<Item = N>) -> Self {
        self.derivation = classes.into_iter().map(Into::into).collect();
        if let Some(nearest) = self.derivation.first() {
            self.superclass = Some(nearest.clone());
        }
        self
    }

    /// Sets all members as the server sent them.
    pub(crate) fn set_members(
        &mut self,
        properties: Vec<PropertyDecl>,
        methods: Vec<MethodDecl>,
        qualifiers: Vec<Qualifier>,
    ) {
        self.properties = properties;
        self.methods = methods;
        self.set_qualifiers(qualifiers);
    }

    fn understand(&mut self) {
        let says = |name| qualifier::says(&self.qualifiers, name);
        let (is_abstract, is_singleton) = (says("Abstract"), says("Singleton"));
        self.is_abstract = is_abstract.unwrap_or(self.is_abstract);
        self.is_singleton = is_singleton.unwrap_or(self.is_singleton);
    }

    /// Returns the name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Returns the superclass.
    pub fn superclass(&self) -> Option<&Name> {
        self.superclass.as_ref()
    }

    /// Returns whether it is abstract.
    pub fn is_abstract(&self) -> bool {
        self.is_abstract
    }

    /// Returns whether it is a singleton.
    pub fn is_singleton(&self) -> bool {
        self.is_singleton
    }

    /// Returns whether it is an association.
    pub fn is_association(&self) -> bool {
        qualifier::says(&self.qualifiers, "Association") == Some(true)
    }

    /// Returns whether its instances are events.
    pub fn is_indication(&self) -> bool {
        qualifier::says(&self.qualifiers, "Indication") == Some(true)
    }

    /// Returns all superclasses, the nearest first. Empty if the request did not ask for them or there
    /// are none.
    pub fn derivation(&self) -> &[Name] {
        &self.derivation
    }

    /// Returns the qualifiers, in order.
    pub fn qualifiers(&self) -> &[Qualifier] {
        &self.qualifiers
    }

    /// Returns the methods, in order.
    pub fn methods(&self) -> &[MethodDecl] {
        &self.methods
    }

    /// Returns a method by its name.
    pub fn method(&self, name: &str) -> Option<&MethodDecl> {
        shared::find(&self.methods, name)
    }

    /// Returns the properties, in order.
    pub fn properties(&self) -> &[PropertyDecl] {
        &self.properties
    }

    /// Returns a property by its name.
    pub fn property(&self, name: &str) -> Option<&PropertyDecl> {
        shared::find(&self.properties, name)
    }

    /// Returns the key properties, in order; empty if the class was read without qualifiers.
    pub fn keys(&self) -> impl Iterator<Item = &PropertyDecl> {
        self.properties.iter().filter(|property| property.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applies_the_qualifiers_of_a_class() {
        let class = Class::new("A")
            .derived_from(["B", "C"])
            .qualified(Qualifier::flag("abstract"))
            .as_association();
        assert!(class.is_abstract() && class.is_association() && !class.is_singleton());
        assert_eq!(class.superclass(), Some(&Name::new("B")));
    }

    #[test]
    fn a_second_declaration_replaces_the_first() {
        let class = Class::new("A")
            .with_key("Id", CimType::String)
            .with("id", CimType::Uint32);
        assert_eq!(class.properties().len(), 1);
        assert_eq!(class.keys().count(), 0);
        assert_eq!(
            class.property("ID").map(|id| id.cim_type),
            Some(CimType::Uint32)
        );
    }
}
