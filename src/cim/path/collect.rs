//! Keys as a collection.

use crate::cim::{InstancePath, Key, Keys, Name, Value};

impl Extend<Key> for Keys {
    /// Adds keys, as [`InstancePath::with_key`] does.
    fn extend<I: IntoIterator<Item = Key>>(&mut self, keys: I) {
        for key in keys {
            self.set(key);
        }
    }
}

impl<N: Into<Name>, V: Into<Value>> Extend<(N, V)> for Keys {
    /// Adds keys by name and value.
    ///
    /// ```
    /// use wsman::InstancePath;
    /// use wsman::cim::Keys;
    /// let mut keys: Keys = [("Domain", "acme")].into_iter().collect();
    /// keys.extend([("Name", "ops")]);
    /// let account = InstancePath::new("Win32_UserAccount").with_keys(keys);
    /// assert_eq!(account.to_string(), r#"Win32_UserAccount.Domain="acme",Name="ops""#);
    /// ```
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, keys: I) {
        self.extend(keys.into_iter().map(|(name, value)| Key {
            name: name.into(),
            value: value.into(),
        }));
    }
}

impl FromIterator<Key> for Keys {
    /// Collects keys; no keys are those of a class.
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut all = Self::Class;
        all.extend(keys);
        all
    }
}

impl<N: Into<Name>, V: Into<Value>> FromIterator<(N, V)> for Keys {
    /// Collects keys by name and value; no keys are those of a class.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(keys: I) -> Self {
        let mut all = Self::Class;
        all.extend(keys);
        all
    }
}

impl<N: Into<Name>, V: Into<Value>> Extend<(N, V)> for InstancePath {
    /// Adds keys, as [`InstancePath::with_key`] does.
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, keys: I) {
        for (name, value) in keys {
            self.set_key(name.into(), value.into());
        }
    }
}

impl InstancePath {
    /// Replaces the keys.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collects_keys_and_replaces_those_of_the_same_name() {
        let mut keys: Keys = [("A", 1u8), ("B", 2u8), ("a", 3u8)].into_iter().collect();
        assert_eq!(keys, [("B", 2u8), ("A", 3u8)].into_iter().collect());
        assert_eq!(keys.named().len(), 2);
        keys.extend(Keys::from_iter([("C", "x")]).named().to_vec());
        let path = InstancePath::new("X").with_keys(keys);
        let by_hand = InstancePath::new("X").with_key("A", 3u8).with_key("B", 2u8);
        assert_eq!(path, by_hand.with_key("C", "x"));
        let mut extended = InstancePath::new("X");
        extended.extend([("A", "7")]);
        assert_eq!(extended, InstancePath::new("X").with_key("A", 7u8));
    }

    #[test]
    fn no_keys_are_a_class_and_change_no_singleton() {
        assert_eq!(Keys::from_iter(Vec::<Key>::new()), Keys::Class);
        let mut singleton = Keys::Singleton;
        singleton.extend(Vec::<Key>::new());
        assert_eq!(singleton, Keys::Singleton);
    }
}
