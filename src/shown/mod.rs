//! Escapes and shortens text from a server, for a terminal and a log.

use std::fmt::{self, Write};

/// Shows text from a server: escapes characters that would change the text around it, and cuts a
/// long text.
///
/// Escapes control characters, line ends included, and characters that change the writing direction
/// (Unicode TR 9) or are invisible. A backslash is not escaped: the output is for people and is not
/// parsed.
///
/// ```
/// use wsman::error::Shown;
/// let name = "gpj.exe\u{202e}\u{1b}[2J\r\n";
/// assert_eq!(Shown::new(name).to_string(), r"gpj.exe\u{202e}\u{1b}[2J\r\n");
/// assert_eq!(Shown::new("abcdef").at_most(3).to_string(), "abc…");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    text: &'a str,
    most: usize,
}

/// The default limit, in characters.
const USUAL: usize = 1000;

impl<'a> Shown<'a> {
    /// Shows at most 1,000 characters.
    pub fn new(text: &'a str) -> Self {
        Self { text, most: USUAL }
    }

    /// Limits the number of characters; `…` marks a cut.
    #[must_use]
    pub fn at_most(mut self, characters: usize) -> Self {
        self.most = characters;
        self
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownWriter::new(f, self.most).write_str(self.text)
    }
}

/// Writes text as [`Shown`] shows it, for a text in several parts.
pub(crate) struct ShownWriter<W> {
    out: W,
    /// The number of characters that still fit; `None` after the cut.
    left: Option<usize>,
}

impl<W: Write> ShownWriter<W> {
    /// Creates a writer with a limit of characters.
    pub(crate) fn new(out: W, most: usize) -> Self {
        let left = Some(most);
        Self { out, left }
    }
}

impl<W: Write> Write for ShownWriter<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = match self.left {
                None => return Ok(()),
                Some(0) => {
                    self.out.write_char('…')?;
                    None
                }
                Some(left) => {
                    self.character(character)?;
                    Some(left - 1)
                }
            };
        }
        Ok(())
    }
}

impl<W: Write> ShownWriter<W> {
    fn character(&mut self, character: char) -> fmt::Result {
        match character {
            '\n' => self.out.write_str("\\n"),
            '\r' => self.out.write_str("\\r"),
            '\t' => self.out.write_str("\\t"),
            _ if is_escaped(character) => write!(self.out, "{}", character.escape_unicode()),
            _ => self.out.write_char(character),
        }
    }
}

/// Whether a character is escaped. The joiners U+200C and U+200D are not: Persian and the languages
/// of India need them.
fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_changes_the_text_around_it() {
        for (text, shown) in [
            ("\0\u{7}\u{1b}[31m\u{7f}", r"\u{0}\u{7}\u{1b}[31m\u{7f}"),
            ("\u{80}\u{9b}2J", r"\u{80}\u{9b}2J"),
            ("a\r\n\tb", r"a\r\n\tb"),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
                r"\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
            ),
            ("\u{2028}\u{2029}\u{feff}", r"\u{2028}\u{2029}\u{feff}"),
            ("\u{ffff}\u{e0041}", r"\u{ffff}\u{e0041}"),
        ] {
            assert_eq!(Shown::new(text).to_string(), shown);
        }
    }

    #[test]
    fn leaves_ordinary_text_unchanged() {
        for text in [
            r"C:\logs \u{0}",
            "Zugriff verweigert: Größe",
            "拒绝访问",
            "می\u{200c}خواهم",
            "שלום",
            "😀\u{fe0f}",
            "\u{fffd}",
        ] {
            assert_eq!(Shown::new(text).to_string(), text);
        }
    }

    #[test]
    fn cuts_at_a_number_of_characters() {
        let shown = |text: &str, most| Shown::new(text).at_most(most).to_string();
        assert_eq!(shown("äöü", 3), "äöü");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("\0\0", 1), r"\u{0}…");
        assert_eq!((shown("", 0), shown("a", 0)), ("".into(), "…".into()));
        let long = Shown::new(&"x".repeat(1 << 20)).to_string();
        assert_eq!(long.chars().count(), USUAL + 1);
    }

    #[test]
    fn a_text_of_several_is_cut_once() {
        let mut out = String::new();
        let mut writer = ShownWriter::new(&mut out, 3);
        for part in ["ab", "cd", "ef"] {
            writer.write_str(part).expect("a string takes all");
        }
        assert_eq!(out, "abc…");
    }
}
