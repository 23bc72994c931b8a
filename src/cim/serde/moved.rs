//! Reads an instance into a struct whose texts are moved, not copied.
//!
//! A moved value cannot be read again. So it is used only for a row that can teach nothing
//! ([`facts`](super::facts)): each field has its property, and no value is blank or has values inside.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::de::ValueDeserializer;
use super::exact;
use super::facts::Attempt;
use super::fields::{InstanceDeserializer, field_at};
use crate::cim::{Instance, Property, Value, ValueError};

/// Reads an instance as a struct. Takes its properties if it can teach nothing, else leaves them.
pub(super) struct MovingDeserializer<'a> {
    pub(super) instance: &'a mut Instance,
    pub(super) attempt: &'a Attempt,
}

impl<'de> Deserializer<'de> for MovingDeserializer<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let Self { instance, attempt } = self;
        let Some(order) = order_of_plain(instance, fields) else {
            let instance = InstanceDeserializer::new(instance, attempt);
            return instance.deserialize_struct(name, fields, visitor);
        };
        visitor.visit_map(Moving {
            rest: instance.properties_mut().drain(..),
            current: None,
            fields,
            order,
            next: 0,
            attempt,
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        InstanceDeserializer::new(self.instance, self.attempt).deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        InstanceDeserializer::new(self.instance, self.attempt).deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let instance = InstanceDeserializer::new(self.instance, self.attempt);
        instance.deserialize_newtype_struct(name, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

/// The order of the properties of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Each field has its property at the same place, and there are no others.
    OfFields,
    Other,
}

/// Returns the order of the properties of a row that has a plain value for each field; `None` for every
/// other row.
fn order_of_plain(instance: &Instance, fields: &[&str]) -> Option<Order> {
    let (mut found, mut next, mut order) = (0, 0, Order::OfFields);
    for property in instance.properties() {
        let value = property.value();
        if matches!(value, Value::Instance(_) | Value::Array(_)) || value.is_blank() {
            return None;
        }
        match field_at(fields, next, property.name().as_str()) {
            Some((at, _)) => {
                found += 1;
                if at != next {
                    order = Order::Other;
                }
                next = at + 1;
            }
            None => order = Order::Other,
        }
    }
    (found == fields.len() && found > 0).then_some(order)
}

/// The properties on their way into a struct.
struct Moving<'a> {
    rest: std::vec::Drain<'a, Property>,
    /// The property whose name was read and whose value was not, and its field.
    current: Option<(Property, Option<&'static str>)>,
    fields: &'static [&'static str],
    order: Order,
    /// The index of the field that follows, or of the one that probably does.
    next: usize,
    attempt: &'a Attempt,
}

impl<'de> MapAccess<'de> for Moving<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some(property) = self.rest.next() else {
            return Ok(None);
        };
        let name = property.name().as_str();
        let found = match (self.order, self.fields.get(self.next)) {
            (Order::OfFields, Some(field)) => Some((self.next, *field)),
            _ => field_at(self.fields, self.next, name),
        };
        let field = found.map(|(at, field)| {
            self.next = at + 1;
            field
        });
        let name = StrDeserializer::new(field.unwrap_or(name));
        let read = seed.deserialize(name).map(Some);
        self.current = Some((property, field));
        read
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        let Some((mut property, field)) = self.current.take() else {
            return Err(ValueError::missing("a value"));
        };
        let value = MovedValue {
            value: std::mem::take(property.value_mut()),
            attempt: self.attempt,
        };
        seed.deserialize(value).map_err(|error| {
            let is_secret = property.is_secret();
            let error = if is_secret { error.of_secret() } else { error };
            error.in_property(field.unwrap_or(property.name().as_str()))
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Deserializes one value, whose text is moved into a string.
struct MovedValue<'a> {
    value: Value,
    attempt: &'a Attempt,
}

/// Implements the requests that read the value without moving it.
macro_rules! not_moved {
    ($($deserialize:ident($($argument:ident: $type:ty),*)),* $(,)?) => {$(
        fn $deserialize<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, ValueError> {
            let value = ValueDeserializer::new(&self.value, self.attempt);
            value.$deserialize($($argument,)* visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for MovedValue<'_> {
    type Error = ValueError;

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_string(String::try_from(self.value)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.value.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if exact::is_marker(name) {
            let value = ValueDeserializer::new(&self.value, self.attempt);
            value.deserialize_newtype_struct(name, visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    not_moved! {
        deserialize_any(),
        deserialize_bool(),
        deserialize_i8(),
        deserialize_i16(),
        deserialize_i32(),
        deserialize_i64(),
        deserialize_i128(),
        deserialize_u8(),
        deserialize_u16(),
        deserialize_u32(),
        deserialize_u64(),
        deserialize_u128(),
        deserialize_f32(),
        deserialize_f64(),
        deserialize_char(),
        deserialize_str(),
        deserialize_bytes(),
        deserialize_byte_buf(),
        deserialize_unit(),
        deserialize_unit_struct(name: &'static str),
        deserialize_seq(),
        deserialize_tuple(length: usize),
        deserialize_tuple_struct(name: &'static str, length: usize),
        deserialize_map(),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
        deserialize_identifier(),
        deserialize_ignored_any(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::cim::DateTime;

    /// Reads an instance both ways, which must agree, and returns the result.
    fn both<T: DeserializeOwned + PartialEq + Debug>(instance: &Instance) -> Result<T, ValueError> {
        let (copied, moved) = (
            instance.to_struct::<T>(),
            instance.clone().move_into_struct::<T>(),
        );
        assert_eq!(copied, moved);
        moved
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Text(String);

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Share {
        name: String,
        path: Option<String>,
        count: u32,
        at: Option<DateTime>,
        kind: Text,
        raw: Value,
    }

    fn share() -> Instance {
        let untyped = |text: &str| Value::Untyped(text.to_owned());
        Instance::new("Win32_Share")
            .with("NAME", untyped("logs"))
            .with("Path", r"C:\logs")
            .with("Unknown", untyped("more"))
            .with("Count", untyped("7"))
            .with("At", untyped("20240229113000.000000+060"))
            .with("Kind", Value::Lossy("a\u{fffd}".to_owned()))
            .with("Raw", Value::Uint8(1))
    }

    #[test]
    fn moves_texts_and_parses_all_else() {
        let read: Share = both(&share()).unwrap();
        assert_eq!((read.name.as_str(), read.count), ("logs", 7));
        assert_eq!(read.path.as_deref(), Some(r"C:\logs"));
        assert_eq!(read.at, Some("20240229113000.000000+060".parse().unwrap()));
        assert_eq!(
            (read.kind, read.raw),
            (Text("a\u{fffd}".to_owned()), Value::Uint8(1))
        );
    }

    #[test]
    fn reads_in_any_order_and_form_as_the_copying_way_does() {
        let reversed = share()
            .properties()
            .iter()
            .rev()
            .fold(Instance::new("Win32_Share"), |instance, property| {
                instance.with(property.name(), property.value().clone())
            });
        for instance in [
            reversed,
            share().with_null("Path"),
            share().with("Path", Value::Untyped(String::new())),
            share().with("At", Value::Untyped(" ".to_owned())),
            share().with("Raw", vec![1u8]),
            share().with("Raw", Instance::new("A")),
            share().with("Count", "many"),
            share().with_null("Name"),
            share().with("Name", 7u8),
            Instance::new("Win32_Share"),
        ] {
            let _compared = both::<Share>(&instance);
            let _compared = both::<HashMap<String, Value>>(&instance);
            let _compared = both::<Option<Share>>(&instance);
        }
        let error = both::<Share>(&share().with("Count", "many")).unwrap_err();
        assert_eq!(error.property(), Some("Count"));
    }
}
