//! A document as a tree, for tools that show what no decoder knows.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::reader::{Next, Reader};
use super::{Element, Limits, XmlError, decode, is_blank};

/// An element of a document as it was sent, with all its content.
///
/// Comments, processing instructions and namespace declarations are omitted: each name has its
/// namespace. All elements of a document share its text, so [`raw`](Self::raw) copies nothing.
///
/// ```
/// use wsman::xml::XmlElement;
/// let event = XmlElement::read(br#"<e:Event xmlns:e="urn:x"><e:Provider Name="disk"/> at 5</e:Event>"#)?;
/// assert_eq!((event.local_name(), event.namespace()), ("Event", Some("urn:x")));
/// let provider = event.child("Provider").unwrap();
/// assert_eq!(provider.attribute("Name"), Some("disk"));
/// assert_eq!(provider.raw(), r#"<e:Provider Name="disk"/>"#);
/// assert_eq!(event.text(), " at 5");
/// # Ok::<(), wsman::xml::XmlError>(())
/// ```
#[derive(Clone)]
pub struct XmlElement {
    source: Arc<str>,
    /// The position of the name.
    name: Range<usize>,
    /// The end of the element, after its end tag.
    end: usize,
    /// The position of its content.
    inner: Range<usize>,
    namespace: Option<Arc<str>>,
    attributes: Vec<XmlAttribute>,
    nodes: Vec<XmlNode>,
}

/// An item in the content of an element.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum XmlNode {
    /// A child element.
    Element(XmlElement),
    /// Text up to the next element, with its references resolved.
    Text(String),
}

/// An attribute of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlAttribute {
    name: String,
    namespace: Option<Arc<str>>,
    value: String,
}

impl XmlElement {
    /// Parses a document within the default limits.
    ///
    /// # Errors
    /// Fails if the bytes are not a complete document, or if it exceeds a limit.
    pub fn read(bytes: &[u8]) -> Result<Self, XmlError> {
        Self::read_within(bytes, Limits::default())
    }

    /// Parses an element of a message that was read. References to invalid characters are left in it only
    /// where the session reads them as U+FFFD, and so does this.
    pub(crate) fn read_again(xml: &str) -> Result<Self, XmlError> {
        let limits = Limits {
            lossy: true,
            ..Limits::default()
        };
        Self::read_within(xml.as_bytes(), limits)
    }

    fn read_within(bytes: &[u8], limits: Limits) -> Result<Self, XmlError> {
        let document = decode(bytes, None)?;
        let mut reader = Reader::of(&document, limits)?;
        let mut builder = Builder {
            source: Arc::from(&*document.text),
            namespaces: HashSet::new(),
        };
        let root = reader.root()?;
        let root = builder.element(&mut reader, &root)?;
        reader.finish()?;
        Ok(root)
    }

    /// Returns the name with its prefix.
    pub fn name(&self) -> &str {
        self.source.get(self.name.clone()).unwrap_or_default()
    }

    /// Returns the name without its prefix.
    pub fn local_name(&self) -> &str {
        local(self.name())
    }

    /// Returns the URI of the namespace of the name.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the attributes, without namespace declarations.
    pub fn attributes(&self) -> &[XmlAttribute] {
        &self.attributes
    }

    /// Returns the value of the first attribute with a name, compared without prefixes.
    pub fn attribute(&self, local_name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|attribute| attribute.local_name() == local_name)?;
        Some(&found.value)
    }

    /// Returns the content, in order. White space between elements is omitted.
    pub fn nodes(&self) -> &[XmlNode] {
        &self.nodes
    }

    /// Returns the child elements, in order.
    pub fn children(&self) -> impl Iterator<Item = &XmlElement> {
        self.nodes.iter().filter_map(XmlNode::element)
    }

    /// Returns the first child element with a name, compared without prefixes.
    pub fn child(&self, local_name: &str) -> Option<&XmlElement> {
        self.children()
            .find(|child| child.local_name() == local_name)
    }

    /// Returns its own text, without the text of its child elements.
    pub fn text(&self) -> String {
        self.nodes.iter().filter_map(XmlNode::text).collect()
    }

    /// Returns whether it mixes text and elements.
    pub fn is_mixed(&self) -> bool {
        let texts = self.nodes.iter().filter_map(XmlNode::text).count();
        texts > 0 && texts < self.nodes.len()
    }

    /// Returns the raw element. Its prefixes may be declared by outer elements.
    pub fn raw(&self) -> &str {
        let begin = self.name.start.saturating_sub(1);
        self.source.get(begin..self.end).unwrap_or_default()
    }

    /// Returns the raw content between its tags.
    pub fn inner_raw(&self) -> &str {
        self.source.get(self.inner.clone()).unwrap_or_default()
    }

    /// Returns the offset of its name in the text of the document.
    pub(crate) fn offset(&self) -> usize {
        self.name.start
    }
}

impl XmlNode {
    /// Returns the element, if it is one.
    pub fn element(&self) -> Option<&XmlElement> {
        match self {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        }
    }

    /// Returns the text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            XmlNode::Element(_) => None,
            XmlNode::Text(text) => Some(text),
        }
    }
}

impl XmlAttribute {
    /// Returns the name with its prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name without its prefix.
    pub fn local_name(&self) -> &str {
        local(&self.name)
    }

    /// Returns the URI of the namespace of the name; none without a prefix.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for XmlElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("XmlElement").field(&self.raw()).finish()
    }
}

impl Reader<'_> {
    /// Returns the offset of the name of the current element.
    pub(crate) fn element_offset(&self) -> usize {
        self.place.innermost().map_or(0, |open| open.start)
    }
}

/// Builds a tree; elements share the names of namespaces.
struct Builder {
    source: Arc<str>,
    namespaces: HashSet<Arc<str>>,
}

impl Builder {
    /// Reads an element; the reader is in it. The limit of the reader bounds the recursion.
    fn element(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<XmlElement, XmlError> {
        let start = reader.element_offset();
        let begin = reader.offset();
        let mut built = XmlElement {
            source: Arc::clone(&self.source),
            name: start..start + element.name().len(),
            end: begin,
            inner: begin..begin,
            namespace: self.namespace(reader.ns_uri(element)),
            attributes: self.attributes(reader, element)?,
            nodes: Vec::new(),
        };
        let mut text = String::new();
        loop {
            let before = reader.offset();
            match reader.next()? {
                Next::Text(piece) => text.push_str(&piece),
                Next::Nothing => {}
                Next::Start(child) => {
                    push_text(&mut built.nodes, &mut text);
                    let child = self.element(reader, &child)?;
                    built.nodes.push(XmlNode::Element(child));
                }
                Next::End => {
                    if built.nodes.is_empty() && !text.is_empty() {
                        built.nodes.push(XmlNode::Text(text));
                    } else {
                        push_text(&mut built.nodes, &mut text);
                    }
                    built.inner.end = before.max(begin);
                    built.end = reader.offset();
                    return Ok(built);
                }
            }
        }
    }

    fn attributes(
        &mut self,
        reader: &Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Vec<XmlAttribute>, XmlError> {
        let mut attributes = Vec::new();
        for attribute in element.attributes() {
            if attribute.declared_prefix().is_some() {
                continue;
            }
            let value = attribute.value();
            let value = value.ok_or_else(|| XmlError::Malformed(element.name().to_owned()))?;
            let namespace = match attribute.prefix() {
                "" => None,
                prefix => reader.place.scope().uri(prefix),
            };
            attributes.push(XmlAttribute {
                name: attribute.name().to_owned(),
                namespace: self.namespace(namespace),
                value: value.into_owned(),
            });
        }
        Ok(attributes)
    }

    fn namespace(&mut self, uri: Option<&str>) -> Option<Arc<str>> {
        let uri = uri?;
        if let Some(known) = self.namespaces.get(uri) {
            return Some(Arc::clone(known));
        }
        let uri = Arc::<str>::from(uri);
        self.namespaces.insert(Arc::clone(&uri));
        Some(uri)
    }
}

/// Adds text beside elements, unless it is white space.
fn push_text(nodes: &mut Vec<XmlNode>, text: &mut String) {
    let text = std::mem::take(text);
    if !is_blank(&text) {
        nodes.push(XmlNode::Text(text));
    }
}

/// Returns the part of a name after its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "\u{feff}<?xml version='1.0'?>\n<a:A xmlns:a='urn:a' xmlns='urn:d' a:x='1' y='&lt;'>\
        \n <B>one<![CDATA[<two>]]>&amp;</B><c/>\n<D> x <e xml:lang='en'/>y<!-- no -->z</D></a:A>\n";

    fn names(element: &XmlElement) -> Vec<(&str, Option<&str>)> {
        let children = element.children();
        children
            .map(|child| (child.name(), child.namespace()))
            .collect()
    }

    #[test]
    fn reads_every_name_attribute_and_text() {
        let root = XmlElement::read(MESSAGE.as_bytes()).unwrap();
        assert_eq!((root.name(), root.local_name()), ("a:A", "A"));
        assert_eq!(root.namespace(), Some("urn:a"));
        let attributes = root.attributes().iter();
        let attributes: Vec<_> = attributes
            .map(|it| (it.name(), it.local_name(), it.namespace(), it.value()))
            .collect();
        let expected = [("a:x", "x", Some("urn:a"), "1"), ("y", "y", None, "<")];
        assert_eq!(attributes, expected);
        assert_eq!(
            names(&root),
            ["B", "c", "D"].map(|name| (name, Some("urn:d")))
        );
        assert_eq!(
            root.nodes().len(),
            3,
            "white space between elements is omitted"
        );
        assert_eq!(root.child("B").unwrap().text(), "one<two>&");
        let mixed = root.child("D").unwrap();
        let texts: Vec<_> = mixed.nodes().iter().map(XmlNode::text).collect();
        assert_eq!(texts, [Some(" x "), None, Some("yz")]);
        assert!(mixed.is_mixed() && !root.is_mixed());
        assert_eq!(mixed.child("e").unwrap().attribute("lang"), Some("en"));
    }

    #[test]
    fn returns_the_raw_xml_of_each_element() {
        let root = XmlElement::read(MESSAGE.as_bytes()).unwrap();
        let raw: Vec<_> = root.children().map(XmlElement::raw).collect();
        assert_eq!(
            raw,
            [
                "<B>one<![CDATA[<two>]]>&amp;</B>",
                "<c/>",
                "<D> x <e xml:lang='en'/>y<!-- no -->z</D>"
            ]
        );
        let inner: Vec<_> = root.children().map(XmlElement::inner_raw).collect();
        assert_eq!(
            inner,
            [
                "one<![CDATA[<two>]]>&amp;",
                "",
                " x <e xml:lang='en'/>y<!-- no -->z"
            ]
        );
        assert!(root.raw().starts_with("<a:A ") && root.raw().ends_with("</a:A>"));
    }

    #[test]
    fn keeps_the_white_space_of_a_leaf() {
        let root = XmlElement::read(b"<a><b> </b><c></c></a>").unwrap();
        let texts: Vec<_> = root.children().map(XmlElement::text).collect();
        assert_eq!(texts, [" ", ""]);
    }

    #[test]
    fn rejects_invalid_documents() {
        for bytes in ["", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a><a/>"] {
            assert!(XmlElement::read(bytes.as_bytes()).is_err(), "{bytes}");
        }
        let deep = ["<a>".repeat(65), "</a>".repeat(65)].concat();
        assert!(XmlElement::read(deep.as_bytes()).is_err());
    }

    #[test]
    fn an_element_of_a_lossy_answer_is_read_again_with_replacements() {
        let xml = "<a b='x&#0;y'>1&#1;<c>\u{fffd}</c></a>";
        assert!(XmlElement::read(xml.as_bytes()).is_err());
        let root = XmlElement::read_again(xml).unwrap();
        assert_eq!(root.attribute("b"), Some("x\u{fffd}y"));
        assert_eq!(root.text(), "1\u{fffd}");
    }
}
