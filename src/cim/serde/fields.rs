//! Matches properties with the fields of a struct.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::vec;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::de::ValueDeserializer;
use super::handoff;
use super::model::{CLASS, entry_name};
use crate::cim::{Instance, Value, ValueError, same_name};

/// What one attempt to read a struct learned for the next.
///
/// serde reports a missing field without its type, and only after it has looked for a default. The next
/// attempt therefore offers the missing field:
/// * empty if its property is missing, which a list accepts;
/// * under the name that serde gave it, because a struct with a flattened field does not list its names
///   in advance.
///
/// An optional field first gets an empty text unchanged, because serde does not report whether the
/// field is a string, and then NULL. Each attempt but the last learns a field, so there are few
/// attempts.
#[derive(Default)]
pub(super) struct MissingFields {
    /// The instance, identified by its address, and the field.
    missing: RefCell<Vec<(*const Instance, String)>>,
    /// The empty texts, identified by their address, that are NULL because their optional fields
    /// rejected them.
    nulls: RefCell<Vec<*const Value>>,
    is_new: Cell<bool>,
    /// Whether the attempt failed and the innermost instance has already recorded why.
    is_settled: Cell<bool>,
}

impl MissingFields {
    /// Returns whether the failed attempt learned a field; starts the next one.
    pub(super) fn learned(&self) -> bool {
        self.is_settled.set(false);
        self.is_new.take()
    }

    /// Returns whether an earlier attempt showed that an empty text is NULL.
    pub(super) fn is_null(&self, value: &Value) -> bool {
        self.nulls
            .borrow()
            .iter()
            .any(|known| std::ptr::eq(*known, value))
    }

    /// Records that an optional field rejected an empty text.
    pub(super) fn learn_null(&self, value: &Value) {
        if !self.is_settled.replace(true) && !self.is_null(value) {
            self.nulls.borrow_mut().push(std::ptr::from_ref(value));
            self.is_new.set(true);
        }
    }

    /// Returns the fields of an instance that were missing.
    fn of(&self, instance: &Instance) -> Vec<String> {
        let missing = self.missing.borrow();
        let own = missing.iter().filter(|(at, _)| std::ptr::eq(*at, instance));
        own.map(|(_, field)| field.clone()).collect()
    }

    /// Learns from the error that ended the reading of an instance.
    fn learn(&self, instance: &Instance, error: &ValueError) {
        if self.is_settled.replace(true) || !error.is_missing() {
            return;
        }
        let Some(field) = error.property() else {
            return;
        };
        let lesson = (std::ptr::from_ref(instance), field.to_owned());
        let mut missing = self.missing.borrow_mut();
        if !missing.contains(&lesson) {
            missing.push(lesson);
            self.is_new.set(true);
        }
    }
}

/// Reads an instance as a struct or a map.
#[derive(Clone, Copy)]
pub(super) struct InstanceDeserializer<'a> {
    instance: &'a Instance,
    lessons: &'a MissingFields,
}

impl<'a> InstanceDeserializer<'a> {
    pub(super) fn new(instance: &'a Instance, lessons: &'a MissingFields) -> Self {
        Self { instance, lessons }
    }

    /// Shows the visitor each property under the name of its field, and then the missing fields.
    fn show<'de, V: Visitor<'de>>(
        self,
        fields: &[&str],
        class: Option<Value>,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let learned = self.lessons.of(self.instance);
        let known: Vec<&str> = fields
            .iter()
            .copied()
            .chain(learned.iter().map(String::as_str))
            .collect();
        let has_class = class.is_some();
        let class = class.as_ref().map(|class| {
            let class = ValueDeserializer::new(class, self.lessons);
            (Cow::Borrowed(CLASS), class)
        });
        let sent = self.instance.properties().iter().map(|property| {
            let name = field_of(property.name().as_str(), &known);
            let name = if has_class {
                entry_name(name)
            } else {
                Cow::Borrowed(name)
            };
            (name, ValueDeserializer::new(property.value(), self.lessons))
        });
        let is_missing = |field: &&String| self.instance.property(field).is_none();
        let absent = learned.iter().filter(is_missing).map(|field| {
            let absent = ValueDeserializer::absent(self.lessons);
            (Cow::Borrowed(field.as_str()), absent)
        });
        let entries: Vec<_> = class.into_iter().chain(sent).chain(absent).collect();
        let shown = visitor.visit_map(Entries {
            entries: entries.into_iter(),
            value: None,
        });
        shown.inspect_err(|error| self.lessons.learn(self.instance, error))
    }
}

/// Returns the field of a property: an exact match, else a match without case, else the property's own
/// name.
fn field_of<'a>(name: &'a str, fields: &[&'a str]) -> &'a str {
    let exact = fields.iter().find(|field| **field == name);
    exact
        .or_else(|| fields.iter().find(|field| same_name(field, name)))
        .copied()
        .unwrap_or(name)
}

impl<'de> Deserializer<'de> for InstanceDeserializer<'_> {
    type Error = ValueError;

    /// For a visitor that takes every entry: the class is an entry too, as in JSON.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.show(
            &[],
            Some(Value::from(self.instance.class().as_str())),
            visitor,
        )
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.show(&[], None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.show(fields, None, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if !handoff::is_marker(name) {
            return visitor.visit_newtype_struct(self);
        }
        let whole = Value::from(self.instance.clone());
        ValueDeserializer::new(&whole, self.lessons).deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct enum identifier
    }
}

type Entry<'a> = (Cow<'a, str>, ValueDeserializer<'a>);

struct Entries<'a> {
    entries: vec::IntoIter<Entry<'a>>,
    /// Reads the value whose name was just read.
    value: Option<Entry<'a>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        self.value = self.entries.next();
        let name = self.value.as_ref().map(|(name, _)| &**name);
        name.map(|name| seed.deserialize(StrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        let Some((name, value)) = self.value.take() else {
            return Err(ValueError::missing("a value"));
        };
        let read = seed.deserialize(value);
        read.map_err(|error| {
            if value.is_absent() && is_of_type(&error) {
                ValueError::missing(error.wanted()).in_property(&*name)
            } else {
                error.in_property(&*name)
            }
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// Returns whether the error reports a value of the wrong type here, not deeper and not as a custom
/// message of the struct.
fn is_of_type(error: &ValueError) -> bool {
    error.property().is_none() && !error.wanted().is_empty()
}
