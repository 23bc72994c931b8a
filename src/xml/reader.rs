//! A reader that walks a document once.

use std::borrow::Cow;

use quick_xml::errors::IllFormedError;
use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};

use super::place::{OpenElement, Place};
use super::{Attribute, Element, Ns, XmlError, trim};

/// How large a document may be before it is refused.
///
/// ```
/// let limits = wsman::Limits::default();
/// assert_eq!(limits.depth, 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of an answer.
    pub bytes: usize,
    /// Elements nested in each other.
    pub depth: usize,
    /// Elements in a document.
    pub elements: usize,
}

impl Default for Limits {
    /// 16 MiB, 64 levels, 2,000,000 elements: far over what a server sends that keeps to the
    /// `MaxEnvelopeSize` of the request, and far under what would hurt.
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 64,
            elements: 2_000_000,
        }
    }
}

/// Reads elements in the order of the document; the position is always inside one element, whose
/// children [`Reader::child`] gives until it ends.
///
/// Namespaces and open elements are kept here and not by quick-xml, which cannot be put away: see
/// [`Reader::pause`].
pub(crate) struct Reader<'i> {
    pub(super) text: &'i str,
    events: quick_xml::Reader<&'i [u8]>,
    /// How many elements quick-xml takes for open that are not.
    unseen_ends: usize,
    /// Whether text other than white space stood between children.
    pub(super) has_stray_text: bool,
    pub(super) place: Place,
}

/// As many are few enough to be kept and many enough to make a parser anew.
const UNSEEN_ENDS: usize = 1000;

/// What stands in an element that holds one or the other.
pub(crate) enum Content<'i> {
    /// Text up to the end of the element, which has been read.
    Text(Cow<'i, str>),
    /// The first child; only white space stood before it.
    Child(Element<'i>),
    /// Text before the first child: all text up to the end of the element, which has been read, including
    /// that of the elements inside it.
    Mixed(Cow<'i, str>),
}

impl<'i> Reader<'i> {
    /// A reader before the root element.
    pub(crate) fn new(text: &'i str, limits: Limits) -> Result<Self, XmlError> {
        if text.len() > limits.bytes {
            return Err(XmlError::TooLarge(limits.bytes));
        }
        Ok(Self::resume(text, Place::start(text, limits)))
    }

    /// Puts the reader away between two children of the element it is in, so that the text can be
    /// moved; what was read so far still counts for the limits.
    pub(crate) fn pause(mut self) -> Place {
        self.place.offset = self.offset();
        self.place
    }

    /// Goes on where a reader of the same text was paused.
    pub(crate) fn resume(text: &'i str, place: Place) -> Self {
        let rest = text.get(place.offset..).unwrap_or_default();
        Self {
            text,
            events: events(rest),
            unseen_ends: 0,
            has_stray_text: false,
            place,
        }
    }

    /// The root element.
    pub(crate) fn root(&mut self) -> Result<Element<'i>, XmlError> {
        self.child()?.ok_or(XmlError::Empty)
    }

    /// The next child of the element the reader is in; `None` when that element has ended, and the
    /// reader is in its parent. Text between the children is passed over;
    /// [`Reader::take_stray_text`] tells.
    pub(crate) fn child(&mut self) -> Result<Option<Element<'i>>, XmlError> {
        loop {
            match self.next()? {
                Next::Start(element) => return Ok(Some(element)),
                Next::End => return Ok(None),
                Next::Text(text) => self.note_stray_text(&text),
                Next::Other(event) => self.note_stray_text(&piece(event)?),
            }
        }
    }

    /// The content of the element the reader is in: text to its end, or the first child.
    pub(crate) fn content(&mut self) -> Result<Content<'i>, XmlError> {
        if let Some(text) = self.leaf() {
            return Ok(Content::Text(Cow::Borrowed(text)));
        }
        let mut text = match self.next()? {
            Next::End => return Ok(Content::Text(Cow::Borrowed(""))),
            Next::Start(element) => return Ok(Content::Child(element)),
            Next::Text(text) => text,
            Next::Other(event) => piece(event)?,
        };
        loop {
            let piece = match self.next()? {
                Next::End => return Ok(Content::Text(text)),
                Next::Start(element) if trim(&text).is_empty() => {
                    return Ok(Content::Child(element));
                }
                Next::Start(_) => {
                    let outside = self.place.depth().saturating_sub(2);
                    return self.rest_of_text(text, outside).map(Content::Mixed);
                }
                Next::Text(piece) => piece,
                Next::Other(event) => piece(event)?,
            };
            self.append(&mut text, piece);
        }
    }

    /// The text of the element the reader is in, to its end; it may hold no element.
    pub(crate) fn text(&mut self) -> Result<Cow<'i, str>, XmlError> {
        let open = self.place.innermost();
        match self.content()? {
            Content::Text(text) => Ok(text),
            Content::Child(_) | Content::Mixed(_) => {
                let name = open.and_then(|open| open.name_in(self.text));
                Err(XmlError::MixedContent(name.unwrap_or_default().to_owned()))
            }
        }
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.place.depth()
    }

    /// Passes over the rest of the element the reader is in.
    pub(crate) fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.place.depth().saturating_sub(1);
        while self.place.depth() > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Passes over what may follow the root element and makes sure that the document ends there.
    pub(crate) fn finish(&mut self) -> Result<(), XmlError> {
        while self.place.depth() > 0 {
            self.next()?;
        }
        loop {
            match self.events.read_event().map_err(malformed)? {
                Event::Eof => return Ok(()),
                Event::Text(text) if trim(&text.xml10_content()).trim_matches('\0').is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(XmlError::Malformed("content after the root element".into())),
            }
        }
    }

    /// Whether an element just read has a name; its local name is compared first.
    pub(crate) fn is(&self, element: &Element<'_>, ns: Ns, local: &str) -> bool {
        element.local_name() == local && self.ns(element) == ns
    }

    /// The namespace of an element just read.
    pub(crate) fn ns(&self, element: &Element<'_>) -> Ns {
        self.place.scope().ns(element.prefix())
    }

    /// The namespace URI of an element just read.
    pub(crate) fn ns_uri(&self, element: &Element<'_>) -> Option<&str> {
        self.place.scope().uri(element.prefix())
    }

    /// The namespace URI that a prefix stands for here.
    pub(crate) fn uri_of_prefix(&self, prefix: &str) -> Option<&str> {
        self.place.scope().uri(prefix)
    }

    /// An attribute of an element just read; `Ns::None` for one without a prefix.
    pub(crate) fn attribute(
        &self,
        element: &Element<'i>,
        ns: Ns,
        local: &str,
    ) -> Option<Cow<'i, str>> {
        let mut attributes = element.attributes();
        let is_wanted = |attribute: &Attribute<'_>| {
            attribute.local_name() == local && self.attribute_ns(attribute) == ns
        };
        attributes.find(is_wanted)?.value()
    }

    /// The namespace of an attribute of an element just read; `Ns::None` for one without a prefix.
    pub(crate) fn attribute_ns(&self, attribute: &Attribute<'_>) -> Ns {
        match attribute.prefix() {
            "" => Ns::None,
            prefix => self.place.scope().ns(prefix),
        }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Next<'i>, XmlError> {
        if self.place.is_empty {
            self.place.is_empty = false;
            self.place.leave();
            return Ok(Next::End);
        }
        // One match: an event that is moved from one result to another costs as much as to read it.
        match self.events.read_event() {
            Ok(Event::Start(tag)) => self.enter(&tag, ">").map(Next::Start),
            Ok(Event::Empty(tag)) => {
                let element = self.enter(&tag, "/>")?;
                self.place.is_empty = true;
                Ok(Next::Start(element))
            }
            Ok(Event::End(end)) => self.leave(&end).map(|()| Next::End),
            Ok(Event::DocType(_)) => Err(XmlError::DocumentType),
            Ok(Event::Eof) if self.place.elements == 0 => Err(XmlError::Empty),
            Ok(Event::Eof) => Err(XmlError::Truncated),
            Ok(Event::Text(text)) if !self.place.has_returns() => Ok(Next::Text(text.into_inner())),
            Ok(other) => Ok(Next::Other(other)),
            Err(error) => Err(malformed(error)),
        }
    }

    /// Opens an element, whose tag was just read up to its last characters.
    #[inline(always)]
    fn enter(&mut self, tag: &BytesStart<'_>, close: &str) -> Result<Element<'i>, XmlError> {
        let end = self.offset() - close.len();
        let start = end - tag.len();
        let name = tag.name().0.len();
        let mut element = Element::new(self.text.get(start..end).unwrap_or_default(), name);
        self.place.enter(OpenElement { start, name })?;
        // Few elements declare namespaces; the others need not be looked through for them.
        if element.has_attributes() && element.raw_attributes().contains("xmlns") {
            element.declare(&mut self.place)?;
        }
        Ok(element)
    }

    #[inline(always)]
    fn leave(&mut self, end: &BytesEnd<'_>) -> Result<(), XmlError> {
        let expected = self.place.leave().and_then(|open| open.name_in(self.text));
        if expected == Some(end.name().0) {
            Ok(())
        } else {
            Err(mismatched(expected, end))
        }
    }

    /// The text up to the end of the element the reader is in, if it stands as nearly all of them do:
    /// `text</name>`, with nothing to resolve and nothing in between. Then it has been read, without the
    /// two events that quick-xml would make of it.
    #[inline]
    pub(super) fn leaf(&mut self) -> Option<&'i str> {
        if self.place.is_empty || self.place.has_returns() {
            return None;
        }
        let rest = self.text.get(self.offset()..)?;
        let end = rest
            .bytes()
            .position(|byte| (byte == b'<') | (byte == b'&'))?;
        let (text, tag) = rest.split_at_checked(end)?;
        let name = self.place.innermost()?.name_in(self.text)?;
        let rest = tag.strip_prefix("</")?.strip_prefix(name)?;
        let rest = rest.strip_prefix('>')?;
        self.place.leave();
        self.unseen_ends += 1;
        if self.unseen_ends < UNSEEN_ENDS {
            *self.events.get_mut() = rest.as_bytes();
        } else {
            self.unseen_ends = 0;
            self.events = events(rest);
        }
        Some(text)
    }

    /// Adds a piece to the text of an element, with room for what stands before the next tag.
    pub(super) fn append(&self, text: &mut Cow<'i, str>, piece: Cow<'i, str>) {
        if text.is_empty() {
            *text = piece;
            return;
        }
        if let Cow::Borrowed(start) = *text {
            let rest = self.text.get(self.offset()..).unwrap_or_default();
            let room = rest.find('<').unwrap_or_default();
            let mut joined = String::with_capacity(start.len() + piece.len() + room);
            joined.push_str(start);
            *text = Cow::Owned(joined);
        }
        text.to_mut().push_str(&piece);
    }

    /// How many bytes were read.
    pub(super) fn offset(&self) -> usize {
        self.text.len() - self.events.get_ref().len()
    }
}

/// A parser of what is left of a text; ends are held against their elements here.
fn events(rest: &str) -> quick_xml::Reader<&[u8]> {
    let mut events = quick_xml::Reader::from_str(rest);
    let config = events.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    events
}

/// What comes next: where an element starts or ends, or what stands in between.
pub(super) enum Next<'i> {
    Start(Element<'i>),
    End,
    /// Text as it stands.
    Text(Cow<'i, str>),
    Other(Event<'i>),
}

#[cold]
fn mismatched(expected: Option<&str>, end: &BytesEnd<'_>) -> XmlError {
    let found = end.name().0.to_owned();
    malformed(match expected {
        Some(expected) => IllFormedError::MismatchedEndTag {
            expected: expected.to_owned(),
            found,
        },
        None => IllFormedError::UnmatchedEndTag(found),
    })
}

/// The text that an event adds to that of its element.
pub(super) fn piece(event: Event<'_>) -> Result<Cow<'_, str>, XmlError> {
    match event {
        Event::Text(text) => Ok(text.xml10_content()),
        Event::CData(text) => Ok(text.xml10_content()),
        Event::GeneralRef(reference) => resolve(&reference),
        _ => Ok(Cow::Borrowed("")),
    }
}

/// The character of `&lt;`, `&#65;` and the like; other entities cannot be declared.
fn resolve(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, XmlError> {
    if let Some(character) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(Cow::Owned(character.to_string()));
    }
    let name = reference.xml10_content();
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => Err(malformed(EscapeError::UnrecognizedEntity(
            0..0,
            name.into_owned(),
        ))),
    }
}

/// quick-xml tells an end too early in several ways; all of them are a truncated document.
#[cold]
pub(super) fn malformed(error: impl Into<quick_xml::Error>) -> XmlError {
    use quick_xml::errors::{Error, IllFormedError, SyntaxError};
    match error.into() {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            XmlError::Malformed("unknown markup after <!".into())
        }
        Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
            XmlError::Truncated
        }
        other => XmlError::Malformed(other.to_string()),
    }
}
