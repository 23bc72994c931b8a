//! An instance as a collection of properties.

use std::slice;
use std::vec;

use crate::cim::{Instance, Name, Property, Value};

impl<N: Into<Name>, V: Into<Value>> Extend<(N, V)> for Instance {
    /// Sets properties, as [`Instance::set`] does.
    ///
    /// ```
    /// use wsman::Instance;
    /// let mut share = Instance::new("Win32_Share").with_key("Name", "logs");
    /// share.extend([("Path", r"C:\logs"), ("Description", "the logs")]);
    /// assert_eq!(share.properties().len(), 3);
    /// ```
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, properties: I) {
        for (name, value) in properties {
            self.set(name, value);
        }
    }
}

impl<N: Into<Name>, V: Into<Value>> FromIterator<(N, V)> for Instance {
    /// Collects properties into an instance without a class, such as the arguments of a method. An
    /// operation that sends an instance refuses one without a class.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// use wsman::{Instance, Value};
    /// let arguments: Instance =
    ///     [("Name", Value::from("logs")), ("Path", Value::from(r"C:\logs")), ("Type", Value::from(0u32))]
    ///         .into_iter()
    ///         .collect();
    /// let created = session.invoke_method("Win32_Share", "Create").args(&arguments).await?;
    /// assert_eq!(created.return_code()?, 0);
    /// # Ok(()) });
    /// ```
    fn from_iter<I: IntoIterator<Item = (N, V)>>(properties: I) -> Self {
        let mut instance = Self::new("");
        instance.extend(properties);
        instance
    }
}

impl FromIterator<Property> for Instance {
    /// Collects the properties of another instance, with their key marks, into one without a class.
    fn from_iter<I: IntoIterator<Item = Property>>(properties: I) -> Self {
        let mut instance = Self::new("");
        instance.extend(properties);
        instance
    }
}

impl Extend<Property> for Instance {
    /// Sets the properties of another instance, as [`Instance::set`] does, and keeps their key marks.
    ///
    /// ```
    /// use wsman::Instance;
    /// let defaults = Instance::new("Win32_Share").with("Type", 0u32);
    /// let mut share = Instance::new("Win32_Share").with_key("Name", "logs");
    /// share.extend(defaults.into_properties());
    /// assert_eq!(share.get::<u32>("Type")?, 0);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    fn extend<I: IntoIterator<Item = Property>>(&mut self, properties: I) {
        for property in properties {
            let key = property.is_key();
            self.put(property.name().clone(), property.into_value(), key);
        }
    }
}

impl IntoIterator for Instance {
    type Item = Property;
    type IntoIter = vec::IntoIter<Property>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_properties().into_iter()
    }
}

impl<'a> IntoIterator for &'a Instance {
    type Item = &'a Property;
    type IntoIter = slice::Iter<'a, Property>;

    fn into_iter(self) -> Self::IntoIter {
        self.properties().iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_the_properties_of_another_instance() {
        let read = Instance::new("A")
            .with_key("Id", 1u8)
            .with("Tags", vec!["a"]);
        let mut copy = Instance::new("A").with("id", 2u8);
        copy.extend(read.clone());
        assert!(copy.property("Id").is_some_and(Property::is_key));
        assert_eq!(copy, read);
        copy.extend([("Tags", Value::Null)]);
        let values: Vec<Value> = copy.into_iter().map(Property::into_value).collect();
        assert_eq!(values, [Value::from(1u8), Value::Null]);
        assert_eq!((&read).into_iter().count(), 2);
    }
}
