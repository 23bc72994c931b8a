//! Classes: what an instance may hold.

use super::{CimType, Name, Value};

/// The declaration of a class: its superclass, its own properties, what it is.
///
/// A plain model. Properties of a superclass are not repeated here; whoever knows all classes of a
/// namespace adds them (DSP0004 5.1.2.2).
///
/// ```
/// use wsman::cim::{CimType, Class, PropertyDecl};
/// let share = Class::new("Win32_Share")
///     .extends("CIM_LogicalElement")
///     .key("Name", CimType::String)
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
    properties: Vec<PropertyDecl>,
}

/// The declaration of a property.
///
/// ```
/// use wsman::cim::{CimType, PropertyDecl};
/// let tags = PropertyDecl::new("Tags", CimType::String).array().not_null();
/// assert!(tags.array && tags.not_null && !tags.key);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PropertyDecl {
    /// The name.
    pub name: Name,
    /// The type, or that of the elements.
    pub cim_type: CimType,
    /// Whether it is an array.
    pub array: bool,
    /// Whether it is a key (qualifier `Key`).
    pub key: bool,
    /// Whether it must have a value (qualifier `Required`, in WMI `not_null`).
    pub not_null: bool,
    /// Whether clients cannot change it (no qualifier `Write`).
    pub read_only: bool,
    /// The value it has when an instance is created without it; NULL if the class gives none.
    pub default: Value,
}

impl Class {
    /// A class without properties.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            superclass: None,
            is_abstract: false,
            is_singleton: false,
            properties: Vec::new(),
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

    /// Marks the class a singleton: it has one instance at most, and no keys.
    #[must_use]
    pub fn as_singleton(mut self) -> Self {
        self.is_singleton = true;
        self
    }

    /// Declares a key.
    #[must_use]
    pub fn key(self, name: impl Into<Name>, cim_type: CimType) -> Self {
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

    /// Declares a property, in place of one of the same name.
    #[must_use]
    pub fn with_property(mut self, property: PropertyDecl) -> Self {
        match self
            .properties
            .iter_mut()
            .find(|known| known.name == property.name)
        {
            Some(known) => *known = property,
            None => self.properties.push(property),
        }
        self
    }

    /// The name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The superclass.
    pub fn superclass(&self) -> Option<&Name> {
        self.superclass.as_ref()
    }

    /// Whether it is abstract.
    pub fn is_abstract(&self) -> bool {
        self.is_abstract
    }

    /// Whether it is a singleton.
    pub fn is_singleton(&self) -> bool {
        self.is_singleton
    }

    /// The properties it declares itself, in order.
    pub fn properties(&self) -> &[PropertyDecl] {
        &self.properties
    }

    /// A property it declares itself, by its name.
    pub fn property(&self, name: &str) -> Option<&PropertyDecl> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// The keys it declares itself, in order.
    pub fn keys(&self) -> impl Iterator<Item = &PropertyDecl> {
        self.properties.iter().filter(|property| property.key)
    }
}

impl PropertyDecl {
    /// A property with a single value that may be NULL and can be written.
    pub fn new(name: impl Into<Name>, cim_type: CimType) -> Self {
        Self {
            name: name.into(),
            cim_type,
            array: false,
            key: false,
            not_null: false,
            read_only: false,
            default: Value::Null,
        }
    }

    /// Makes it an array.
    #[must_use]
    pub fn array(mut self) -> Self {
        self.array = true;
        self
    }

    /// Makes it a key.
    #[must_use]
    pub fn key(mut self) -> Self {
        self.key = true;
        self
    }

    /// Makes NULL an error.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }

    /// Keeps clients from changing it.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Sets the value that it has when an instance is created without it.
    #[must_use]
    pub fn or_else(mut self, default: impl Into<Value>) -> Self {
        self.default = default.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_declaration_replaces_the_first() {
        let class = Class::new("A")
            .key("Id", CimType::String)
            .with("id", CimType::Uint32);
        assert_eq!(class.properties().len(), 1);
        assert_eq!(class.keys().count(), 0);
        assert_eq!(
            class.property("ID").map(|id| id.cim_type),
            Some(CimType::Uint32)
        );
    }
}
