//! The start of an element, and its attributes.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::{self, Attributes};
use quick_xml::name::QName;

use super::XmlError;
use super::place::Place;

/// The start of an element; its content is read from the [`Reader`](super::Reader).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'i> {
    /// The name and the attributes, as they stand in the tag.
    tag: &'i str,
    /// How long the name is.
    name: usize,
    /// Where the name without its prefix begins.
    local: usize,
    /// Where the first attribute begins that declares no namespace, or what stands before it.
    attributes: usize,
}

/// An attribute of an element.
pub(crate) struct Attribute<'i>(attributes::Attribute<'i>);

impl<'i> Element<'i> {
    /// The element of a tag, whose name is so long.
    #[inline]
    pub(super) fn new(tag: &'i str, name: usize) -> Self {
        let local = local_start(tag.get(..name).unwrap_or_default());
        Self {
            tag,
            name,
            local,
            attributes: name,
        }
    }

    /// The name without its prefix.
    #[inline]
    pub(crate) fn local_name(&self) -> &'i str {
        self.tag.get(self.local..self.name).unwrap_or_default()
    }

    pub(super) fn name(&self) -> QName<'i> {
        QName(self.tag.get(..self.name).unwrap_or_default())
    }

    /// Whether there are any attributes.
    #[inline]
    pub(crate) fn has_attributes(&self) -> bool {
        self.tag.len() > self.attributes
    }

    /// What stands after the name.
    pub(super) fn raw_attributes(&self) -> &'i str {
        self.tag.get(self.name..).unwrap_or_default()
    }

    /// Declares its namespaces. Declarations that come first, as they do nearly always, are not
    /// looked at again: the URIs make them longer than all else.
    pub(super) fn declare(&mut self, place: &mut Place) -> Result<(), XmlError> {
        let mut first = None;
        for Attribute(attribute) in self.attributes() {
            match attribute.key.as_namespace_binding() {
                Some(prefix) => place.declare(prefix, &attribute.value)?,
                None => {
                    let begins = attribute.key.0.as_ptr().addr() - self.tag.as_ptr().addr();
                    first = first.or(Some(begins));
                }
            }
        }
        self.attributes = first.unwrap_or(self.tag.len());
        Ok(())
    }

    /// The attributes; namespace declarations may be among them.
    #[inline]
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'i>> + use<'i> {
        let mut attributes = Attributes::new(self.tag, self.attributes);
        // Who sends one twice is not asked which was meant.
        attributes.with_checks(false);
        attributes.filter_map(|attribute| attribute.ok().map(Attribute))
    }
}

impl<'i> Attribute<'i> {
    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &'i str {
        let name = self.0.key.0;
        name.get(local_start(name)..).unwrap_or_default()
    }

    /// The value; `None` if it holds a reference that cannot be resolved.
    pub(crate) fn value(&self) -> Option<Cow<'i, str>> {
        self.0.normalized_value(XmlVersion::Implicit1_0).ok()
    }

    pub(super) fn name(&self) -> QName<'i> {
        self.0.key
    }
}

/// Where a name goes on after its prefix.
#[inline]
fn local_start(name: &str) -> usize {
    // Names are short: a search made for long texts takes longer to begin than to find the colon.
    let colon = name.bytes().position(|byte| byte == b':');
    colon.map_or(0, |colon| colon + 1)
}
