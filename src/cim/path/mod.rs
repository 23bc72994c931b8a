//! The path of an instance: namespace, class and keys.

mod collect;
mod text;
mod written;

use std::sync::Arc;

use super::{Name, Namespace, Value};

/// The path of an instance: an optional namespace, the class and the keys.
///
/// Parsed from and printed as a WMI object path (`root\cimv2:Win32_Share.Name="logs"`). A path from an
/// endpoint reference holds untyped keys, because selectors carry no types.
///
/// ```
/// use wsman::InstancePath;
/// let path = InstancePath::new("Win32_Share").with_key("Name", "logs");
/// assert_eq!(path.to_string(), r#"Win32_Share.Name="logs""#);
/// assert_eq!(r#"root\cimv2:Win32_Share.Name="logs""#.parse::<InstancePath>()?.namespace().unwrap().as_str(), "root/cimv2");
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
///
/// A path with a host (`\\HV01\root\cimv2:…`, as in WMI's `__PATH`) keeps it as [`host`](Self::host).
/// The host is not sent, because the session sets its own, and it is ignored in comparisons.
///
/// `==` and `Hash` go by the text of the selectors as written: names without case, values exactly, and a
/// typed 7 equals an untyped `7`. [`same_instance`](Self::same_instance) compares as servers do.
#[derive(Clone, Debug)]
pub struct InstancePath {
    host: Option<Arc<str>>,
    namespace: Option<Namespace>,
    class: Name,
    keys: Keys,
    schema_uri: Option<Arc<str>>,
}

/// The keys of a path.
///
/// Exhaustive: a path names a class, the only instance of a class, or one instance by its keys.
#[derive(Clone, Debug, Default)]
pub enum Keys {
    /// No keys: the path of a class, not of an instance.
    #[default]
    Class,
    /// The only instance of a singleton class (`Class=@`).
    Singleton,
    /// Keys by name and value.
    Named(Vec<Key>),
}

/// One key of a path.
///
/// Exhaustive: a key has a name and a value (DSP0004 8.2.5).
#[derive(Clone, Debug)]
pub struct Key {
    /// The name of the key property.
    pub name: Name,
    /// Its value: a scalar or a reference; untyped if it came from a selector.
    pub value: Value,
}

impl InstancePath {
    /// Creates the path of a class; adding keys makes it the path of an instance.
    pub fn new(class: impl Into<Name>) -> Self {
        Self {
            host: None,
            namespace: None,
            class: class.into(),
            keys: Keys::Class,
            schema_uri: None,
        }
    }

    /// Creates the path of the only instance of a class.
    pub fn singleton(class: impl Into<Name>) -> Self {
        Self {
            keys: Keys::Singleton,
            ..Self::new(class)
        }
    }

    /// Creates the path of a class and its keys.
    pub(crate) fn of_parts(class: Name, keys: Keys) -> Self {
        Self {
            keys,
            ..Self::new(class)
        }
    }

    /// Adds a key or replaces its value.
    #[must_use]
    pub fn with_key(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.set_key(name.into(), value.into());
        self
    }

    /// Sets the namespace.
    #[must_use]
    pub fn in_namespace(mut self, namespace: Namespace) -> Self {
        self.set_namespace(namespace);
        self
    }

    pub(crate) fn set_namespace(&mut self, namespace: Namespace) {
        self.namespace = Some(namespace);
    }

    /// Sets the class URI without the class, for classes outside the DMTF schema.
    #[must_use]
    pub fn with_schema_uri(mut self, uri: impl AsRef<str>) -> Self {
        self.schema_uri = Some(Arc::from(uri.as_ref()));
        self
    }

    pub(crate) fn set_key(&mut self, name: Name, value: Value) {
        self.keys.set(Key { name, value });
    }

    /// Returns the same namespace and host with the class and keys of an instance.
    pub(crate) fn of_instance(self, class: Name, keys: Keys) -> Self {
        Self {
            class,
            keys,
            ..self
        }
    }

    pub(crate) fn set_host(&mut self, host: Option<Arc<str>>) {
        self.host = host;
    }

    /// Returns the host that the path was read with; `None` for this computer (`.`) and if the path has
    /// no host.
    ///
    /// ```
    /// let path: wsman::InstancePath = r#"\\HV01\root\cimv2:Win32_Share.Name="logs""#.parse()?;
    /// assert_eq!(path.host(), Some("HV01"));
    /// assert_eq!(path, r#"root\cimv2:Win32_Share.Name="logs""#.parse()?);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the same path without a host.
    pub(crate) fn without_host(&self) -> Self {
        Self {
            host: None,
            ..self.clone()
        }
    }

    /// Returns the namespace, if the path has one.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }

    /// Returns the class.
    pub fn class(&self) -> &Name {
        &self.class
    }

    /// Returns the keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns the value of a key by its name.
    pub fn key(&self, name: &str) -> Option<&Value> {
        self.keys
            .named()
            .iter()
            .find(|key| key.name == name)
            .map(|key| &key.value)
    }

    /// Returns the class URI without the class, if the server does not use the DMTF schema
    /// (`http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/`).
    pub fn schema_uri(&self) -> Option<&str> {
        self.schema_uri.as_deref()
    }

    /// Returns whether both paths mean the same instance in any server's spelling.
    ///
    /// Unlike `==`, this comparison is loose:
    /// * Class names, key names and strings are compared without case (Unicode) and without trailing
    ///   white space.
    /// * Numbers and booleans are compared by value (`07` and `7`, `1` and `true`), datetimes by their
    ///   moment, references inside keys by this relation.
    /// * A namespace that one path omits matches any, because OMI omits it in its response to a Create.
    ///   Host and schema URI are ignored.
    ///
    /// WMI compares in this way (MS-WSMV 3.1.4.1.2). OMI and openwsman treat strings in another case as
    /// other instances: compare paths that did not come from the server with `==`.
    ///
    /// ```
    /// use wsman::InstancePath;
    /// let asked: InstancePath = r#"Win32_Environment.Name="Foo",Id=7"#.parse()?;
    /// let made: InstancePath = r#"root\cimv2:win32_environment.id="07",name="FOO""#.parse()?;
    /// assert!(asked.same_instance(&made) && asked != made);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn same_instance(&self, other: &InstancePath) -> bool {
        self.is_there(other) && self.keys.agree(&other.keys, Value::means_same)
    }

    /// Compares the same way, but the texts of keys exactly. References in keys, one of which may omit
    /// its namespace, use this.
    pub(crate) fn is_same_reference(&self, other: &InstancePath) -> bool {
        self.is_there(other) && self.keys.agree(&other.keys, Value::same_key_value)
    }

    /// Returns whether both have the same class, and the same namespace if both have one.
    fn is_there(&self, other: &InstancePath) -> bool {
        let namespaces_agree = match (&self.namespace, &other.namespace) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        namespaces_agree && self.class == other.class
    }
}

/// The limit for nested references in the keys of a path. An association of associations has two
/// levels. Each level doubles the backslashes of the text, so deeper paths are neither read nor
/// printed.
pub(crate) const DEEPEST_REFERENCE: usize = 3;

impl Keys {
    /// Returns the named keys; empty for a class or a singleton.
    pub fn named(&self) -> &[Key] {
        match self {
            Keys::Named(keys) => keys,
            Keys::Class | Keys::Singleton => &[],
        }
    }

    /// Adds a key or replaces its value.
    fn set(&mut self, key: Key) {
        if !matches!(self, Self::Named(_)) {
            *self = Self::Named(Vec::new());
        }
        if let Self::Named(keys) = self {
            match keys.iter_mut().find(|known| known.name == key.name) {
                Some(known) => known.value = key.value,
                None => keys.push(key),
            }
        }
    }

    /// Returns whether both have the same names, in any order, and matching values.
    fn agree(&self, other: &Self, same: impl Fn(&Value, &Value) -> bool) -> bool {
        match (self, other) {
            (Keys::Named(a), Keys::Named(b)) => {
                let agrees =
                    |one: &Key, two: &Key| one.name == two.name && same(&one.value, &two.value);
                a.len() == b.len() && a.iter().all(|key| b.iter().any(|other| agrees(key, other)))
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share() -> InstancePath {
        InstancePath::new("Win32_Share").with_key("Name", "logs")
    }

    #[test]
    fn matches_keys_in_any_case_order_and_type() {
        let typed = InstancePath::new("A")
            .with_key("Id", 7u32)
            .with_key("On", true);
        let read = InstancePath::new("a")
            .with_key("ON", Value::Untyped("true".into()))
            .with_key("ID", Value::Untyped("7".into()));
        assert_eq!(typed, read);
        assert_ne!(typed, read.with_key("id", Value::Untyped("8".into())));
        assert_ne!(InstancePath::new("A"), InstancePath::singleton("A"));
    }

    #[test]
    fn an_omitted_namespace_matches_any() {
        let here = share().in_namespace("root/cimv2".parse().unwrap());
        let there = share().in_namespace("root/other".parse().unwrap());
        assert!(here.same_instance(&share()) && !here.same_instance(&there));
        let shouted = InstancePath::new("WIN32_share").with_key("NAME", "LOGS ");
        assert!(here.same_instance(&shouted) && share() != shouted);
        let nested = |inner| InstancePath::new("A").with_key("R", inner);
        assert!(nested(share()).same_instance(&nested(shouted.clone())));
        assert!(nested(share()) != nested(shouted) && nested(share()) != nested(there.clone()));
        assert!(nested(share()).same_instance(&nested(there)));
        assert_ne!(here, share());
    }

    #[test]
    fn replaces_a_repeated_key() {
        let path = share().with_key("NAME", "data");
        assert_eq!(path.keys().named().len(), 1);
        assert_eq!(path.key("name"), Some(&Value::from("data")));
    }
}
