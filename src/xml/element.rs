//! The start of an element.

use super::attribute::Attributes;
use super::error::XmlError;
use super::name::prefix;
use super::place::Place;
use super::tag::Tag;

/// The start of an element; its content is read from the [`Reader`](super::Reader).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'i> {
    /// The name and the attributes, as they stand in the tag.
    tag: &'i str,
    /// How long the name is.
    name: usize,
    /// Where the name without its prefix begins.
    local: usize,
    /// Where the attributes begin, or a place before it; namespace declarations that come first are
    /// left out.
    attributes: usize,
}

impl<'i> Element<'i> {
    /// The element of a tag.
    #[inline]
    pub(super) fn new(tag: &Tag<'i>) -> Self {
        Self {
            tag: tag.text,
            name: tag.name,
            local: tag.local,
            attributes: tag.name,
        }
    }

    /// The name without its prefix.
    #[inline]
    pub(crate) fn local_name(&self) -> &'i str {
        self.tag.get(self.local..self.name).unwrap_or_default()
    }

    /// The name and the attributes, as they stand in the tag.
    pub(super) fn tag(&self) -> &'i str {
        self.tag
    }

    /// The start tag, as it stands.
    pub(crate) fn start_tag(&self) -> String {
        ["<", self.tag, ">"].concat()
    }

    /// The name as it stands.
    pub(super) fn name(&self) -> &'i str {
        self.tag.get(..self.name).unwrap_or_default()
    }

    /// The prefix of the name; empty without one.
    #[inline]
    pub(super) fn prefix(&self) -> &'i str {
        prefix(self.tag, self.local)
    }

    /// Whether there are any attributes.
    #[inline]
    pub(crate) fn has_attributes(&self) -> bool {
        self.tag.len() > self.attributes
    }

    /// Declares its namespaces. Declarations that come first, as they do nearly always, are not
    /// looked at again: the URIs make them longer than all else.
    pub(super) fn declare(&mut self, place: &mut Place) -> Result<(), XmlError> {
        let mut first = None;
        let mut attributes = self.attributes();
        loop {
            let begins = attributes.offset();
            let Some(attribute) = attributes.next() else {
                break;
            };
            match attribute.declared_prefix() {
                Some(prefix) => place.declare(prefix, &attribute.value().unwrap_or_default())?,
                None => first = first.or(Some(begins)),
            }
        }
        self.attributes = first.unwrap_or(self.tag.len());
        Ok(())
    }

    /// The attributes; namespace declarations may be among them.
    #[inline]
    pub(crate) fn attributes(&self) -> Attributes<'i> {
        Attributes::new(self.tag, self.attributes)
    }
}
