//! A reader that walks a document once.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::{Ns, XmlError, trim};

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
pub(crate) struct Reader<'i> {
    events: NsReader<&'i [u8]>,
    limits: Limits,
    depth: usize,
    elements: usize,
}

/// The start of an element; its content is read from the [`Reader`].
#[derive(Debug)]
pub(crate) struct Element<'i>(BytesStart<'i>);

/// An attribute of an element.
pub(crate) struct Attribute<'e>(quick_xml::events::attributes::Attribute<'e>);

/// What stands in an element that holds one or the other.
pub(crate) enum Content<'i> {
    /// Text up to the end of the element, which has been read.
    Text(Cow<'i, str>),
    /// The first child; only white space stood before it.
    Child(Element<'i>),
}

impl<'i> Reader<'i> {
    /// A reader before the root element.
    pub(crate) fn new(text: &'i str, limits: Limits) -> Result<Self, XmlError> {
        if text.len() > limits.bytes {
            return Err(XmlError::TooLarge(limits.bytes));
        }
        let mut events = NsReader::from_str(text);
        events.config_mut().expand_empty_elements = true;
        Ok(Self {
            events,
            limits,
            depth: 0,
            elements: 0,
        })
    }

    /// The root element.
    pub(crate) fn root(&mut self) -> Result<Element<'i>, XmlError> {
        self.child()?.ok_or(XmlError::Empty)
    }

    /// The next child of the element the reader is in; `None` when that element has ended, and the
    /// reader is in its parent. Text between the children is passed over.
    pub(crate) fn child(&mut self) -> Result<Option<Element<'i>>, XmlError> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(Some(Element(start))),
                Event::End(_) => return Ok(None),
                _ => {}
            }
        }
    }

    /// The content of the element the reader is in: text to its end, or the first child.
    pub(crate) fn content(&mut self) -> Result<Content<'i>, XmlError> {
        let mut text = Cow::Borrowed("");
        loop {
            let piece = match self.next()? {
                Event::Start(start) if trim(&text).is_empty() => {
                    return Ok(Content::Child(Element(start)));
                }
                Event::Start(start) => {
                    return Err(XmlError::MixedContent(start.name().0.to_owned()));
                }
                Event::End(_) => return Ok(Content::Text(text)),
                Event::Text(piece) => piece.xml10_content(),
                Event::CData(piece) => piece.xml10_content(),
                Event::GeneralRef(reference) => resolve(&reference)?,
                _ => continue,
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
    }

    /// The text of the element the reader is in, to its end; it may hold no element.
    pub(crate) fn text(&mut self) -> Result<Cow<'i, str>, XmlError> {
        match self.content()? {
            Content::Text(text) => Ok(text),
            Content::Child(child) => Err(XmlError::MixedContent(child.local_name().to_owned())),
        }
    }

    /// Passes over the rest of the element the reader is in.
    pub(crate) fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Passes over what may follow the root element and makes sure that the document ends there.
    pub(crate) fn finish(&mut self) -> Result<(), XmlError> {
        while self.depth > 0 {
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
        self.ns_uri(element).map_or(Ns::None, Ns::of)
    }

    /// The namespace URI of an element just read.
    pub(crate) fn ns_uri(&self, element: &Element<'_>) -> Option<&str> {
        match self.events.resolver().resolve_element(element.0.name()).0 {
            ResolveResult::Bound(namespace) => Some(namespace.0),
            _ => None,
        }
    }

    /// An attribute of an element just read; `Ns::None` for one without a prefix.
    pub(crate) fn attribute<'e>(
        &self,
        element: &'e Element<'_>,
        ns: Ns,
        local: &str,
    ) -> Option<Cow<'e, str>> {
        let mut attributes = element.attributes();
        let is_wanted = |attribute: &Attribute<'_>| {
            attribute.local_name() == local && self.attribute_ns(attribute) == ns
        };
        attributes.find(is_wanted)?.value()
    }

    /// The namespace of an attribute of an element just read; `Ns::None` for one without a prefix.
    pub(crate) fn attribute_ns(&self, attribute: &Attribute<'_>) -> Ns {
        match self.events.resolver().resolve_attribute(attribute.0.key).0 {
            ResolveResult::Bound(namespace) => Ns::of(namespace.0),
            _ => Ns::None,
        }
    }

    fn next(&mut self) -> Result<Event<'i>, XmlError> {
        let event = self.events.read_event().map_err(malformed)?;
        match &event {
            Event::Start(_) => self.count()?,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof if self.elements == 0 => return Err(XmlError::Empty),
            Event::Eof => return Err(XmlError::Truncated),
            _ => {}
        }
        Ok(event)
    }

    fn count(&mut self) -> Result<(), XmlError> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > self.limits.depth {
            return Err(XmlError::TooDeep(self.limits.depth));
        }
        if self.elements > self.limits.elements {
            return Err(XmlError::TooManyElements(self.limits.elements));
        }
        Ok(())
    }
}

impl Element<'_> {
    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &str {
        local_name(self.0.name().0)
    }

    /// The attributes, namespace declarations among them.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let raw = self.0.attributes_raw();
        let any = (!raw.is_empty()).then(|| self.0.attributes());
        any.into_iter()
            .flat_map(|mut attributes| {
                // Who sends one twice is not asked which was meant.
                attributes.with_checks(false);
                attributes
            })
            .flatten()
            .map(Attribute)
    }
}

impl<'e> Attribute<'e> {
    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &str {
        local_name(self.0.key.0)
    }

    /// The value; `None` if it holds a reference that cannot be resolved.
    pub(crate) fn value(&self) -> Option<Cow<'e, str>> {
        self.0.normalized_value(XmlVersion::Implicit1_0).ok()
    }
}

/// A name without its prefix.
fn local_name(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
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
fn malformed(error: impl Into<quick_xml::Error>) -> XmlError {
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
