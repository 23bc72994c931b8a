//! Names of classes and properties: compared without case, printed as given.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The name of a class, property, method, parameter or qualifier.
///
/// CIM names are compared without case (DSP0004 5.1.2.8) and printed as given. Clones share the text,
/// so a page of rows stores each name once.
///
/// ```
/// use wsman::cim::Name;
/// assert_eq!(Name::new("DeviceID"), "deviceid");
/// assert_eq!(Name::new("DeviceID").as_str(), "DeviceID");
/// ```
#[derive(Clone)]
pub struct Name(Arc<str>);

impl Name {
    /// Creates a name from any text. A name from a server is kept unchanged; writing fails on a name
    /// that XML cannot carry.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(Arc::from(text.as_ref()))
    }

    /// Returns the text as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Compares two texts as CIM names: without case in ASCII, exactly otherwise.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || same_name(&self.0, &other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        same_name(&self.0, other)
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        same_name(&self.0, other)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let folded = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(folded).cmp(other.0.bytes().map(folded))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_name(&self.0, state);
    }
}

/// Hashes a text so that [`same_name`] texts have the same hash.
pub(crate) fn hash_name(text: &str, state: &mut impl Hasher) {
    for byte in text.bytes() {
        state.write_u8(byte.to_ascii_lowercase());
    }
    state.write_u8(0xff);
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sorts_names_without_case() {
        let names = ["b", "B", "a", "AB"].map(Name::new);
        let sorted: Vec<Name> = BTreeSet::from(names).into_iter().collect();
        assert_eq!(sorted, ["a", "ab", "b"]);
    }
}
