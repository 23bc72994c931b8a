//! Compares a request with a recorded one.

use crate::xml::{XmlElement, XmlNode};

/// The headers that decide whether a request matches; others are of the client and its settings.
const PARTS: [&str; 6] = [
    "Action",
    "ResourceURI",
    "SelectorSet",
    "OptionSet",
    "FragmentTransfer",
    "Identifier",
];

/// The headers whose text differs each time, or is the address of the server.
const VARYING: [&str; 4] = ["MessageID", "SessionId", "OperationID", "To"];

/// What the recorder writes in place of a scrubbed text.
const SCRUBBED: &str = "***";

/// The elements of a request, as far as they are compared: the path of each, and its attributes and text.
#[derive(PartialEq)]
pub(super) struct Shape(Vec<(String, String)>);

impl Shape {
    /// Reads the parts that decide whether a request matches, or all of it; `None` if it is not an
    /// envelope.
    pub(super) fn of(request: &[u8], is_strict: bool) -> Option<Self> {
        let envelope = XmlElement::read(request).ok()?;
        let mut lines = Vec::new();
        for header in envelope.child("Header")?.children() {
            if is_strict || PARTS.contains(&header.local_name()) {
                add(&mut lines, "Header", header);
            }
        }
        // A header has no place of its own.
        lines.sort();
        add(&mut lines, "", envelope.child("Body")?);
        Some(Self(lines))
    }

    /// Returns the first element in which a request differs from this recorded one. A scrubbed text
    /// stands for any.
    pub(super) fn difference(&self, sent: &Self) -> Option<String> {
        let is_same = |recorded: &(String, String), sent: &(String, String)| {
            recorded.0 == sent.0 && (recorded.1 == sent.1 || recorded.1.contains(SCRUBBED))
        };
        let mut pairs = self.0.iter().zip(&sent.0);
        let different = pairs.find(|(recorded, sent)| !is_same(recorded, sent));
        let surplus = || {
            self.0
                .get(sent.0.len())
                .or_else(|| sent.0.get(self.0.len()))
        };
        let place = different.map(|(recorded, _)| recorded).or_else(surplus)?;
        Some(place.0.clone())
    }
}

/// Adds an element and those in it.
fn add(lines: &mut Vec<(String, String)>, above: &str, element: &XmlElement) {
    let name = element.local_name();
    let path = if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}/{name}")
    };
    let has_children = element.children().next().is_some();
    let mut content: Vec<String> = attributes(element);
    if !has_children && !VARYING.contains(&name) {
        content.push(element.text().trim().to_owned());
    }
    content.extend(element.namespace().map(str::to_owned));
    lines.push((path.clone(), content.join(" ")));
    let mut inner: Vec<Vec<(String, String)>> = Vec::new();
    for child in element.nodes().iter().filter_map(XmlNode::element) {
        let mut of_child = Vec::new();
        add(&mut of_child, &path, child);
        inner.push(of_child);
    }
    if name == "SelectorSet" {
        inner.sort();
    }
    lines.extend(inner.into_iter().flatten());
}

/// Returns the attributes of an element, sorted. The prefix of a type is a client's own, and so is whether
/// a header must be understood.
fn attributes(element: &XmlElement) -> Vec<String> {
    let compared = element
        .attributes()
        .iter()
        .filter(|attribute| attribute.local_name() != "mustUnderstand");
    let mut shown: Vec<String> = compared
        .map(|attribute| {
            let value = attribute.value();
            let value = match attribute.local_name() {
                "type" | "Type" => value.rsplit(':').next().unwrap_or_default(),
                _ => value,
            };
            format!("{}={value}", attribute.local_name())
        })
        .collect();
    shown.sort();
    shown
}
