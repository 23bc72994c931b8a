//! Counts the texts that are already printed.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

/// The number of occurrences of each text in JSON, as a key or a value; surrounding white space is
/// ignored.
#[derive(Debug, Default)]
pub(super) struct Said {
    texts: HashMap<String, usize>,
    nulls: usize,
}

impl Said {
    /// Counts the texts of a value that serializes to JSON.
    pub(super) fn by(what: &impl Serialize) -> Self {
        let mut said = Self::default();
        said.add(&as_json(what));
        said
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) | Value::Number(_) => self.note(&value.to_string()),
            Value::String(text) => self.note(text),
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.note(key);
                    self.add(value);
                }
            }
        }
    }

    fn note(&mut self, text: &str) {
        *self.texts.entry(text.trim().to_owned()).or_default() += 1;
    }

    /// Takes one occurrence of a text, if one is left.
    pub(super) fn take(&mut self, text: &str) -> bool {
        take_one(self.texts.get_mut(text.trim()))
    }

    /// Takes one NULL, if one is left.
    pub(super) fn take_null(&mut self) -> bool {
        take_one(Some(&mut self.nulls))
    }
}

fn take_one(left: Option<&mut usize>) -> bool {
    match left {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

/// Converts through the JSON text, so that a number is the printed one, such as the shortest of a
/// `real32`.
fn as_json(what: &impl Serialize) -> Value {
    let text = serde_json::to_string(what).unwrap_or_default();
    read_json(&text).unwrap_or_default()
}

/// Parses JSON of any depth: the depth of the message bounds it.
pub(super) fn read_json(text: &str) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut reader)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn takes_a_text_once_for_each_occurrence() {
        let mut said = Said::by(&json!({"a": [1, " a ", null], "b": true, "c": 0.1f32}));
        for (text, times) in [("a", 2), ("1", 1), ("true", 1), ("b", 1), ("no", 0)] {
            let taken = (0..5).filter(|_| said.take(text)).count();
            assert_eq!(taken, times, "{text}");
        }
        assert!(said.take_null() && !said.take_null());
    }

    #[test]
    fn a_number_is_the_one_that_is_printed() {
        assert!(Said::by(&0.1f32).take("0.1"));
    }
}
