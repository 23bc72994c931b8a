//! The start of an element, and its attributes.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::{self, Attributes};
use quick_xml::name::QName;

/// The start of an element; its content is read from the [`Reader`](super::Reader).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'i> {
    /// The name and the attributes, as they stand in the tag.
    tag: &'i str,
    name: &'i str,
    local_name: &'i str,
}

/// An attribute of an element.
pub(crate) struct Attribute<'i>(attributes::Attribute<'i>);

impl<'i> Element<'i> {
    /// The element of a tag, whose name is so long.
    pub(super) fn new(tag: &'i str, name: usize) -> Self {
        let name = tag.get(..name).unwrap_or(tag);
        Self {
            tag,
            name,
            local_name: local_name(name),
        }
    }

    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &'i str {
        self.local_name
    }

    pub(super) fn name(&self) -> QName<'i> {
        QName(self.name)
    }

    /// The attributes, namespace declarations among them.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'i>> + use<'i> {
        let mut attributes = Attributes::new(self.tag, self.name.len());
        // Who sends one twice is not asked which was meant.
        attributes.with_checks(false);
        let any = (self.tag.len() > self.name.len()).then_some(attributes);
        any.into_iter().flatten().flatten().map(Attribute)
    }
}

impl<'i> Attribute<'i> {
    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &'i str {
        local_name(self.0.key.0)
    }

    /// The value; `None` if it holds a reference that cannot be resolved.
    pub(crate) fn value(&self) -> Option<Cow<'i, str>> {
        self.0.normalized_value(XmlVersion::Implicit1_0).ok()
    }

    pub(super) fn name(&self) -> QName<'i> {
        self.0.key
    }
}

/// A name without its prefix.
fn local_name(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}
