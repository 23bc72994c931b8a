//! XML as a tree, to compare sent with recorded messages.

use std::fmt;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// An element without its prefixes, namespace declarations and attribute order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) name: (String, String),
    pub(crate) attributes: Vec<((String, String), String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Tree>,
}

impl Tree {
    pub(crate) fn parse(text: &str) -> Result<Tree, String> {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut open: Vec<Tree> = Vec::new();
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(start) => open.push(element(&reader, &start)),
                Event::End(_) => {
                    let done = open.pop().ok_or("an end without a start")?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Text(text) => append(&mut open, &text.xml10_content()),
                Event::CData(text) => append(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    let text = match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&name)
                            .ok_or("an unknown entity")?
                            .to_owned(),
                    };
                    append(&mut open, &text);
                }
                Event::Eof => return Err("the document stops early".to_owned()),
                _ => {}
            }
        }
    }

    /// Returns the first element with a local name, at any depth.
    pub(crate) fn find(&self, local: &str) -> Option<&Tree> {
        if self.name.1 == local {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(local))
    }

    /// Changes every element.
    pub(crate) fn map(mut self, change: &dyn Fn(&mut Tree)) -> Tree {
        self.children = self
            .children
            .into_iter()
            .map(|child| child.map(change))
            .collect();
        change(&mut self);
        self
    }
}

fn append(open: &mut [Tree], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Tree {
    let (namespace, local) = reader.resolver().resolve_element(start.name());
    let mut attributes: Vec<_> = start
        .attributes()
        .flatten()
        .filter(|attribute| !attribute.key.0.starts_with("xmlns"))
        .map(|attribute| {
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let name = (uri(&namespace), local.as_ref().to_owned());
            (
                name,
                value.map(|value| value.into_owned()).unwrap_or_default(),
            )
        })
        .collect();
    attributes.sort();
    Tree {
        name: (uri(&namespace), local.as_ref().to_owned()),
        attributes,
        text: String::new(),
        children: Vec::new(),
    }
}

fn uri(namespace: &ResolveResult<'_>) -> String {
    match namespace {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        _ => String::new(),
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name.1)?;
        for ((_, name), value) in &self.attributes {
            write!(f, " {name}={value:?}")?;
        }
        write!(f, ">{}", self.text)?;
        for child in &self.children {
            write!(f, "{child}")?;
        }
        write!(f, "</{}>", self.name.1)
    }
}
