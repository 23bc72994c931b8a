//! Passes a value through serde without losing its type.
//!
//! serde has no datetimes, paths or untyped text. The types of the model therefore announce themselves
//! as a newtype with a reserved name. Other formats ignore the newtype and see the plain form
//! (`model`). This crate's serializer and deserializer recognise it and exchange the value itself
//! (`handover`).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::handover;
use crate::cim::{DateTime, Instance, InstancePath, Value, ValueError};

/// A type of the model that keeps its exact type inside a struct.
pub(super) trait Exact: Clone + Into<Value> {
    /// The name of the newtype that announces it.
    const MARKER: &'static str;

    /// The expectation in the errors of other formats.
    const EXPECTED: &'static str;

    /// Converts a value of any type to this one.
    fn from_value(value: &Value) -> Result<Self, ValueError>;

    /// Writes the form for other formats.
    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads the form of other formats.
    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Returns whether a newtype of this name announces a value of the model.
pub(super) fn is_marker(name: &str) -> bool {
    [
        Value::MARKER,
        DateTime::MARKER,
        InstancePath::MARKER,
        Instance::MARKER,
    ]
    .contains(&name)
}

/// Reads a value as the type that a newtype of this name announces.
pub(super) fn as_announced(name: &str, value: &Value) -> Result<Value, ValueError> {
    match name {
        DateTime::MARKER => DateTime::from_value(value).map(Value::from),
        InstancePath::MARKER => InstancePath::from_value(value).map(Value::from),
        Instance::MARKER => Instance::from_value(value).map(Value::from),
        _ => Ok(value.clone()),
    }
}

/// Serializes a type of the model: exactly for the serializer of this module, plainly for others.
pub(super) fn serialize<T: Exact, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(T::MARKER, &Announced(value))
}

/// Deserializes a type of the model: exactly from the deserializer of this module, plainly from others.
pub(super) fn deserialize<'de, T: Exact, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(T::MARKER, AnnouncedVisitor(PhantomData))
}

struct Announced<'a, T>(&'a T);

impl<T: Exact> Serialize for Announced<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = self.0.serialize_plain(serializer);
        plain.inspect_err(|error| handover::put(error, || self.0.clone().into()))
    }
}

struct AnnouncedVisitor<T>(PhantomData<T>);

/// Reads the plain form from a deserializer that ignores newtypes.
macro_rules! visit_plain {
    ($($visit:ident($type:ty)),* $(,)?) => {$(
        fn $visit<E: Error>(self, plain: $type) -> Result<T, E> {
            T::deserialize_plain(plain.into_deserializer())
        }
    )*};
}

impl<'de, T: Exact> Visitor<'de> for AnnouncedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize_plain(deserializer).or_else(|error| match handover::take(&error) {
            Some(value) => T::from_value(&value).map_err(D::Error::custom),
            None => Err(error),
        })
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        T::deserialize_plain(().into_deserializer())
    }

    visit_plain! { visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str), visit_string(String) }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::deserialize_plain(SeqAccessDeserializer::new(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize_plain(MapAccessDeserializer::new(map))
    }
}
