//! Converts an instance to the types that its class declares.

use std::collections::HashMap;

use crate::cim::{Char16Text, Class, Instance};

impl Instance {
    /// Returns the instance with its values as the class declares them ([`PropertyDecl::declared`]).
    /// Untyped text gets its type, and a single value becomes an array if one is declared. A value that
    /// cannot be converted stays unchanged.
    ///
    /// Embedded instances keep their values, because they are of another class.
    ///
    /// [`PropertyDecl::declared`]: crate::cim::PropertyDecl::declared
    ///
    /// ```
    /// use wsman::Instance;
    /// use wsman::cim::{CimType, Class, Value};
    /// let class = Class::new("Lamp").with("Level", CimType::Uint8).with_array("Tags", CimType::String);
    /// let read = |text: &str| Value::Untyped(text.into());
    /// let lamp = Instance::new("Lamp").with("Level", read("7")).with("Tags", read("hall"));
    /// let lamp = lamp.typed_by(&class);
    /// assert_eq!(lamp.value("Level"), Some(&Value::Uint8(7)));
    /// assert_eq!(lamp.value("Tags"), Some(&Value::from(vec!["hall"])));
    /// ```
    #[must_use]
    pub fn typed_by(self, class: &Class) -> Self {
        self.typed_in(class, Char16Text::default())
    }

    /// Does the same for a server that writes a `char16` in this form.
    pub(crate) fn typed_in(mut self, class: &Class, char16_text: Char16Text) -> Self {
        let declared = class.properties().iter();
        let declared: HashMap<_, _> = declared.map(|decl| (&decl.name, decl)).collect();
        for property in self.properties_mut() {
            let declared = declared.get(property.name());
            if declared.is_some_and(|declared| declared.secret) {
                property.mark_secret();
            }
            if let Some(Ok(value)) =
                declared.map(|declared| declared.declared_in(property.value(), char16_text))
            {
                *property.value_mut() = value;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::{CimType, Property, Value};

    #[test]
    fn keeps_unconvertible_values_and_marks_nothing_modified() {
        let class = Class::new("A")
            .with("Id", CimType::Uint8)
            .with("Peer", CimType::Reference)
            .with("Part", CimType::Instance);
        let mut read = Instance::new("A");
        for (name, text) in [
            ("Id", "300"),
            ("Peer", "B.K=1"),
            ("Part", "p"),
            ("More", "1"),
        ] {
            read.push_read(Property::read(name.into(), Value::Untyped(text.into())));
        }
        let typed = read.typed_by(&class);
        let types = typed.properties().iter().map(|p| p.value().cim_type());
        assert!(types.eq([None, Some(CimType::Reference), None, None]));
        assert_eq!(typed.modified().count(), 0);
    }
}
