//! A JSON line as a table for people: one name and value a row, nested values indented.

use std::io;

use serde_json::Value;

use super::said::read_json;
use crate::render::cell::tame;

/// The column of the values, relative to their names.
const WIDTH: usize = 20;

/// Formats the rows of a line.
pub(super) fn of(line: &str) -> io::Result<String> {
    let mut rows = String::new();
    push_entries(&mut rows, &read_json(line).map_err(io::Error::from)?, 0);
    Ok(rows)
}

fn push_entries(rows: &mut String, value: &Value, depth: usize) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) => {
                for item in items {
                    push(rows, name, item, depth);
                }
            }
            single => push(rows, name, single, depth),
        }
    }
}

fn push(rows: &mut String, name: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let text = match value {
        Value::Object(_) | Value::Array(_) => {
            rows.push_str(&format!("{indent}{}\n", tame(name)));
            return push_entries(rows, value, depth + 1);
        }
        Value::String(text) => tame(text),
        Value::Null => "NULL".to_owned(),
        scalar => scalar.to_string(),
    };
    rows.push_str(&format!("{indent}{:WIDTH$} {text}\n", tame(name)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indents_nested_values() {
        let rows =
            of(r#"{"file":"a.xml","instances":[{"Name":"l\u202eogs\n","Size":5},{"Path":null}]}"#);
        let expected = "file                 a.xml\n\
            instances\n  Name                 l\\u{202e}ogs\\n\n  Size                 5\n\
            instances\n  Path                 NULL\n";
        assert_eq!(rows.unwrap(), expected);
    }
}
