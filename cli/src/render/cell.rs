//! A value as text for people, on one line.

use serde_json::Value as Json;

use super::json::is_wild;

/// Returns the text of a value: an array as `{a, b}`, NULL as nothing.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => tame(text),
        Json::Array(items) => format!("{{{}}}", joined(items.iter().map(text))),
        Json::Object(map) => {
            let entries = map.iter().filter(|(name, _)| !name.starts_with("__"));
            let entries = entries.map(|(name, value)| format!("{}={}", tame(name), text(value)));
            format!("{{{}}}", joined(entries))
        }
        scalar => scalar.to_string(),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Escapes the characters that a terminal would interpret.
pub(crate) fn tame(text: &str) -> String {
    let mut tame = String::with_capacity(text.len());
    for c in text.chars() {
        if is_wild(c) {
            tame.extend(c.escape_default());
        } else {
            tame.push(c);
        }
    }
    tame
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stays_on_one_line() {
        assert_eq!(text(&json!("a\n\u{1b}[2J")), "a\\n\\u{1b}[2J");
        assert_eq!(text(&json!(["a", 1, null])), "{a, 1, }");
        assert_eq!(text(&json!({"__CLASS": "A", "B": 1})), "{B=1}");
        assert_eq!(text(&json!(null)), "");
    }
}
