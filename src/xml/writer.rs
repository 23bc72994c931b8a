//! A writer of compact XML.

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// Writes elements one after the other, without white space between them: OMI answers a request whose
/// body element has white space before it with an empty HTTP 500.
pub(crate) struct Writer {
    events: quick_xml::Writer<Vec<u8>>,
}

/// A text or name that XML 1.0 cannot carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WriteError {
    /// A control character, a lone surrogate or a non-character (XML 1.0, production 2).
    Character { text: String, character: char },
    /// No name for an element.
    Name(String),
}

/// Attributes by name and value.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Writer {
    /// A writer with room for `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            events: quick_xml::Writer::new(Vec::with_capacity(capacity)),
        }
    }

    /// Opens an element.
    pub(crate) fn open(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
    ) -> Result<(), WriteError> {
        let start = start(name, attributes)?;
        self.event(Event::Start(start));
        Ok(())
    }

    /// Closes an element that was opened under the same name.
    pub(crate) fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element without content.
    pub(crate) fn empty(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
    ) -> Result<(), WriteError> {
        let start = start(name, attributes)?;
        self.event(Event::Empty(start));
        Ok(())
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

    /// Writes text. A carriage return is written as a reference, because a reader would turn it into
    /// a line feed (XML 1.0, 2.11); every other character stands as it is.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), WriteError> {
        check_characters(text)?;
        if text.contains('\r') {
            let escaped = quick_xml::escape::minimal_escape(text).replace('\r', "&#13;");
            self.event(Event::Text(BytesText::from_escaped(escaped)));
        } else {
            let escaped = quick_xml::escape::minimal_escape(text);
            self.event(Event::Text(BytesText::from_escaped(escaped)));
        }
        Ok(())
    }

    /// The bytes written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.events.into_inner()
    }

    /// Writing to memory cannot fail, so there is nothing to report.
    fn event(&mut self, event: Event<'_>) {
        let written = self.events.write_event(event);
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'_>) -> Result<BytesStart<'a>, WriteError> {
    check_name(name)?;
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        check_characters(value)?;
        start.push_attribute((*key, *value));
    }
    Ok(start)
}

/// Names come from the caller's properties and classes: nothing but a name may get through.
fn check_name(name: &str) -> Result<(), WriteError> {
    let local = name.split_once(':').map_or(name, |(_, local)| local);
    let mut bytes = local.bytes();
    let first = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b >= 0x80);
    let rest = bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b) || b >= 0x80);
    if first && rest {
        Ok(())
    } else {
        Err(WriteError::Name(name.to_owned()))
    }
}

/// The characters of XML 1.0 (production 2).
fn check_characters(text: &str) -> Result<(), WriteError> {
    // U+FFFE and U+FFFF are the only characters above the controls that are not allowed; in UTF-8
    // they start with 0xEF, so most text is passed by a look at its bytes.
    let plain = |b: u8| b >= 0x20 && b != 0xef || matches!(b, b'\t' | b'\n' | b'\r');
    if text.bytes().all(plain) {
        return Ok(());
    }
    let allowed = |c: char| {
        c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r')
    };
    match text.chars().find(|c| !allowed(*c)) {
        Some(character) => Err(WriteError::Character {
            text: text.to_owned(),
            character,
        }),
        None => Ok(()),
    }
}
