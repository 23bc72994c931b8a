//! Reads the unusual forms with quick-xml and validates them here.

use std::borrow::Cow;

use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesEnd, BytesStart, Event};

use super::character::{
    REPLACEMENT, Reference, find_forbidden, forbidden_reference, replace_forbidden, resolve,
};
use super::declaration;
use super::element::Element;
use super::encoding::Origin;
use super::error::{BadCharacter, Found, XmlError};
use super::limits::Limits;
use super::name::is_local;
use super::open_element::RowTag;
use super::parser::{malformed, parser};
use super::place::Place;
use super::reader::{Next, Reader, State};
use super::tag::Tag;
use crate::white_space::is_space;

/// The number of start tags after which the parser is recreated, to free the names that quick-xml
/// keeps: small enough for memory, large enough to be rare.
const SEEN_STARTS: usize = 1000;

impl<'i> Reader<'i> {
    /// Returns the next event of quick-xml.
    pub(super) fn event(&mut self) -> Result<Next<'i>, XmlError> {
        let before = self.offset();
        if self.state == State::Fresh {
            self.leave_mark();
        }
        self.state = State::Between;
        let event = self.events.read_event().map_err(malformed)?;
        if self.place.is_damaged() && !self.place.is_lenient() {
            self.refuse_forbidden(before)?;
        }
        match event {
            Event::Start(tag) => self.enter_any(&tag, ">").map(Next::Start),
            Event::Empty(tag) => self.enter_any(&tag, "/>").map(Next::Start),
            Event::End(end) => self.leave(&end).map(|()| Next::End),
            Event::Text(text) => {
                self.state = State::Behind;
                if self.place.is_plain() {
                    return Ok(Next::Text(text.into_inner()));
                }
                self.odd_text(&text)?;
                Ok(Next::Text(self.clean(text.xml10_content())))
            }
            Event::CData(text) => Ok(Next::Text(self.clean(text.xml10_content()))),
            Event::GeneralRef(reference) => self.reference(&reference, before),
            Event::Comment(_) => Ok(Next::Nothing),
            Event::PI(_) | Event::Decl(_) => self.instruction(before),
            Event::DocType(_) => Err(XmlError::DocumentType),
            Event::Eof if self.place.elements == 0 => Err(XmlError::Empty),
            Event::Eof => Err(XmlError::Truncated),
        }
    }

    /// Opens an element of any form.
    fn enter_any(&mut self, tag: &BytesStart<'_>, close: &str) -> Result<Element<'i>, XmlError> {
        let end = self.offset() - close.len();
        let start = end - tag.len();
        let text = self.text.get(start..end).unwrap_or_default();
        let tag = Tag::any(text, tag.name().0.len(), close.len() > 1)?;
        match forbidden_reference(text) {
            Some((at, number)) if !self.place.is_lenient() => {
                return Err(self.bad(start + at, Found::Number(number)));
            }
            found
                if found.is_some() || self.place.is_damaged() && find_forbidden(text).is_some() =>
            {
                self.place.lossy_end = end;
            }
            _ => {}
        }
        self.seen_starts += 1;
        if self.seen_starts == SEEN_STARTS {
            self.seen_starts = 0;
            self.events = parser(self.rest());
            self.state = State::Fresh;
        }
        self.enter(&tag, start, RowTag::NONE)
    }

    fn leave(&mut self, end: &BytesEnd<'_>) -> Result<(), XmlError> {
        let expected = self.place.leave().and_then(|open| open.name_in(self.text));
        if expected == Some(end.name().0) {
            Ok(())
        } else {
            Err(mismatched(expected, end))
        }
    }

    /// Keeps quick-xml from reading a U+FEFF in the text as a byte order mark: it reads an element
    /// first.
    fn leave_mark(&mut self) {
        if self.rest().starts_with('\u{feff}') {
            let rest = std::mem::replace(self.events.get_mut(), b"<a/>");
            // It cannot fail, and its result is not needed.
            let _ = self.events.read_event();
            *self.events.get_mut() = rest;
        }
    }

    /// Validates text: `]]>` is allowed only at the end of a CDATA section (XML 1.0, 2.4).
    fn odd_text(&self, text: &str) -> Result<(), XmlError> {
        if text.contains("]]>") {
            Err(XmlError::Malformed("]]> in text".into()))
        } else {
            Ok(())
        }
    }

    /// Returns text with U+FFFD for invalid characters.
    fn clean(&mut self, text: Cow<'i, str>) -> Cow<'i, str> {
        if !self.place.is_damaged() {
            return text;
        }
        let cleaned = replace_forbidden(text);
        if matches!(cleaned, Cow::Owned(_)) {
            self.place.lossy_end = self.offset();
        }
        cleaned
    }

    /// Returns the character of `&lt;`, `&#65;` and the like; other entities cannot be declared.
    fn reference(&mut self, name: &str, before: usize) -> Result<Next<'i>, XmlError> {
        match resolve(name) {
            Reference::Character(character) => Ok(Next::Text(Cow::Owned(character.into()))),
            Reference::Forbidden(_) if self.place.is_lenient() => {
                self.place.lossy_end = self.offset();
                Ok(Next::Text(Cow::Owned(REPLACEMENT.into())))
            }
            Reference::Forbidden(number) => Err(self.bad(before, Found::Number(number))),
            Reference::Unknown => {
                let text = format!("&{name}; is not declared");
                Err(XmlError::Malformed(text))
            }
        }
    }

    /// Reads a processing instruction, or the XML declaration, which is allowed only at the start.
    fn instruction(&self, before: usize) -> Result<Next<'i>, XmlError> {
        let text = self.text.get(before..self.offset()).unwrap_or_default();
        let text = text
            .strip_prefix("<?")
            .and_then(|text| text.strip_suffix("?>"));
        let text = text.unwrap_or_default();
        let (target, content) = text.split_at(text.find(is_space).unwrap_or(text.len()));
        match target {
            "xml" if before == 0 => declaration::check(content)?,
            _ if is_local(target) && !target.eq_ignore_ascii_case("xml") => {}
            _ => {
                let text = format!("<?{target} does not belong there");
                return Err(XmlError::Malformed(text));
            }
        }
        Ok(Next::Nothing)
    }

    /// Rejects invalid characters in what was read since the last call.
    fn refuse_forbidden(&self, since: usize) -> Result<(), XmlError> {
        let read = self.text.get(since..self.offset()).unwrap_or_default();
        let Some((at, character)) = find_forbidden(read) else {
            return Ok(());
        };
        let found = match self.place.origin.invalid {
            Some((first, unit)) if first == since + at => {
                Found::Unit(unit, self.place.origin.charset())
            }
            _ => Found::Number(u32::from(character)),
        };
        Err(self.bad(since + at, found))
    }

    fn bad(&self, at: usize, found: Found) -> XmlError {
        let before = self.text.get(..at).unwrap_or_default();
        XmlError::Character(Box::new(BadCharacter {
            found,
            is_exact: self.place.is_exact,
            offset: self.place.origin.bytes_before(before),
            path: path(self.text, at, self.place.limits),
        }))
    }
}

/// Returns the elements around a position in a text, each with the number of elements before it in its
/// parent.
fn path(text: &str, at: usize, mut limits: Limits) -> Vec<(String, usize)> {
    limits.lossy = true;
    let mut reader = Reader::resume(text, Place::start(text, Origin::TEXT, limits));
    let mut open: Vec<(&str, usize)> = Vec::new();
    // The number of children of each of them and of the document.
    let mut children = vec![0];
    while let Ok(next) = reader.next() {
        if let Next::Start(element) = &next {
            let index = children.last_mut().map(|count| {
                *count += 1;
                *count - 1
            });
            open.push((element.local_name(), index.unwrap_or_default()));
            children.push(0);
        }
        if reader.offset() > at {
            break;
        }
        if let Next::End = next {
            open.pop();
            children.pop();
        }
    }
    let owned = |(name, index): (&str, usize)| (name.to_owned(), index);
    open.into_iter().map(owned).collect()
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
