//! Equality of paths, which goes by the text of their selectors as written.

use std::hash::{Hash, Hasher};

use crate::cim::{InstancePath, Key, Keys, Value};

impl PartialEq for InstancePath {
    /// Paths are equal if namespace, class, keys and schema URI are equal; the host is ignored.
    fn eq(&self, other: &Self) -> bool {
        self.namespace() == other.namespace()
            && self.class() == other.class()
            && self.keys() == other.keys()
            && self.schema_uri() == other.schema_uri()
    }
}

impl Eq for InstancePath {}

impl Hash for InstancePath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.namespace().hash(state);
        self.class().hash(state);
        self.keys().hash(state);
        self.schema_uri().hash(state);
    }
}

impl PartialEq for Keys {
    /// Keys are equal in any order.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.named(), other.named());
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && a.len() == b.len()
            && (a == b || in_order(a) == in_order(b))
    }
}

impl Eq for Keys {}

impl Hash for Keys {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        in_order(self.named()).hash(state);
    }
}

/// Returns the keys sorted by name; the texts of their values decide between equal names.
fn in_order(keys: &[Key]) -> Vec<&Key> {
    let mut keys: Vec<&Key> = keys.iter().collect();
    keys.sort_by(|a, b| {
        let text = |key: &Key| key.value.key_text();
        a.name.cmp(&b.name).then_with(|| text(a).cmp(&text(b)))
    });
    keys
}

impl PartialEq for Key {
    /// Keys are equal if their names are, without case, and if a selector has the same text for both
    /// values: 7 of any integer type equals the string and the untyped text `7`, not `07`. References are
    /// equal if their paths are, and differ from any text.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Written::of(&self.value) == Written::of(&other.value)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        Written::of(&self.value).hash(state);
    }
}

/// The value of a selector.
#[derive(PartialEq, Eq, Hash)]
enum Written<'a> {
    Text(String),
    /// Not the text that the server sent, so it equals no other value.
    Lossy(&'a str),
    Reference(&'a InstancePath),
    /// A value that is no key and cannot be sent as one: NULL, an array, an instance.
    NoKey(String),
}

impl<'a> Written<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Reference(path) => Written::Reference(path),
            Value::Lossy(text) => Written::Lossy(text),
            value => match value.key_text() {
                Some(text) => Written::Text(text),
                None => Written::NoKey(value.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, RandomState};

    use proptest::prelude::*;

    use super::*;

    fn untyped(text: &str) -> Value {
        Value::Untyped(text.to_owned())
    }

    fn path(key: impl Into<Value>) -> InstancePath {
        InstancePath::new("A").with_key("K", key)
    }

    #[test]
    fn goes_by_the_text_of_the_selector() {
        for (a, b) in [
            (Value::from(7u32), untyped("7")),
            (Value::from(7u32), Value::from(7i64)),
            (Value::from("7"), Value::from(7u8)),
            (Value::from(true), untyped("true")),
            (Value::from(f64::NAN), Value::from(f32::NAN)),
            (Value::from(0.1f32), Value::from(0.1f64)),
            (Value::Null, Value::Null),
            (
                path("x").into(),
                InstancePath::new("a").with_key("k", untyped("x")).into(),
            ),
        ] {
            assert_eq!(path(a.clone()), path(b.clone()), "{a:?} {b:?}");
        }
        for (a, b) in [
            (Value::from(7u32), untyped("07")),
            (Value::from(true), untyped("TRUE")),
            (Value::from("a"), Value::from("A")),
            (Value::from("a"), Value::from("a ")),
            (Value::from("a"), Value::Lossy("a".into())),
            (Value::Null, untyped("NULL")),
            (path("x").into(), path("X").into()),
            (path("x").into(), Value::from("A.K=\"x\"")),
            (
                path("x").into(),
                path("x").in_namespace("root".parse().unwrap()).into(),
            ),
        ] {
            assert_ne!(path(a.clone()), path(b.clone()), "{a:?} {b:?}");
        }
    }

    #[test]
    fn repeated_names_do_not_make_keys_equal() {
        let key = |value: u8| Key {
            name: "K".into(),
            value: value.into(),
        };
        let (one, two) = (vec![key(1), key(1)], vec![key(1), key(2)]);
        let swapped = vec![key(2), key(1)];
        assert_ne!(Keys::Named(one.clone()), Keys::Named(two.clone()));
        assert_ne!(Keys::Named(two.clone()), Keys::Named(one));
        assert_eq!(Keys::Named(two), Keys::Named(swapped));
    }

    #[test]
    fn finds_a_path_in_a_set() {
        let read: InstancePath = r"\\HV01\root\cimv2:win32_Share.id=7,name='logs'"
            .parse()
            .unwrap();
        let seen = HashSet::from([read]);
        let asked = InstancePath::new("Win32_Share")
            .in_namespace("ROOT/cimv2".parse().unwrap())
            .with_key("Name", "logs")
            .with_key("Id", untyped("7"));
        assert!(seen.contains(&asked));
        assert!(!seen.contains(&asked.with_key("Id", untyped("8"))));
    }

    fn values() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            "[17aA ]{0,2}".prop_map(Value::Untyped),
            "[17aA ]{0,2}".prop_map(Value::String),
            "[17a]{0,1}".prop_map(Value::Lossy),
            (0u8..3).prop_map(Value::from),
            (-1i64..3).prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            prop_oneof![Just(f64::NAN), Just(1.0), Just(7.5)].prop_map(Value::from),
            Just(Value::Char16(u16::from(b'7'))),
            Just(Value::Null),
            Just(Value::from(vec![1u8])),
        ];
        scalar.prop_recursive(2, 8, 2, |inner| paths(inner).prop_map(Value::from))
    }

    fn paths(values: impl Strategy<Value = Value>) -> impl Strategy<Value = InstancePath> {
        let key = ("[aAbB]", values).prop_map(|(name, value)| Key {
            name: name.into(),
            value,
        });
        let keys = prop_oneof![
            Just(Keys::Class),
            Just(Keys::Singleton),
            prop::collection::vec(key, 0..3).prop_map(Keys::Named),
        ];
        ("[aAb]", keys, any::<bool>()).prop_map(|(class, keys, here)| {
            let path = InstancePath::of_parts(class.as_str().into(), keys);
            if here {
                path.in_namespace("root".parse().unwrap())
            } else {
                path
            }
        })
    }

    proptest! {
        /// Equality is an equivalence, and equal paths have equal hashes.
        #[test]
        fn equal_paths_have_equal_hashes(a in paths(values()), b in paths(values()), c in paths(values())) {
            let state = RandomState::new();
            prop_assert!(a == a.clone());
            prop_assert_eq!(a == b, b == a);
            if a == b {
                prop_assert_eq!(state.hash_one(&a), state.hash_one(&b));
                prop_assert_eq!(a.keys() == c.keys() && b == c, a == c && b.keys() == c.keys());
                prop_assert_eq!(a == c, b == c);
            }
        }
    }
}
