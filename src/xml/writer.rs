//! A writer of compact XML.

use std::ops::Range;

use super::byte::{has_special, is_special};
use super::character::is_allowed;
use super::name;

/// Writes elements without white space between them: OMI answers a request with white space before the
/// body element with an empty HTTP 500.
///
/// It writes directly into the text of the message. Events, which own their attributes, would take five
/// times as long.
pub(crate) struct Writer {
    out: String,
    /// The parts of the output that hold secrets.
    secrets: Vec<Range<usize>>,
}

/// A text or name that XML 1.0 cannot carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WriteError {
    /// A control character, a lone surrogate or a non-character (XML 1.0, production 2).
    Character { text: String, character: char },
    /// An invalid name for an element.
    Name(String),
}

/// Attributes by name and value.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Writer {
    /// Creates a writer with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            out: String::with_capacity(capacity),
            secrets: Vec::new(),
        }
    }

    /// Opens an element.
    pub(crate) fn open(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
    ) -> Result<(), WriteError> {
        self.open_marked(name, attributes, "")
    }

    /// Closes an element that was opened with the same name.
    pub(crate) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes an element without content.
    pub(crate) fn empty(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
    ) -> Result<(), WriteError> {
        self.empty_marked(name, attributes, "")
    }

    /// Opens an element; its last attributes are markup, such as ` xsi:nil="true"`.
    pub(crate) fn open_marked(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        marks: &str,
    ) -> Result<(), WriteError> {
        self.start(name, attributes)?;
        self.out.push_str(marks);
        self.out.push('>');
        Ok(())
    }

    /// Writes an element without content; its last attributes are markup.
    pub(crate) fn empty_marked(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        marks: &str,
    ) -> Result<(), WriteError> {
        self.start(name, attributes)?;
        self.out.push_str(marks);
        self.out.push_str("/>");
        Ok(())
    }

    /// Writes markup that another writer wrote: whole elements, or the start of one.
    pub(crate) fn markup(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Lets a function write text that needs no reference, such as a number.
    pub(crate) fn plain(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.out);
    }

    /// Writes an element that holds only text.
    pub(crate) fn leaf(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        text: &str,
    ) -> Result<(), WriteError> {
        self.open(name, attributes)?;
        self.text(text)?;
        self.close(name);
        Ok(())
    }

    /// Writes text. A carriage return becomes a reference, because a reader would convert it to a line
    /// feed (XML 1.0, 2.11). `>` becomes one too, because it may not follow `]]` (2.4). Text that needs
    /// no reference is written unchanged.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), WriteError> {
        self.escaped(text, |character| match character {
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '&' => Some("&amp;"),
            '\r' => Some("&#13;"),
            _ => None,
        })
    }

    /// Returns the number of bytes written.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Truncates the output to this number of bytes.
    #[cfg(feature = "simulator")]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// Appends the output of another writer, which must be whole elements.
    #[cfg(feature = "simulator")]
    pub(crate) fn append(&mut self, other: &Writer) {
        self.out.push_str(&other.out);
    }

    /// Notes that the output from this place on is a secret, which a recording leaves out.
    #[cold]
    pub(crate) fn mark_secret(&mut self, start: usize) {
        self.secrets.push(start..self.out.len());
    }

    /// Takes the places of the secrets.
    pub(crate) fn take_secrets(&mut self) -> Vec<Range<usize>> {
        std::mem::take(&mut self.secrets)
    }

    /// Returns the text written.
    pub(crate) fn into_markup(self) -> String {
        self.out
    }

    /// Returns the bytes written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn start(&mut self, name: &str, attributes: Attributes<'_>) -> Result<(), WriteError> {
        check_name(name)?;
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            self.attribute_value(value)?;
            self.out.push('"');
        }
        Ok(())
    }

    /// Writes an attribute value. A reader converts white space in an attribute to spaces (XML 1.0, 3.3.3).
    fn attribute_value(&mut self, value: &str) -> Result<(), WriteError> {
        self.escaped(value, |character| match character {
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '&' => Some("&amp;"),
            '\'' => Some("&apos;"),
            '"' => Some("&quot;"),
            '\t' => Some("&#9;"),
            '\n' => Some("&#10;"),
            '\r' => Some("&#13;"),
            _ => None,
        })
    }

    /// Writes text with references for some of its characters; rejects invalid characters.
    fn escaped(
        &mut self,
        text: &str,
        reference: impl Fn(char) -> Option<&'static str>,
    ) -> Result<(), WriteError> {
        if !has_special(text) {
            self.out.push_str(text);
            return Ok(());
        }
        let mut rest = text;
        while let Some((plain, special)) = rest
            .bytes()
            .position(is_special)
            .and_then(|at| rest.split_at_checked(at))
        {
            self.out.push_str(plain);
            let mut characters = special.chars();
            if let Some(character) = characters.next() {
                match reference(character) {
                    Some(reference) => self.out.push_str(reference),
                    None if is_allowed(character) => self.out.push(character),
                    None => {
                        return Err(WriteError::Character {
                            text: text.to_owned(),
                            character,
                        });
                    }
                }
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
        Ok(())
    }
}

/// Names come from the caller's properties and classes, so every name is validated.
fn check_name(name: &str) -> Result<(), WriteError> {
    if name::is_qualified(name) {
        Ok(())
    } else {
        Err(WriteError::Name(name.to_owned()))
    }
}
