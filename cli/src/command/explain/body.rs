//! The body of a message as JSON: instances, paths, fault and identity in their own forms, and the
//! remaining elements around them.

use serde::Serialize;
use serde_json::{Map, Value, json};
use wsman::protocol::{Identity, Message};
use wsman::xml::XmlElement;

use super::element::{add, add_own, rest, tidy, whole};
use super::fault::ErrorLine;
use super::said::Said;

/// The content of a body besides its instances.
#[derive(Default)]
pub(super) struct BodyJson {
    pub(super) paths: Vec<Value>,
    pub(super) identity: Option<IdentityLine>,
    pub(super) error: Option<ErrorLine>,
    pub(super) enumeration_context: Option<String>,
    pub(super) end_of_sequence: bool,
    /// The other elements by name, and the parts of known elements that their forms leave out.
    pub(super) others: Map<String, Value>,
}

/// The server's Identify answer.
#[derive(Debug, Serialize)]
pub(super) struct IdentityLine {
    #[serde(skip_serializing_if = "String::is_empty")]
    protocol: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    vendor: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    security_profiles: Vec<String>,
}

/// The key that names the instance of a remaining part.
const INSTANCE: &str = "#instance";

impl BodyJson {
    /// Adds the content of a body.
    pub(super) fn add(&mut self, body: &XmlElement, message: &Message) {
        let mut others = std::mem::take(&mut self.others);
        self.add_nodes(&mut others, body, message);
        self.others = others;
    }

    fn add_nodes(
        &mut self,
        entries: &mut Map<String, Value>,
        around: &XmlElement,
        message: &Message,
    ) {
        add_own(entries, around);
        for child in around.children() {
            if let Some(left) = self.left_of(child, message) {
                add(entries, child.local_name(), left);
            }
        }
    }

    /// Returns the parts of an element that have no form of their own.
    fn left_of(&mut self, element: &XmlElement, message: &Message) -> Option<Value> {
        if let Some(index) = message.instance_of(element) {
            return left_of_instance(element, message, index);
        }
        if let Some(index) = message.path_of(element) {
            return self.left_of_path(element, message, index);
        }
        match element.local_name() {
            "Fault" if self.error.is_none() => self.left_of_fault(element, message),
            "IdentifyResponse" => self.left_of_identity(element, message),
            "EnumerationContext" if self.is_context(element, message) => None,
            "EndOfSequence" if message.end_of_sequence && element.nodes().is_empty() => {
                self.end_of_sequence = true;
                let mut entries = Map::new();
                add_own(&mut entries, element);
                (!entries.is_empty()).then(|| entries.into())
            }
            "EnumerateResponse" | "PullResponse" | "Items" | "Item" | "Events" | "Event"
            | "Identify" => {
                let mut entries = Map::new();
                self.add_nodes(&mut entries, element, message);
                (!entries.is_empty()).then(|| entries.into())
            }
            _ => Some(whole(element, None)),
        }
    }

    fn left_of_path(
        &mut self,
        element: &XmlElement,
        message: &Message,
        index: usize,
    ) -> Option<Value> {
        let path = message.paths.get(index)?;
        let mut entries = Map::new();
        entries.insert("path".to_owned(), path.to_string().into());
        for (name, key) in [("Address", "address"), ("ResourceURI", "resource_uri")] {
            if let Some(text) = first_text(element, name) {
                entries.insert(key.to_owned(), text.into());
            }
        }
        if let Some(selectors) = descendant(element, "SelectorSet") {
            let mut named = Map::new();
            for selector in selectors.children() {
                let name = selector.attribute("Name").unwrap_or_default();
                if selector.children().next().is_none() {
                    add(&mut named, name, tidy(&selector.text()).into());
                }
            }
            entries.insert("selectors".to_owned(), named.into());
        }
        let left = rest(element, &mut Said::by(&entries));
        self.paths.push(entries.into());
        left
    }

    fn left_of_fault(&mut self, element: &XmlElement, message: &Message) -> Option<Value> {
        let Some(fault) = &message.fault else {
            return Some(whole(element, None));
        };
        let line = ErrorLine::of(fault.clone());
        let left = rest(element, &mut line.said());
        self.error = Some(line);
        left
    }

    fn left_of_identity(&mut self, element: &XmlElement, message: &Message) -> Option<Value> {
        let Some(identity) = &message.identity else {
            return Some(whole(element, None));
        };
        let line = IdentityLine::of(identity);
        let left = rest(element, &mut Said::by(&line));
        self.identity = Some(line);
        left
    }

    /// Whether the element is the enumeration context, which has its own key.
    fn is_context(&mut self, element: &XmlElement, message: &Message) -> bool {
        let is_bare = element.attributes().is_empty() && element.children().next().is_none();
        let context = message.enumeration_context.as_ref();
        let context = context.filter(|context| is_bare && **context == element.text().trim());
        if let Some(context) = context {
            self.enumeration_context = Some(context.clone());
        }
        context.is_some()
    }
}

/// Returns the parts of an instance that its JSON leaves out, such as types and references.
fn left_of_instance(element: &XmlElement, message: &Message, index: usize) -> Option<Value> {
    let instance = message.instances.get(index)?;
    let left = rest(element, &mut Said::by(instance))?;
    let mut entries = Map::new();
    entries.insert(INSTANCE.to_owned(), json!(index));
    match left {
        Value::Object(left) => entries.extend(left),
        text => add(&mut entries, "#text", text),
    }
    Some(entries.into())
}

fn first_text(element: &XmlElement, name: &str) -> Option<String> {
    let found = descendant(element, name)?;
    Some(found.text().trim().to_owned())
}

/// Finds the first element of a name in a reference, except in its selectors, which may hold other
/// references.
fn descendant<'a>(element: &'a XmlElement, name: &str) -> Option<&'a XmlElement> {
    let direct = element.child(name);
    let parts = [
        "EndpointReference",
        "ReferenceParameters",
        "ReferenceProperties",
    ];
    direct.or_else(|| {
        let parts = element
            .children()
            .filter(|child| parts.contains(&child.local_name()));
        parts.filter_map(|part| descendant(part, name)).next()
    })
}

impl IdentityLine {
    fn of(identity: &Identity) -> Self {
        Self {
            protocol: identity.protocol_version.clone(),
            vendor: identity.product_vendor.clone(),
            version: identity.product_version.clone(),
            security_profiles: identity.security_profiles.clone(),
        }
    }
}
