//! The field names of a struct, found without an instance.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeOwned, Visitor};
use serde::forward_to_deserialize_any;

/// Returns the names of the fields as serde reads them. Returns `None` for a map and for a struct with
/// a flattened field, whose fields serde does not list in advance.
pub(crate) fn field_names<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    match T::deserialize(Asking) {
        Err(Asked(names)) => names,
        Ok(_) => None,
    }
}

/// A deserializer that only records what serde requests.
struct Asking;

/// What serde requested, as the error that ends the attempt.
#[derive(Debug)]
struct Asked(Option<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Asking {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked(None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        Err(Asked(Some(fields)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Asked> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only asked for the names of the fields")
    }
}

impl std::error::Error for Asked {}

impl serde::de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Asked(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[allow(dead_code)]
    struct Share {
        name: String,
        #[serde(rename = "Type")]
        kind: u32,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Open {
        #[serde(flatten)]
        rest: HashMap<String, String>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Wrapped(Share);

    #[test]
    fn finds_the_field_names_of_serde() {
        assert_eq!(field_names::<Share>(), Some(&["Name", "Type"][..]));
        assert_eq!(field_names::<Wrapped>(), Some(&["Name", "Type"][..]));
        assert_eq!(field_names::<Open>(), None);
        assert_eq!(field_names::<HashMap<String, String>>(), None);
    }
}
