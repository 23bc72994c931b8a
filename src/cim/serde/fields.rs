//! Matches properties with the fields of a struct.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::de::ValueDeserializer;
use super::exact;
use super::facts::{self, Attempt, Code, Facts};
use super::model::{CLASS, entry_name};
use crate::cim::{Instance, Value, ValueError, same_name};

/// Reads an instance as a struct or a map.
#[derive(Clone, Copy)]
pub(super) struct InstanceDeserializer<'a> {
    instance: &'a Instance,
    attempt: &'a Attempt,
}

impl<'a> InstanceDeserializer<'a> {
    pub(super) fn new(instance: &'a Instance, attempt: &'a Attempt) -> Self {
        Self { instance, attempt }
    }

    /// Shows the visitor each property under the name of its field, after the missing lists.
    fn show<'de, V: Visitor<'de>>(
        self,
        fields: &[&str],
        class: Option<&Value>,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let (mut found, mut next) = (0, fields.len());
        // The last entry is shown first.
        let most = fields.len().max(self.instance.properties().len());
        let mut entries = Vec::with_capacity(most + 1);
        entries.extend(self.instance.properties().iter().rev().map(|property| {
            let name = property.name().as_str();
            let field = field_at(fields, next.wrapping_sub(1), name);
            found += usize::from(field.is_some());
            let field = field.map(|(at, field)| {
                next = at;
                field
            });
            let name = match class {
                Some(_) => entry_name(name),
                None => Cow::Borrowed(field.unwrap_or(name)),
            };
            let value = ValueDeserializer::new(property.value(), self.attempt);
            let is_secret = property.is_secret();
            Entry {
                name,
                value,
                is_secret,
            }
        }));
        entries.extend(class.map(|class| Entry {
            name: Cow::Borrowed(CLASS),
            value: ValueDeserializer::new(class, self.attempt),
            is_secret: false,
        }));
        let code = Code::of(V::visit_map::<&mut Entries<'_>>);
        let is_complete = found == fields.len() && found > 0;
        let facts = if is_complete {
            Arc::default()
        } else {
            Facts::of(code)
        };
        if fields.is_empty() {
            name_after(&mut entries, &facts);
        }
        add_missing(&mut entries, &facts, self.attempt);
        let mut entries = Entries {
            rest: entries,
            current: None,
            has_failed: false,
            code,
            facts: &facts,
        };
        let shown = visitor.visit_map(&mut entries);
        shown.map_err(|error| entries.explain(error, self.attempt))
    }
}

/// Returns the field of a property, and its index. Most structs have their fields in the order of the
/// class, so the caller's guess is tried first.
pub(super) fn field_at<'f>(
    fields: &[&'f str],
    guess: usize,
    name: &str,
) -> Option<(usize, &'f str)> {
    if let Some(field) = fields.get(guess).filter(|field| **field == name) {
        return Some((guess, *field));
    }
    let field = field_of(name, fields.iter().copied())?;
    let at = fields.iter().position(|known| *known == field)?;
    Some((at, field))
}

/// Returns the field of a property: an exact match, else a match without case.
fn field_of<'f>(name: &str, mut fields: impl Iterator<Item = &'f str> + Clone) -> Option<&'f str> {
    let exact = fields.clone().find(|field| *field == name);
    exact.or_else(|| fields.find(|field| same_name(field, name)))
}

/// Gives the entries the names of the fields that serde did not list.
fn name_after<'a>(entries: &mut [Entry<'a>], facts: &'a Facts) {
    let names = facts.needed().iter().map(|field| field.name.as_str());
    for entry in entries {
        if let Some(name) = field_of(&entry.name, names.clone()) {
            entry.name = Cow::Borrowed(name);
        }
    }
}

/// Adds each list without an entry, to be shown before the others: behind them, an alias that sets the
/// list could not be told apart.
fn add_missing<'a>(entries: &mut Vec<Entry<'a>>, facts: &'a Facts, attempt: &'a Attempt) {
    let sent = entries.len();
    for field in facts.needed().iter().rev() {
        let mut sent = entries.iter().take(sent);
        if field.wanted.is_none() && !sent.any(|entry| field.is_called(&entry.name)) {
            entries.push(Entry {
                name: Cow::Borrowed(&field.name),
                value: ValueDeserializer::absent(attempt),
                is_secret: false,
            });
        }
    }
}

impl<'de> Deserializer<'de> for InstanceDeserializer<'_> {
    type Error = ValueError;

    /// For a visitor that takes every entry: the class is an entry too, as in JSON.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let class = Value::from(self.instance.class().as_str());
        self.show(&[], Some(&class), visitor)
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
        if !exact::is_marker(name) {
            return visitor.visit_newtype_struct(self);
        }
        let whole = Value::from(self.instance.clone());
        ValueDeserializer::new(&whole, self.attempt).deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct enum identifier
    }
}

struct Entry<'a> {
    name: Cow<'a, str>,
    value: ValueDeserializer<'a>,
    /// Whether its errors must not repeat the value.
    is_secret: bool,
}

/// The properties on their way into a struct.
struct Entries<'a> {
    /// The entries that follow, the next at the end.
    rest: Vec<Entry<'a>>,
    /// The entry whose name was read and whose value was not.
    current: Option<Entry<'a>>,
    /// Whether a value did not fit its field.
    has_failed: bool,
    code: Code,
    facts: &'a Facts,
}

impl Entries<'_> {
    /// Learns from an error of the struct itself, and names what a missing field expects.
    fn explain(&self, error: ValueError, attempt: &Attempt) -> ValueError {
        let Some(name) = error.property().filter(|_| !self.has_failed) else {
            return error;
        };
        match (self.facts.field(name), &self.current) {
            (None, None) if error.is_missing() => attempt.learn_needed(self.code, name),
            (Some(field), None) if error.is_missing() => {
                if let Some(wanted) = &field.wanted {
                    return ValueError::missing(wanted).in_property(name);
                }
            }
            (Some(field), Some(second)) if !field.is_called(&second.name) => {
                attempt.learn_alias(self.code, name, &second.name);
            }
            _ => {}
        }
        error
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        self.current = self.rest.pop();
        let name = self.current.as_ref().map(|entry| &*entry.name);
        name.map(|name| seed.deserialize(StrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        let Some(Entry {
            name,
            value,
            is_secret,
        }) = self.current.take()
        else {
            return Err(ValueError::missing("a value"));
        };
        let read = seed.deserialize(value);
        read.map_err(|error| {
            self.has_failed = true;
            if value.is_absent() && is_of_type(&error) {
                facts::record_wanted(self.code, &name, error.wanted());
                ValueError::missing(error.wanted()).in_property(&*name)
            } else if is_secret {
                error.of_secret().in_property(&*name)
            } else {
                error.in_property(&*name)
            }
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Returns whether the error reports a value of the wrong type here, not deeper and not as a custom
/// message of the struct.
fn is_of_type(error: &ValueError) -> bool {
    error.property().is_none() && !error.wanted().is_empty()
}
