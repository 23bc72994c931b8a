//! JSON lines without control characters, which a terminal would interpret.

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
pub(super) fn is_wild(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Serializes a value as JSON on one line, without the line end.
pub(super) fn line(what: &impl Serialize) -> io::Result<String> {
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
