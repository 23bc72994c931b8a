//! JSON without control characters, which a terminal would interpret.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// A formatter of compact JSON that escapes characters which control a terminal or the writing
/// direction.
struct Tame;

impl Formatter for Tame {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_wild(*c)) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            write!(writer, "\\u{:04x}", u32::from(c))?;
            rest = after.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Whether a terminal would interpret the character, or reorder the text after it: control
/// characters, marks and embeddings of the bidirectional algorithm, line separators, and the byte
/// order mark. All of them have four hexadecimal digits.
pub(crate) fn is_wild(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Serializes a value as indented JSON, without the last line end.
pub(crate) fn pretty(record: &serde_json::Map<String, serde_json::Value>) -> io::Result<String> {
    let mut text = String::new();
    indent(&mut text, &serde_json::Value::Object(record.clone()), 0)?;
    Ok(text)
}

fn indent(text: &mut String, value: &serde_json::Value, depth: usize) -> io::Result<()> {
    let pad = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            text.push('{');
            for (position, (name, value)) in map.iter().enumerate() {
                text.push_str(if position == 0 { "\n" } else { ",\n" });
                text.push_str(&format!("{pad}{}: ", line(name)?));
                indent(text, value, depth + 1)?;
            }
            text.push_str(&format!("\n{end}}}"));
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                text.push_str(if position == 0 { "\n" } else { ",\n" });
                text.push_str(&pad);
                indent(text, item, depth + 1)?;
            }
            text.push_str(&format!("\n{end}]"));
        }
        scalar => text.push_str(&line(scalar)?),
    }
    Ok(())
}

/// Serializes a value as JSON on one line, without the line end.
pub(crate) fn line(what: &impl Serialize) -> io::Result<String> {
    let mut bytes = Vec::new();
    what.serialize(&mut Serializer::with_formatter(&mut bytes, Tame))
        .map_err(io::Error::from)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_control_characters_reversibly() {
        let wild = "a\u{202e}b\u{200f}\u{2066}\u{85}\u{7f}\u{1b}[2Jc\u{feff}\u{2028}é\u{1f4a1}\"\\";
        let line = line(&[wild]).unwrap();
        assert_eq!(
            line,
            "[\"a\\u202eb\\u200f\\u2066\\u0085\\u007f\\u001b[2Jc\\ufeff\\u2028é\u{1f4a1}\\\"\\\\\"]"
        );
        assert_eq!(serde_json::from_str::<[String; 1]>(&line).unwrap(), [wild]);
    }
}
