//! An instance and its properties.

mod collect;
mod diff;
mod display;
mod named;
mod raw;
mod raw_xml;
mod secret;
mod typed;

use std::sync::Arc;

pub use diff::PropertyChange;
pub use named::PathProblem;
use raw::RawXml;

use super::{InstancePath, Key, Keys, Name, Namespace, Value, ValueError};

/// An instance of a CIM class: its class, its properties and, if known, its path.
///
/// A *missing* property is not sent; a *NULL* property is sent as `xsi:nil`. The README lists how
/// servers treat each. An instance built by hand marks its keys with [`Instance::with_key`]; an instance
/// read from a server has its path. A property that is set after the instance was read counts as
/// modified. Clones share the properties until one of them changes.
///
/// ```
/// use wsman::Instance;
/// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Type", 0u32).with_null("Description");
/// assert_eq!(share.get::<u32>("type")?, 0);
/// assert!(share.property("Description").unwrap().value().is_null());
/// assert!(share.property("Path").is_none());
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Instance {
    class: Name,
    path: Option<Box<InstancePath>>,
    path_problem: Option<PathProblem>,
    singleton: bool,
    /// Shared with clones; every request takes a clone.
    properties: Arc<Vec<Property>>,
    raw: Option<Box<RawXml>>,
}

/// A property of an instance.
#[derive(Clone)]
pub struct Property {
    name: Name,
    value: Value,
    key: bool,
    modified: bool,
    altered: bool,
    /// Its class marks it secret.
    secret: bool,
}

impl Instance {
    /// Creates an instance of a class, without properties.
    pub fn new(class: impl Into<Name>) -> Self {
        Self {
            class: class.into(),
            path: None,
            path_problem: None,
            singleton: false,
            properties: Arc::default(),
            raw: None,
        }
    }

    /// Sets a key property, which also selects the instance.
    #[must_use]
    pub fn with_key(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.put(name.into(), value.into(), true);
        self
    }

    /// Sets a property.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a property to NULL, which differs from leaving it out.
    #[must_use]
    pub fn with_null(self, name: impl Into<Name>) -> Self {
        self.with(name, Value::Null)
    }

    /// Marks the instance as the only one of its class, without keys.
    #[must_use]
    pub fn singleton(mut self) -> Self {
        self.singleton = true;
        self
    }

    /// Sets the path of the instance.
    #[must_use]
    pub fn with_path(mut self, path: InstancePath) -> Self {
        self.set_path(path);
        self
    }

    /// Returns the instance without its path, such as for a copy under other keys.
    ///
    /// The keys of an instance that was read are not marked: mark those of the copy.
    ///
    /// ```
    /// use wsman::{Instance, InstancePath};
    /// let read = Instance::new("Win32_Share").with("Name", "logs").with("Path", r"C:\logs")
    ///     .with_path(InstancePath::new("Win32_Share").with_key("Name", "logs"));
    /// let copy = read.without_path().with_key("Name", "data");
    /// assert_eq!(copy.path().unwrap().to_string(), r#"Win32_Share.Name="data""#);
    /// ```
    #[must_use]
    pub fn without_path(mut self) -> Self {
        self.path = None;
        self.path_problem = None;
        self
    }

    /// Sets a property and marks it modified; a key stays a key.
    pub fn set(&mut self, name: impl Into<Name>, value: impl Into<Value>) -> &mut Self {
        self.put(name.into(), value.into(), false);
        self
    }

    pub(super) fn put(&mut self, name: Name, value: Value, key: bool) {
        self.forget_raw_xml(&name);
        let properties = self.properties_mut();
        match properties.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                known.value = value;
                known.key |= key;
                known.modified = true;
                known.altered = false;
            }
            None => properties.push(Property {
                name,
                value,
                key,
                modified: true,
                altered: false,
                secret: false,
            }),
        }
    }

    /// Removes a property, so that it is missing.
    pub fn remove(&mut self, name: &str) -> Option<Property> {
        let index = self
            .properties
            .iter()
            .position(|property| property.name == name)?;
        Some(self.properties_mut().remove(index))
    }

    /// Returns the class.
    pub fn class(&self) -> &Name {
        &self.class
    }

    /// Returns the properties, in the order in which they were set or sent.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// Returns a property by its name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// Returns the value of a property; `None` if it is missing.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.property(name).map(Property::value)
    }

    /// Reads a property as a Rust type; untyped text is parsed as that type. Use `Option` for a
    /// property that may be missing or NULL.
    ///
    /// # Errors
    /// Fails if the property is missing, NULL or not of that type. The error names the property and the
    /// type.
    pub fn get<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(
        &self,
        name: &str,
    ) -> Result<T, ValueError> {
        let property = self.property(name);
        T::try_from(property.map_or(&Value::Null, Property::value)).map_err(|error| {
            let error = match property {
                Some(property) => property.explain(error),
                None => ValueError::missing(error.wanted()),
            };
            error.in_property(name)
        })
    }

    /// Returns the octets of a property: an octet string, an array of `uint8`, or base64 text from a
    /// server that sends no types. See [`Value::to_octets`].
    ///
    /// ```
    /// use wsman::{Instance, cim::Value};
    /// let read = Instance::new("AMT_PublicKeyCertificate").with("X509Certificate", Value::Untyped("MIIC\nxg==".into()));
    /// assert_eq!(read.octets("X509Certificate")?, [0x30, 0x82, 0x02, 0xc6]);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the property is missing, NULL or holds no octets. The error names the property.
    pub fn octets(&self, name: &str) -> Result<Vec<u8>, ValueError> {
        let octets = match self.property(name) {
            Some(property) => {
                let octets = property.value().to_octets();
                octets.map_err(|error| property.explain(error))
            }
            None => Err(ValueError::missing("octets")),
        };
        octets.map_err(|error| error.in_property(name))
    }

    /// Returns the names of the properties that the caller set. A Windows client sends them as the
    /// modified-properties list.
    pub fn modified(&self) -> impl Iterator<Item = &Name> {
        self.properties
            .iter()
            .filter(|property| property.modified)
            .map(|property| &property.name)
    }

    /// Returns the path of the instance: the path it was read from or given, else one of its own keys;
    /// `None` if it has neither.
    ///
    /// A path without keys only gives the namespace. Class and keys are then those of the instance, and
    /// there are no keys if none were marked.
    ///
    /// ```
    /// use wsman::{Instance, InstancePath};
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Type", 0u32);
    /// assert_eq!(share.path().unwrap().to_string(), r#"Win32_Share.Name="logs""#);
    /// let here = InstancePath::new("Win32_Share").in_namespace("root/cimv2".parse()?);
    /// let path = share.with_path(here).path().unwrap();
    /// assert_eq!(path.to_string(), r#"root\cimv2:Win32_Share.Name="logs""#);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn path(&self) -> Option<InstancePath> {
        match self.path.as_deref() {
            Some(path) if !matches!(path.keys(), Keys::Class) => Some(path.clone()),
            Some(place) => {
                let place = place.clone();
                Some(place.of_instance(self.class.clone(), self.own_keys()))
            }
            None => match self.own_keys() {
                Keys::Class => None,
                keys => Some(InstancePath::of_parts(self.class.clone(), keys)),
            },
        }
    }

    /// Returns the keys that were marked on the instance itself.
    fn own_keys(&self) -> Keys {
        if self.singleton {
            return Keys::Singleton;
        }
        let marked = self.properties.iter().filter(|property| property.key);
        let keys: Vec<Key> = marked.map(Property::to_key).collect();
        if keys.is_empty() {
            Keys::Class
        } else {
            Keys::Named(keys)
        }
    }

    /// Returns the namespace of the path that the instance was read from or given.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.path.as_deref().and_then(InstancePath::namespace)
    }

    /// Marks every property as not modified, as if the instance had just been read.
    pub fn set_unmodified(&mut self) {
        self.properties_mut()
            .iter_mut()
            .for_each(|property| property.modified = false);
    }

    /// Creates an instance as the server sent it.
    pub(crate) fn read(class: Name, path: Option<InstancePath>, properties: Vec<Property>) -> Self {
        Self {
            class,
            path: path.map(Box::new),
            path_problem: None,
            singleton: false,
            properties: Arc::new(properties),
            raw: None,
        }
    }

    /// Adds a property as the server sent it.
    #[cfg(any(test, feature = "simulator"))]
    pub(crate) fn push_read(&mut self, property: Property) {
        self.properties_mut().push(property);
    }

    /// Returns the properties for writing; copies them if they are shared.
    pub(crate) fn properties_mut(&mut self) -> &mut Vec<Property> {
        Arc::make_mut(&mut self.properties)
    }

    /// Returns the path that the instance was read from or given, whatever it names.
    pub(crate) fn place(&self) -> Option<&InstancePath> {
        self.path.as_deref()
    }

    /// Sets the class of an instance that was read.
    pub(crate) fn set_class(&mut self, class: Name) {
        self.class = class;
    }

    /// Returns the properties, owned.
    pub fn into_properties(self) -> Vec<Property> {
        Arc::unwrap_or_clone(self.properties)
    }

    /// Returns the properties; `None` if a clone shares them.
    pub(crate) fn into_unshared_properties(self) -> Option<Vec<Property>> {
        Arc::into_inner(self.properties)
    }

    /// Sets the path of an instance that was read.
    pub(crate) fn set_path(&mut self, path: InstancePath) {
        self.path = Some(Box::new(path));
        self.path_problem = None;
    }
}

impl PartialEq for Instance {
    /// Instances are equal if class and properties are equal, in any order. Path, key marks and
    /// modified marks do not count.
    fn eq(&self, other: &Self) -> bool {
        self.class == other.class
            && self.properties.len() == other.properties.len()
            && self
                .properties
                .iter()
                .all(|p| other.value(p.name.as_str()) == Some(&p.value))
    }
}

impl Property {
    /// Creates a property as the server sent it: neither a key nor modified.
    pub(crate) fn read(name: Name, value: Value) -> Self {
        Self {
            name,
            value,
            key: false,
            modified: false,
            altered: false,
            secret: false,
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Returns the value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Returns whether it was marked a key.
    pub fn is_key(&self) -> bool {
        self.key
    }

    /// Returns whether the caller set it, by hand or since it was read.
    pub fn is_modified(&self) -> bool {
        self.modified
    }

    /// Returns the value, owned.
    pub fn into_value(self) -> Value {
        self.value
    }

    pub(crate) fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    fn to_key(&self) -> Key {
        Key {
            name: self.name.clone(),
            value: self.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_property_and_keeps_its_key_mark() {
        let mut share = Instance::new("Win32_Share").with_key("Name", "logs");
        share.set("NAME", "data").set("Type", 0u32);
        assert_eq!(share.properties().len(), 2);
        assert!(share.property("name").is_some_and(Property::is_key));
        assert_eq!(share.get::<String>("Name").unwrap(), "data");
        assert!(share.remove("type").is_some() && share.value("Type").is_none());
    }

    #[test]
    fn marks_only_set_properties_as_modified() {
        let mut share = Instance::new("Win32_Share");
        for name in ["Name", "Type"] {
            share.push_read(Property::read(name.into(), Value::Null));
        }
        share.set("type", 1u32);
        assert!(share.modified().eq(&[Name::new("Type")]));
    }

    #[test]
    fn changing_a_clone_keeps_the_original() {
        let share = Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Type", 0u32);
        let mut other = share.clone();
        other.set("Type", 1u32).set("Path", "C:");
        let mut unmodified = share.clone();
        unmodified.set_unmodified();
        assert!(share.clone().remove("Type").is_some());
        assert_eq!((share.get("Type"), other.get("Type")), (Ok(0u32), Ok(1u32)));
        assert_eq!((share.properties().len(), other.properties().len()), (2, 3));
        assert_eq!(
            (share.modified().count(), unmodified.modified().count()),
            (2, 0)
        );
    }

    #[test]
    fn distinguishes_missing_from_null() {
        let share = Instance::new("Win32_Share").with_null("Type");
        let (missing, null) = (share.get::<u32>("Path"), share.get::<u32>("Type"));
        assert!(missing.unwrap_err().is_missing() && !null.unwrap_err().is_missing());
        assert_eq!(share.get::<Option<u32>>("Path"), Ok(None));
        assert_eq!(share.get::<Option<u32>>("Type"), Ok(None));
    }

    #[test]
    fn takes_the_path_from_the_given_keys_or_its_own() {
        let given = InstancePath::new("Win32_Share").with_key("Name", "data");
        let share = Instance::new("Win32_Share").with_key("Name", "logs");
        assert_eq!(share.clone().with_path(given.clone()).path(), Some(given));

        let here = InstancePath::new("CIM_Share").in_namespace("root/x".parse().unwrap());
        let own = share.path().unwrap();
        let path = share.with_path(here.clone()).path().unwrap();
        assert!(path.same_instance(&own));
        assert_eq!(path.namespace(), here.namespace());

        let only = Instance::new("A").singleton();
        assert_eq!(only.path(), Some(InstancePath::singleton("A")));
        let keyless = Instance::new("A").with_path(here.clone()).path().unwrap();
        assert!(keyless.keys().named().is_empty());
        assert_eq!(keyless.namespace(), here.namespace());
        assert_eq!(Instance::new("A").path(), None);
    }

    #[test]
    fn equality_ignores_the_order() {
        let a = Instance::new("A").with("X", 1u8).with("Y", "y");
        assert_eq!(a, Instance::new("a").with("y", "y").with_key("x", 1u8));
        assert_ne!(a, Instance::new("A").with("X", 1u16).with("Y", "y"));
    }
}
