//! A reader that walks a document once.

use std::borrow::Cow;

use super::attribute::Attribute;
use super::attributes::{AttributesWithNs, attribute_ns, check_attributes, meaning, undeclared};
use super::element::Element;
use super::encoding::{Document, Origin};
use super::error::XmlError;
use super::limits::Limits;
use super::namespace::Ns;
use super::open_element::{OpenElement, RowTag};
use super::parser::parser;
use super::place::Place;
use super::tag::Tag;
use crate::white_space::{is_blank, is_space_byte};

/// Reads elements in the order of the document. The position is always inside one element, whose
/// children [`Reader::child`] returns until it ends.
///
/// This reader tracks namespaces and open elements itself, because quick-xml cannot be paused: see
/// [`Reader::pause`].
pub(crate) struct Reader<'i> {
    pub(super) text: &'i str,
    pub(super) events: quick_xml::Reader<&'i [u8]>,
    pub(super) state: State,
    /// The number of elements that quick-xml has seen start, whose names it keeps.
    pub(super) seen_starts: usize,
    /// Whether text other than white space stood between children.
    pub(super) has_stray_text: bool,
    pub(super) place: Place,
}

/// What quick-xml expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A byte order mark: it has read nothing yet.
    Fresh,
    /// Text, or markup.
    Between,
    /// The markup that ended the text it has just read.
    Behind,
}

/// The content of an element with either text or elements.
pub(crate) enum Content<'i> {
    /// Text up to the end of the element, which has been read.
    Text(Cow<'i, str>),
    /// The first child; only white space preceded it.
    Child(Element<'i>),
    /// Text before the first child: all text up to the end of the element, including the text of inner
    /// elements. The element has been read.
    Mixed(Cow<'i, str>),
}

impl<'i> Reader<'i> {
    /// Creates a reader before the root element of a text.
    #[cfg(test)]
    pub(crate) fn new(text: &'i str, limits: Limits) -> Result<Self, XmlError> {
        Self::start(text, Origin::TEXT, limits)
    }

    /// Creates a reader before the root element of a document.
    pub(crate) fn of(document: &'i Document<'_>, limits: Limits) -> Result<Self, XmlError> {
        Self::start(&document.text, document.origin, limits)
    }

    fn start(text: &'i str, origin: Origin, limits: Limits) -> Result<Self, XmlError> {
        if text.len() > limits.bytes {
            return Err(XmlError::TooLarge(limits.bytes));
        }
        Ok(Self::resume(text, Place::start(text, origin, limits)))
    }

    /// Pauses the reader between two children of the current element, so that the text can be moved.
    /// What was read so far still counts towards the limits.
    pub(crate) fn pause(mut self) -> Place {
        self.place.offset = self.offset();
        self.place
    }

    /// Resumes where a reader of the same text was paused.
    pub(crate) fn resume(text: &'i str, place: Place) -> Self {
        let rest = text.get(place.offset..).unwrap_or_default();
        Self {
            text,
            events: parser(rest),
            state: State::Fresh,
            seen_starts: 0,
            has_stray_text: false,
            place,
        }
    }

    /// Returns the root element.
    pub(crate) fn root(&mut self) -> Result<Element<'i>, XmlError> {
        self.child()?.ok_or(XmlError::Empty)
    }

    /// Says that the next child is a row of a page, whose tags may repeat those of the row before it.
    pub(crate) fn begin_row(&mut self) {
        let around = self.place.innermost();
        self.place.row_tags.begin_row(around);
    }

    /// Returns the next child of the current element; `None` when that element has ended and its parent
    /// is current. Text between the children is skipped; [`Reader::take_stray_text`] reports it.
    pub(crate) fn child(&mut self) -> Result<Option<Element<'i>>, XmlError> {
        loop {
            self.pass_space();
            match self.next()? {
                Next::Start(element) => return Ok(Some(element)),
                Next::End => return Ok(None),
                Next::Text(text) => self.note_stray_text(&text)?,
                Next::Nothing => {}
            }
        }
    }

    /// Returns the content of the current element: text to its end, or the first child.
    #[inline(always)]
    pub(crate) fn content(&mut self) -> Result<Content<'i>, XmlError> {
        match self.leaf() {
            Some(text) => Ok(Content::Text(Cow::Borrowed(text))),
            None => self.other_content(),
        }
    }

    /// Does the same for content in any form.
    fn other_content(&mut self) -> Result<Content<'i>, XmlError> {
        let mut text = match self.next()? {
            Next::End => return Ok(Content::Text(Cow::Borrowed(""))),
            Next::Start(element) => return Ok(Content::Child(element)),
            Next::Text(text) => text,
            Next::Nothing => Cow::Borrowed(""),
        };
        loop {
            let piece = match self.next()? {
                Next::End => return Ok(Content::Text(text)),
                Next::Start(element) if is_blank(&text) => {
                    return Ok(Content::Child(element));
                }
                Next::Start(_) => {
                    let outside = self.place.depth().saturating_sub(2);
                    return self.rest_of_text(text, outside).map(Content::Mixed);
                }
                Next::Text(piece) => piece,
                Next::Nothing => continue,
            };
            self.append(&mut text, piece);
        }
    }

    /// Returns the text of the current element, to its end; fails on an inner element.
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

    /// Returns the number of open elements.
    pub(crate) fn depth(&self) -> usize {
        self.place.depth()
    }

    /// Skips the rest of the current element.
    pub(crate) fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.place.depth().saturating_sub(1);
        while self.place.depth() > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Skips what may follow the root element and validates that the document ends there.
    pub(crate) fn finish(&mut self) -> Result<(), XmlError> {
        while self.place.depth() > 0 {
            self.next()?;
        }
        loop {
            self.pass_space();
            if self.rest().is_empty() {
                return Ok(());
            }
            let is_end = self.rest().starts_with("</");
            if is_end || !matches!(self.next()?, Next::Nothing) {
                let text = "content after the root element";
                return Err(XmlError::Malformed(text.into()));
            }
        }
    }

    /// Returns whether U+FFFD stands for invalid text in what was read since an element began.
    #[inline]
    pub(crate) fn is_lossy(&self, element: &Element<'_>) -> bool {
        let end = self.place.lossy_end;
        end > 0 && self.mark_of(element).is_before(end)
    }

    /// Reads what the session sends back later: invalid text is an error even in lossy mode.
    pub(crate) fn exactly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.place.is_exact = true;
        let read = read(self);
        self.place.is_exact = false;
        read
    }

    /// Returns whether an element just read has a name; compares its local name first.
    pub(crate) fn is(&self, element: &Element<'_>, ns: Ns, local: &str) -> bool {
        element.local_name() == local && self.ns(element) == ns
    }

    /// Returns the namespace of an element just read.
    pub(crate) fn ns(&self, element: &Element<'_>) -> Ns {
        self.place.scope().ns(element.prefix())
    }

    /// Returns the namespace URI of an element just read.
    pub(crate) fn ns_uri(&self, element: &Element<'_>) -> Option<&str> {
        self.place.scope().uri(element.prefix())
    }

    /// Returns the namespace URI that a prefix stands for here.
    pub(crate) fn uri_of_prefix(&self, prefix: &str) -> Option<&str> {
        self.place.scope().uri(prefix)
    }

    /// Returns an attribute of an element just read; use `Ns::None` for one without a prefix.
    pub(crate) fn attribute(
        &self,
        element: &Element<'i>,
        ns: Ns,
        local: &str,
    ) -> Option<Cow<'i, str>> {
        let mut attributes = element.attributes();
        let is_wanted = |attribute: &Attribute<'_>| {
            attribute.local_name() == local && attribute_ns(attribute, &self.place) == ns
        };
        attributes.find(is_wanted)?.value()
    }

    /// Returns the attributes of an element just read, each with its namespace, but for those that
    /// declare one.
    #[inline]
    pub(crate) fn attributes(&self, element: &Element<'i>) -> AttributesWithNs<'i, '_> {
        AttributesWithNs::of(element, &self.place)
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Next<'i>, XmlError> {
        if self.place.is_empty {
            self.place.is_empty = false;
            self.place.leave();
            return Ok(Next::End);
        }
        if self.state != State::Behind
            && !self.place.is_damaged()
            && let Some(next) = self.plain()
        {
            return next;
        }
        self.event()
    }

    /// Reads a tag of the usual form without the event that quick-xml would create.
    // Inlined with what it calls and what calls it: to move an element or a value from function to function
    // costs as much time as to read it.
    #[inline(always)]
    fn plain(&mut self) -> Option<Result<Next<'i>, XmlError>> {
        let rest = self.rest();
        if let Some(end) = rest.strip_prefix("</") {
            let name = self.place.innermost()?.name_in(self.text)?;
            let behind = end.strip_prefix(name)?.strip_prefix('>')?;
            self.place.leave();
            *self.events.get_mut() = behind.as_bytes();
            return Some(Ok(Next::End));
        }
        let start = self.offset();
        let around = self.place.innermost();
        let (tag, behind, row_tag) = match self.place.row_tags.find(self.text, rest, around) {
            Some(found) => found,
            None => {
                let (tag, behind) = Tag::plain(rest)?;
                let end = self.text.len() - behind.len();
                let row_tag = self.place.row_tags.note(&tag, (start, end), around);
                (tag, behind, row_tag)
            }
        };
        *self.events.get_mut() = behind.as_bytes();
        Some(self.enter(&tag, start + 1, row_tag).map(Next::Start))
    }

    /// Opens an element, whose tag was just read and begins at an offset.
    #[inline(always)]
    pub(super) fn enter(
        &mut self,
        tag: &Tag<'i>,
        start: usize,
        row_tag: RowTag,
    ) -> Result<Element<'i>, XmlError> {
        let mut element = Element::new(tag, row_tag);
        let name = tag.name;
        self.place.enter(OpenElement {
            start,
            name,
            row_tag,
        })?;
        self.place.is_empty = tag.is_empty;
        if element.declare_again(&mut self.place)? {
            return Ok(element);
        }
        if tag.declares {
            element.declare(&mut self.place)?;
        }
        if tag.attributes > 0 {
            check_attributes(&element, &mut self.place)?;
        }
        if !self.place.knows(element.prefix()) {
            return Err(undeclared(element.prefix()));
        }
        if row_tag != RowTag::NONE {
            self.learn(&element);
        }
        Ok(element)
    }

    /// Learns a tag of a row that was found valid.
    fn learn(&mut self, element: &Element<'i>) {
        let meaning = meaning(element, &self.place);
        self.place.row_tags.learn(element.row_tag(), meaning);
    }

    /// Returns the text up to the end of the current element in the usual form: `text</name>`, without
    /// references or markup. It has then been read, without the two events that quick-xml would create.
    #[inline]
    pub(super) fn leaf(&mut self) -> Option<&'i str> {
        if self.place.is_empty || !self.place.is_plain() {
            return None;
        }
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| (byte == b'<') | (byte == b'&'))?;
        let (text, tag) = rest.split_at_checked(end)?;
        let name = self.place.innermost()?.name_in(self.text)?;
        let rest = tag.strip_prefix("</")?.strip_prefix(name)?;
        let rest = rest.strip_prefix('>')?;
        self.place.leave();
        *self.events.get_mut() = rest.as_bytes();
        Some(text)
    }

    /// Adds a piece to the text of an element, with room for the text up to the next tag.
    pub(super) fn append(&self, text: &mut Cow<'i, str>, piece: Cow<'i, str>) {
        if text.is_empty() {
            *text = piece;
            return;
        }
        if let Cow::Borrowed(start) = *text {
            let room = self.rest().find('<').unwrap_or_default();
            let mut joined = String::with_capacity(start.len() + piece.len() + room);
            joined.push_str(start);
            *text = Cow::Owned(joined);
        }
        text.to_mut().push_str(&piece);
    }

    /// Returns the number of bytes read.
    pub(super) fn offset(&self) -> usize {
        self.text.len() - self.events.get_ref().len()
    }

    /// Returns the unread rest.
    #[inline]
    pub(super) fn rest(&self) -> &'i str {
        self.text.get(self.offset()..).unwrap_or_default()
    }

    /// Skips white space, where text is allowed.
    #[inline]
    fn pass_space(&mut self) {
        if self.state != State::Behind && !self.place.is_empty {
            let rest = self.rest();
            let space = rest.bytes().take_while(|byte| is_space_byte(*byte)).count();
            *self.events.get_mut() = rest.get(space..).unwrap_or_default().as_bytes();
        }
    }
}

/// The next item: the start or the end of an element, or what stands between.
pub(super) enum Next<'i> {
    Start(Element<'i>),
    End,
    /// Text with its references resolved.
    Text(Cow<'i, str>),
    /// A comment or an instruction.
    Nothing,
}
