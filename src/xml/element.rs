//! The start of an element.

use std::borrow::Cow;

use super::attribute::Attributes;
use super::character::replace_forbidden;
use super::error::XmlError;
use super::name::prefix;
use super::open_element::RowTag;
use super::place::Place;
use super::tag::Tag;

/// The start of an element; its content is read from the [`Reader`](super::Reader).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'i> {
    /// The name and the attributes, as in the tag.
    tag: &'i str,
    /// The length of the name.
    name: usize,
    /// The offset of the local name.
    local: usize,
    /// The offset of the attributes, or an earlier one; leading namespace declarations are excluded.
    attributes: usize,
    /// Its tag, if it is one that rows repeat.
    row_tag: RowTag,
}

impl<'i> Element<'i> {
    /// Creates the element of a tag.
    #[inline]
    pub(super) fn new(tag: &Tag<'i>, row_tag: RowTag) -> Self {
        Self {
            tag: tag.text,
            name: tag.name,
            local: tag.local,
            attributes: tag.name,
            row_tag,
        }
    }

    #[inline]
    pub(super) fn row_tag(&self) -> RowTag {
        self.row_tag
    }

    /// Returns the name without its prefix.
    #[inline]
    pub(crate) fn local_name(&self) -> &'i str {
        self.tag.get(self.local..self.name).unwrap_or_default()
    }

    /// Returns the name and the attributes, as in the tag.
    pub(super) fn tag(&self) -> &'i str {
        self.tag
    }

    /// Returns the raw start tag, with U+FFFD for invalid characters.
    pub(crate) fn start_tag(&self) -> String {
        let tag = replace_forbidden(Cow::Borrowed(self.tag));
        ["<", &*tag, ">"].concat()
    }

    /// Returns the name with its prefix.
    pub(super) fn name(&self) -> &'i str {
        self.tag.get(..self.name).unwrap_or_default()
    }

    /// Returns the prefix of the name; empty without one.
    #[inline]
    pub(super) fn prefix(&self) -> &'i str {
        prefix(self.tag, self.local)
    }

    /// Returns whether there are any attributes.
    #[inline]
    pub(crate) fn has_attributes(&self) -> bool {
        self.tag.len() > self.attributes
    }

    /// Declares its namespaces again, which an element with the same tag declared in an earlier row.
    /// Returns whether there is one.
    #[inline]
    pub(super) fn declare_again(&mut self, place: &mut Place) -> Result<bool, XmlError> {
        let Some(has_attributes) = place.declare_again(self.row_tag, self.tag)? else {
            return Ok(false);
        };
        if !has_attributes {
            self.attributes = self.tag.len();
        }
        Ok(true)
    }

    /// Declares its namespaces. Leading declarations, which is nearly all of them, are not read again:
    /// their long URIs dominate the tag.
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

    /// Returns the attributes, and all namespace declarations.
    pub(super) fn all_attributes(&self) -> Attributes<'i> {
        Attributes::new(self.tag, self.name)
    }

    /// Returns the attributes; may include namespace declarations.
    #[inline]
    pub(crate) fn attributes(&self) -> Attributes<'i> {
        Attributes::new(self.tag, self.attributes)
    }
}
