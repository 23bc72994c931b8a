//! Deserializes values into the fields of a struct.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use super::exact;
use super::facts::{Attempt, Code, Facts};
use super::fields::InstanceDeserializer;
use super::handover;
use super::model::datetime_text;
use crate::cim::{CimType, Value, ValueError};

/// Deserializes one value as the visitor requests.
#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'a> {
    value: &'a Value,
    attempt: &'a Attempt,
    /// Whether the property is missing, so that NULL replaces it.
    is_absent: bool,
}

impl<'a> ValueDeserializer<'a> {
    pub(super) fn new(value: &'a Value, attempt: &'a Attempt) -> Self {
        Self {
            value,
            attempt,
            is_absent: false,
        }
    }

    /// Deserializes a missing property: an empty list, and an error for every other type.
    pub(super) fn absent(attempt: &'a Attempt) -> Self {
        Self {
            value: &Value::Null,
            attempt,
            is_absent: true,
        }
    }

    pub(super) fn is_absent(self) -> bool {
        self.is_absent
    }

    fn instance(self) -> Result<InstanceDeserializer<'a>, ValueError> {
        match self.value {
            Value::Instance(instance) => Ok(InstanceDeserializer::new(instance, self.attempt)),
            other => Err(other.is_not_of(CimType::Instance)),
        }
    }

    /// Rejects NULL in place of a missing property.
    fn present(self) -> Result<Self, ValueError> {
        if self.is_absent {
            Err(ValueError::missing("a value"))
        } else {
            Ok(self)
        }
    }
}

/// Returns the bytes of an octet string, an array or base64 text; NULL gives none.
fn bytes(value: &Value) -> Result<Vec<u8>, ValueError> {
    match value {
        Value::Octets(bytes) => Ok(bytes.clone()),
        Value::Untyped(text) => match u8::try_from(value) {
            Ok(single) => Ok(vec![single]),
            Err(error) if text.is_empty() => Err(error),
            Err(_) => value.to_octets(),
        },
        other => other.elements().iter().map(u8::try_from).collect(),
    }
}

/// Implements the requests for types that CIM has too.
macro_rules! same_type {
    ($($deserialize:ident $visit:ident $type:ty),* $(,)?) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.$visit(<$type>::try_from(self.value)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'_> {
    type Error = ValueError;

    same_type! {
        deserialize_bool visit_bool bool,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u64 u64,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i64 i64,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
        deserialize_char visit_char char,
        deserialize_string visit_string String,
    }

    /// Accepts a visitor that takes any type, such as the buffer of a flattened field.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.present()?.value {
            Value::Null => visitor.visit_unit(),
            Value::Untyped(text) | Value::String(text) | Value::Lossy(text) => {
                visitor.visit_str(text)
            }
            Value::Secret(secret) => visitor.visit_str(secret.expose()),
            Value::Boolean(flag) => visitor.visit_bool(*flag),
            Value::Uint8(number) => visitor.visit_u8(*number),
            Value::Sint8(number) => visitor.visit_i8(*number),
            Value::Uint16(number) => visitor.visit_u16(*number),
            Value::Sint16(number) => visitor.visit_i16(*number),
            Value::Uint32(number) => visitor.visit_u32(*number),
            Value::Sint32(number) => visitor.visit_i32(*number),
            Value::Uint64(number) => visitor.visit_u64(*number),
            Value::Sint64(number) => visitor.visit_i64(*number),
            Value::Real32(number) => visitor.visit_f32(*number),
            Value::Real64(number) => visitor.visit_f64(*number),
            Value::Char16(unit) => match char::from_u32((*unit).into()) {
                Some(character) => visitor.visit_char(character),
                None => visitor.visit_u16(*unit),
            },
            Value::DateTime(datetime) => visitor.visit_string(datetime_text(datetime)),
            Value::Reference(path) => visitor.visit_string(path.to_string()),
            Value::Instance(instance) => {
                InstanceDeserializer::new(instance, self.attempt).deserialize_any(visitor)
            }
            Value::Octets(_) | Value::Array(_) => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value.as_str() {
            Some(text) => visitor.visit_str(text),
            None => self.deserialize_string(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_byte_buf(bytes(self.value)?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let blank = match self.value {
            Value::Null => return visitor.visit_none(),
            Value::Untyped(text) if self.value.is_blank() => text,
            _ => return visitor.visit_some(self),
        };
        let code = Code::of(V::visit_some::<Self>);
        if Facts::of(code).rejects(blank) {
            return visitor.visit_none();
        }
        let read = visitor.visit_some(self);
        read.inspect_err(|_| self.attempt.learn_rejected(code, blank))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.present()?.value {
            Value::Null => visitor.visit_unit(),
            other => Err(other.is_not("NULL")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if !exact::is_marker(name) {
            return visitor.visit_newtype_struct(self);
        }
        let value = exact::as_announced(name, self.value)?;
        if value.is_null() {
            self.present()?;
        }
        handover::send(value, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value {
            Value::Octets(bytes) => bytes.clone().into_deserializer().deserialize_seq(visitor),
            other => {
                let elements = other
                    .elements()
                    .iter()
                    .map(|element| Self::new(element, self.attempt));
                SeqDeserializer::new(elements).deserialize_seq(visitor)
            }
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.instance()?.deserialize_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.instance()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let variant = String::try_from(self.value)?;
        visitor.visit_enum(StrDeserializer::new(&variant))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for ValueDeserializer<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
