//! Endpoint references and selectors: the wire form of an instance path.

use std::sync::LazyLock;

use super::uri::{ANONYMOUS, ClassUri};
use super::{DecodeError, ResourceUriPrefix};
use crate::cim::{DEEPEST_REFERENCE, InstancePath, Key, Keys, Name, Namespace, Value, ValueError};
use crate::xml::{Content, Element, Ns, Reader, Writer, trim};

/// The selector that names the CIM namespace (DSP0227 7.2.1).
pub(crate) const NAMESPACE_SELECTOR: &str = "__cimnamespace";

/// The same as a name, of which each message takes a clone.
static NAMESPACE_NAME: LazyLock<Name> = LazyLock::new(|| Name::new(NAMESPACE_SELECTOR));

/// The expectation in the error for sending [`Value::Lossy`].
pub(super) const NOT_LOSSY: &str = "the text of the server: U+FFFD replaces its invalid characters";

/// The selectors of a message, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectorSet {
    selectors: Vec<(Name, SelectorValue)>,
    /// The selectors whose text holds U+FFFD for invalid characters.
    lossy: Vec<Name>,
}

/// The value of a selector.
///
/// Exhaustive: DSP0226 5.4.2.2 defines no other form.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectorValue {
    /// Text; selectors carry no types.
    Text(String),
    /// The path of another instance.
    Reference(Box<InstancePath>),
}

impl SelectorSet {
    /// Returns the selectors of a path in `namespace`, with `__cimnamespace` first.
    ///
    /// # Errors
    /// Fails on a key that is NULL, an array or an embedded instance.
    pub(crate) fn of(namespace: Option<&Namespace>, keys: &Keys) -> Result<Self, ValueError> {
        let mut selectors = Vec::with_capacity(1 + keys.named().len());
        if let Some(namespace) = namespace {
            let value = SelectorValue::Text(namespace.as_str().to_owned());
            selectors.push((NAMESPACE_NAME.clone(), value));
        }
        for key in keys.named() {
            selectors.push((key.name.clone(), selector_value(key)?));
        }
        let lossy = Vec::new();
        Ok(Self { selectors, lossy })
    }

    /// Returns the selectors, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(Name, SelectorValue)> {
        self.selectors.iter()
    }

    /// Returns whether there are no selectors.
    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// Returns the namespace that the selectors name; `None` if it is missing or invalid.
    pub fn namespace(&self) -> Option<Namespace> {
        self.selectors.iter().find_map(|(name, value)| match value {
            SelectorValue::Text(text) if *name == NAMESPACE_SELECTOR => trim(text).parse().ok(),
            _ => None,
        })
    }

    /// Returns the keys that the selectors name, untyped.
    pub(crate) fn keys(&self) -> Keys {
        let keys: Vec<Key> = self
            .selectors
            .iter()
            .filter(|(name, _)| *name != NAMESPACE_SELECTOR)
            .map(|(name, value)| Key {
                name: name.clone(),
                value: match value.to_value() {
                    value if self.lossy.contains(name) => value.into_lossy(),
                    value => value,
                },
            })
            .collect();
        if keys.is_empty() {
            Keys::Class
        } else {
            Keys::Named(keys)
        }
    }

    /// Writes the set; writes nothing if it is empty. A reference without a namespace takes the
    /// namespace of the set, else `around`.
    pub(crate) fn write(
        &self,
        w: &mut Writer,
        prefix: &ResourceUriPrefix,
        around: Option<&Namespace>,
    ) -> Result<(), ValueError> {
        if self.selectors.is_empty() {
            return Ok(());
        }
        w.open("w:SelectorSet", &[])?;
        for (name, value) in &self.selectors {
            w.open("w:Selector", &[("Name", name.as_str())])?;
            match value {
                SelectorValue::Text(text) => w.text(text)?,
                SelectorValue::Reference(path) => {
                    let own = self.namespace();
                    w.open("a:EndpointReference", &[])?;
                    write_reference(w, path, prefix, own.as_ref().or(around))?;
                    w.close("a:EndpointReference");
                }
            }
            w.close("w:Selector");
        }
        w.close("w:SelectorSet");
        Ok(())
    }

    /// Reads a set; the reader is in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::read_nested(reader, 0)
    }

    /// Does the same at this nesting level of references.
    fn read_nested(reader: &mut Reader<'_>, level: usize) -> Result<Self, DecodeError> {
        let (mut selectors, mut lossy) = (Vec::new(), Vec::new());
        while let Some(element) = reader.child()? {
            let name = reader
                .attribute(&element, Ns::None, "Name")
                .unwrap_or_default()
                .into_owned();
            let value = match reader.content()? {
                Content::Text(text) if is_on_own_lines(&text) => {
                    SelectorValue::Text(trim(&text).to_owned())
                }
                Content::Text(text) | Content::Mixed(text) => {
                    SelectorValue::Text(text.into_owned())
                }
                Content::Child(child) => {
                    if level == DEEPEST_REFERENCE {
                        return Err(DecodeError::NestedReferences(DEEPEST_REFERENCE));
                    }
                    let reference = EndpointReference::read_nested(reader, child, level + 1)?;
                    SelectorValue::Reference(Box::new(reference.into_path()))
                }
            };
            let name = Name::from(name);
            if reader.is_lossy(&element) {
                lossy.push(name.clone());
            }
            selectors.push((name, value));
        }
        Ok(Self { selectors, lossy })
    }
}

impl SelectorValue {
    fn to_value(&self) -> Value {
        match self {
            SelectorValue::Text(text) => Value::Untyped(text.clone()),
            SelectorValue::Reference(path) => Value::Reference(path.clone()),
        }
    }
}

/// Returns whether a value stands on lines of its own, as MS-WSMV prints some. A line break at one end
/// alone is a part of the value.
fn is_on_own_lines(text: &str) -> bool {
    let indent = [' ', '\t'];
    text.trim_start_matches(indent).starts_with('\n')
        && text.trim_end_matches(indent).ends_with('\n')
}

fn selector_value(key: &Key) -> Result<SelectorValue, ValueError> {
    if let Value::Reference(path) = &key.value {
        return Ok(SelectorValue::Reference(path.clone()));
    }
    let bad = || match &key.value {
        value @ Value::Lossy(_) => value.is_not(NOT_LOSSY),
        value => value.is_not("a key: one value, not NULL"),
    };
    let text = key
        .value
        .key_text()
        .ok_or_else(|| bad().in_property(&key.name))?;
    Ok(SelectorValue::Text(text))
}

/// An endpoint reference as read.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointReference {
    pub(crate) address: Option<String>,
    pub(crate) resource_uri: Option<String>,
    pub(crate) selectors: SelectorSet,
    /// The identifier of a subscription.
    pub(crate) identifier: Option<String>,
    /// Whether it has parts that are not kept.
    pub(crate) has_more: bool,
}

impl EndpointReference {
    /// Reads a reference; the reader is in the element that holds it. Some servers wrap its parts in an
    /// `a:EndpointReference`, others do not.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.child()? {
            Some(first) => Self::read_first(reader, first),
            None => Ok(Self::default()),
        }
    }

    /// Does the same after the first child was read.
    pub(crate) fn read_first(
        reader: &mut Reader<'_>,
        first: Element<'_>,
    ) -> Result<Self, DecodeError> {
        Self::read_nested(reader, first, 0)
    }

    /// Does the same at this nesting level of references.
    fn read_nested(
        reader: &mut Reader<'_>,
        first: Element<'_>,
        level: usize,
    ) -> Result<Self, DecodeError> {
        if reader.is(&first, Ns::Addressing, "EndpointReference") {
            let mut reference = match reader.child()? {
                Some(first) => Self::read_nested(reader, first, level)?,
                None => Self::default(),
            };
            while reader.child()?.is_some() {
                reference.has_more = true;
                reader.skip()?;
            }
            return Ok(reference);
        }
        let mut reference = Self::default();
        let mut next = Some(first);
        while let Some(element) = next {
            reference.read_part(reader, &element, level)?;
            next = reader.child()?;
        }
        Ok(reference)
    }

    /// Reads the parts of a reference that stand directly in a property, up to the first element that
    /// is not such a part. The first child has already been read.
    pub(crate) fn read_parts<'i>(
        reader: &mut Reader<'i>,
        first: Element<'i>,
    ) -> Result<(Self, Option<Element<'i>>), DecodeError> {
        let mut reference = Self::default();
        let mut next = Some(first);
        while let Some(element) = &next
            && matches!(
                reader.ns(element),
                Ns::Addressing | Ns::Wsman | Ns::Eventing
            )
        {
            reference.read_part(reader, element, 0)?;
            next = reader.child()?;
        }
        Ok((reference, next))
    }

    /// Returns whether the reference holds more than its path.
    pub(crate) fn says_more(&self) -> bool {
        let address = self.address.as_deref().unwrap_or(ANONYMOUS);
        self.has_more
            || self.resource_uri.is_none()
            || self.identifier.is_some()
            || !address.ends_with("/anonymous")
    }

    fn read_part(
        &mut self,
        r: &mut Reader<'_>,
        element: &Element<'_>,
        level: usize,
    ) -> Result<(), DecodeError> {
        match (r.ns(element), element.local_name()) {
            (Ns::Addressing, "ReferenceParameters" | "ReferenceProperties") => {
                while let Some(element) = r.child()? {
                    self.read_part(r, &element, level)?;
                }
            }
            (Ns::Wsman, "ResourceURI") => {
                self.resource_uri = Some(trim(&r.exactly(Reader::text)?).to_owned());
            }
            (Ns::Wsman, "SelectorSet") => self.selectors = SelectorSet::read_nested(r, level)?,
            (Ns::Addressing, "Address") => {
                self.address = Some(trim(&r.exactly(Reader::text)?).to_owned())
            }
            (Ns::Eventing, "Identifier") => {
                self.identifier = Some(trim(&r.exactly(Reader::text)?).to_owned());
            }
            _ => {
                self.has_more = true;
                r.skip()?;
            }
        }
        Ok(())
    }

    /// Returns the path of the reference.
    pub(crate) fn into_path(self) -> InstancePath {
        let uri = ClassUri::parse(self.resource_uri.as_deref().unwrap_or_default());
        let mut path = InstancePath::of_parts(uri.class, self.selectors.keys());
        if let Some(namespace) = self.selectors.namespace().or(uri.namespace) {
            path = path.in_namespace(namespace);
        }
        if let Some(vendor) = uri.vendor {
            path = path.with_schema_uri(vendor);
        }
        path
    }
}

/// Writes the content of an endpoint reference, or of a property of type reference. A path without a
/// namespace takes the namespace of the referring object, `around`.
pub(crate) fn write_reference(
    w: &mut Writer,
    path: &InstancePath,
    prefix: &ResourceUriPrefix,
    around: Option<&Namespace>,
) -> Result<(), ValueError> {
    let namespace = path.namespace().or(around);
    let own = ResourceUriPrefix::of_path(path)?;
    let class = path.class().as_str();
    let uri = own.as_ref().unwrap_or(prefix).class_uri(namespace, class)?;
    let selectors = SelectorSet::of(path.namespace(), path.keys())?;
    w.leaf("a:Address", &[], ANONYMOUS)?;
    w.open("a:ReferenceParameters", &[])?;
    w.leaf("w:ResourceURI", &[], &uri)?;
    selectors.write(w, prefix, namespace)?;
    w.close("a:ReferenceParameters");
    Ok(())
}
