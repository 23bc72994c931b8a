//! Qualifiers of classes, properties, methods and parameters.

use super::shared::{Named, find};
use crate::cim::{CimType, Name, Value};

/// A qualifier of a class, property, method or parameter (DSP0004 5.6): a named value and its
/// propagation to subclasses.
///
/// ```
/// use wsman::cim::Qualifier;
/// let key = Qualifier::flag("Key").fixed();
/// assert!(key.is_true() && !key.overridable);
/// let units = Qualifier::new("Units", "Bytes").translatable();
/// assert_eq!(units.value.as_str(), Some("Bytes"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Qualifier {
    /// The name.
    pub name: Name,
    /// The value: a boolean, a number, a text or an array of these.
    pub value: Value,
    /// Whether a subclass may override the value (flavor `EnableOverride`).
    pub overridable: bool,
    /// Whether subclasses inherit it (flavor `ToSubclass`, else `Restricted`).
    pub to_subclass: bool,
    /// Whether the value is translated into several languages (flavor `Translatable`).
    pub translatable: bool,
    /// Whether it is inherited from a superclass.
    pub propagated: bool,
}

impl Qualifier {
    /// Creates a qualifier with the default flavors of DSP0004: inherited and overridable.
    pub fn new(name: impl Into<Name>, value: impl Into<Value>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            overridable: true,
            to_subclass: true,
            translatable: false,
            propagated: false,
        }
    }

    /// Creates a boolean qualifier that is true, such as `Key`.
    pub fn flag(name: impl Into<Name>) -> Self {
        Self::new(name, true)
    }

    /// Keeps subclasses from overriding it (flavor `DisableOverride`).
    #[must_use]
    pub fn fixed(mut self) -> Self {
        self.overridable = false;
        self
    }

    /// Keeps subclasses from inheriting it (flavor `Restricted`).
    #[must_use]
    pub fn restricted(mut self) -> Self {
        self.to_subclass = false;
        self
    }

    /// Marks its value as translatable (flavor `Translatable`).
    #[must_use]
    pub fn translatable(mut self) -> Self {
        self.translatable = true;
        self
    }

    /// Returns whether it is a boolean that is true.
    pub fn is_true(&self) -> bool {
        self.value.to::<bool>() == Ok(true)
    }
}

impl Named for Qualifier {
    fn name(&self) -> &Name {
        &self.name
    }
}

/// Returns the value of a boolean qualifier; `None` if it is missing.
pub(super) fn says(qualifiers: &[Qualifier], name: &str) -> Option<bool> {
    find(qualifiers, name).map(Qualifier::is_true)
}

/// Applies `EmbeddedInstance` and `EmbeddedObject` to a string: its type becomes an instance, of the
/// class that `EmbeddedInstance` names (DSP0004 5.6.3).
pub(super) fn embedded(qualifiers: &[Qualifier], cim_type: CimType) -> Option<Option<Name>> {
    if !matches!(cim_type, CimType::String | CimType::Instance) {
        return None;
    }
    let class = find(qualifiers, "EmbeddedInstance").and_then(|of| of.value.as_str());
    match class {
        Some(class) => Some(Some(Name::new(class))),
        None if says(qualifiers, "EmbeddedObject") == Some(true) => Some(None),
        None => None,
    }
}
