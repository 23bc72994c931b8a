//! An instance and its properties.

use super::{InstancePath, Keys, Name, Namespace, Value, ValueError};

/// An instance of a CIM class: the class, properties, and where it lives if that is known.
///
/// A property that is *missing* is not sent; one that is *NULL* is sent as `xsi:nil`. What servers
/// make of each differs (see the README). An instance built by hand marks its keys with
/// [`Instance::key`]; one that a server sent knows its path. Every property that is set after the
/// instance was read counts as modified.
///
/// ```
/// use wsman::Instance;
/// let share = Instance::new("Win32_Share").key("Name", "logs").with("Type", 0u32).with_null("Description");
/// assert_eq!(share.get::<u32>("type")?, 0);
/// assert!(share.property("Description").unwrap().value().is_null());
/// assert!(share.property("Path").is_none());
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Instance {
    class: Name,
    path: Option<Box<InstancePath>>,
    singleton: bool,
    properties: Vec<Property>,
}

/// A property of an instance.
#[derive(Clone, Debug)]
pub struct Property {
    name: Name,
    value: Value,
    key: bool,
    modified: bool,
}

impl Instance {
    /// An instance of a class, without properties.
    pub fn new(class: impl Into<Name>) -> Self {
        Self { class: class.into(), path: None, singleton: false, properties: Vec::new() }
    }

    /// Sets a key: a property that also selects the instance.
    #[must_use]
    pub fn key(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.set(name, value).key = true;
        self
    }

    /// Sets a property.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a property to NULL, which is not the same as leaving it out.
    #[must_use]
    pub fn with_null(self, name: impl Into<Name>) -> Self {
        self.with(name, Value::Null)
    }

    /// Says that the class has only one instance, so that there are no keys.
    #[must_use]
    pub fn singleton(mut self) -> Self {
        self.singleton = true;
        self
    }

    /// Sets where the instance lives.
    #[must_use]
    pub fn with_path(mut self, path: InstancePath) -> Self {
        self.path = Some(Box::new(path));
        self
    }

    /// Sets a property and counts it as modified; a key stays a key.
    pub fn set(&mut self, name: impl Into<Name>, value: impl Into<Value>) -> &mut Property {
        let (name, value) = (name.into(), value.into());
        let index = match self.properties.iter().position(|property| property.name == name) {
            Some(index) => index,
            None => {
                self.properties.push(Property::read(name, Value::Null));
                self.properties.len() - 1
            }
        };
        let property = &mut self.properties[index];
        property.value = value;
        property.modified = true;
        property
    }

    /// Takes a property out, so that it is missing.
    pub fn remove(&mut self, name: &str) -> Option<Property> {
        let index = self.properties.iter().position(|property| property.name == name)?;
        Some(self.properties.remove(index))
    }

    /// The class.
    pub fn class(&self) -> &Name {
        &self.class
    }

    /// The properties, in the order they were set or sent.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// A property by its name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The value of a property; `None` if it is missing.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.property(name).map(Property::value)
    }

    /// A property as a Rust type, untyped text read as that type; ask for an `Option` where the
    /// property may be missing or NULL.
    ///
    /// # Errors
    /// The property is missing, NULL or not of that type; the error names it, its text and the type.
    pub fn get<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(
        &self,
        name: &str,
    ) -> Result<T, ValueError> {
        let value = self.value(name).unwrap_or(&Value::Null);
        T::try_from(value).map_err(|error| error.in_property(name))
    }

    /// The names of the properties that were set by hand or after the instance was read: what a
    /// Windows client sends as the modified-properties list.
    pub fn modified(&self) -> impl Iterator<Item = &Name> {
        self.properties.iter().filter(|property| property.modified).map(|property| &property.name)
    }

    /// Where the instance lives: the path it was read from or given, else its own keys; `None` if it
    /// has neither.
    pub fn path(&self) -> Option<InstancePath> {
        if let Some(path) = &self.path {
            return Some((**path).clone());
        }
        if self.singleton {
            return Some(InstancePath::singleton(self.class.clone()));
        }
        let mut path = InstancePath::new(self.class.clone());
        for property in self.properties.iter().filter(|property| property.key) {
            path.set_key(property.name.clone(), property.value.clone());
        }
        (!matches!(path.keys(), Keys::Class)).then_some(path)
    }

    /// The namespace of the path the instance was read from or given.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.path.as_deref().and_then(InstancePath::namespace)
    }

    /// Adds a property as a server sent it.
    pub(crate) fn push_read(&mut self, property: Property) {
        self.properties.push(property);
    }

    /// The last property, to which a repeated element of an array is added.
    pub(crate) fn properties_mut(&mut self) -> &mut Vec<Property> {
        &mut self.properties
    }

    /// Sets the path of an instance that was read.
    pub(crate) fn set_path(&mut self, path: InstancePath) {
        self.path = Some(Box::new(path));
    }
}

impl PartialEq for Instance {
    /// Instances are equal if their class and their properties are, in any order; where they live,
    /// which properties are keys and which were modified does not count.
    fn eq(&self, other: &Self) -> bool {
        self.class == other.class
            && self.properties.len() == other.properties.len()
            && self.properties.iter().all(|p| other.value(p.name.as_str()) == Some(&p.value))
    }
}

impl Property {
    /// A property as a server sent it: neither a key nor modified.
    pub(crate) fn read(name: Name, value: Value) -> Self {
        Self { name, value, key: false, modified: false }
    }

    /// The name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether it was marked a key.
    pub fn is_key(&self) -> bool {
        self.key
    }

    /// Whether it was set by hand or since it was read.
    pub fn is_modified(&self) -> bool {
        self.modified
    }

    /// Marks the property a key.
    pub(crate) fn mark_key(&mut self) {
        self.key = true;
    }

    pub(crate) fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }
}
