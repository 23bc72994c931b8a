//! What differs between two instances.

use std::fmt;

use crate::cim::{Instance, Name, Property, Value};
use crate::secret::HIDDEN;
use crate::shown::Shown;

/// A property that differs between two instances ([`Instance::diff`]).
///
/// `Display` prints `Description: NULL -> changed`.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PropertyChange<'a> {
    /// The name of the property.
    pub name: &'a Name,
    /// The value in the instance itself; `None` if it is missing there.
    pub from: Option<&'a Value>,
    /// The value in the other instance; `None` if it is missing there.
    pub to: Option<&'a Value>,
    /// A class marks the property secret.
    secret: bool,
}

impl Instance {
    /// Returns the properties that differ in another instance: first those of this instance in their
    /// order, then those that only the other has.
    ///
    /// Untyped text equals a typed value that it parses to, numbers of any size are compared by value,
    /// and an untyped value equals an array of one: a server without types sends them alike. Missing
    /// differs from NULL. Class and path are not compared.
    ///
    /// ```
    /// use wsman::Instance;
    /// let before = Instance::new("Win32_Share").with("Name", "logs").with_null("Description");
    /// let mut after = before.clone();
    /// after.set("Description", "changed").set("Name", "logs");
    /// let changes: Vec<String> = before.diff(&after).iter().map(ToString::to_string).collect();
    /// assert_eq!(changes, ["Description: NULL -> changed"]);
    /// ```
    pub fn diff<'a>(&'a self, other: &'a Instance) -> Vec<PropertyChange<'a>> {
        let own = self.properties().iter().map(|property| PropertyChange {
            name: property.name(),
            from: Some(property.value()),
            to: other.value(property.name().as_str()),
            secret: property.is_secret()
                || other
                    .property(property.name().as_str())
                    .is_some_and(Property::is_secret),
        });
        let added = |property: &&Property| self.property(property.name().as_str()).is_none();
        let added = other.properties().iter().filter(added);
        let added = added.map(|property| PropertyChange {
            name: property.name(),
            from: None,
            to: Some(property.value()),
            secret: property.is_secret(),
        });
        own.filter(PropertyChange::differs).chain(added).collect()
    }
}

impl PropertyChange<'_> {
    fn differs(&self) -> bool {
        match (self.from, self.to) {
            (Some(from), Some(to)) => !from.says_same(to),
            _ => true,
        }
    }

    /// Returns a value as texts print it.
    fn printed(&self, value: Option<&Value>) -> String {
        match value {
            None => "missing".to_owned(),
            Some(value) if self.secret && !value.is_null() => HIDDEN.to_owned(),
            Some(value) => value.to_string(),
        }
    }
}

impl fmt::Debug for PropertyChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PropertyChange({self})")
    }
}

impl fmt::Display for PropertyChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.printed(self.from), self.printed(self.to));
        let name = Shown::new(self.name.as_str());
        write!(f, "{name}: {} -> {}", Shown::new(&from), Shown::new(&to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn names(changes: &[PropertyChange<'_>]) -> Vec<String> {
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lists_changed_removed_and_added_properties() {
        let before = Instance::new("A")
            .with("Same", Value::Untyped("7".into()))
            .with("Changed", 1u8)
            .with("Removed", "x")
            .with_null("Cleared");
        let after = Instance::new("B")
            .with("Added", true)
            .with("same", 7u32)
            .with("CHANGED", 2u8)
            .with("Cleared", "a\nb");
        assert_eq!(
            names(&before.diff(&after)),
            [
                "Changed: 1 -> 2",
                "Removed: x -> missing",
                r"Cleared: NULL -> a\nb",
                "Added: missing -> true"
            ]
        );
        let back = after.diff(&before);
        assert_eq!(back.len(), 4);
        assert!(back.iter().any(|c| c.name == "Added" && c.to.is_none()));
        assert_eq!(before.diff(&before.clone()), []);
    }

    #[test]
    fn hides_secrets() {
        let old = Instance::new("A").with("Password", Secret::from("hunter1"));
        let new = Instance::new("A").with("Password", Secret::from("hunter2"));
        let changes = old.diff(&new);
        assert_eq!(names(&changes), ["Password: *** -> ***"]);
        assert!(!format!("{changes:?}").contains("hunter"));
    }
}
