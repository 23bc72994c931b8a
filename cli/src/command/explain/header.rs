//! The header of a message as JSON: a key for each known block, and the others as they were sent.

use serde_json::{Map, Value};
use wsman::protocol::{Message, SelectorSet, SelectorValue};
use wsman::xml::XmlElement;

use super::element::{add, add_own, rest, tidy, whole};
use super::said::Said;

/// The blocks that hold a text, by local name. The namespaces of WS-Management and WS-Addressing
/// have several versions, but none of these names has two meanings.
const TEXTS: [(&str, &str); 14] = [
    ("To", "to"),
    ("Action", "action"),
    ("MessageID", "message_id"),
    ("RelatesTo", "relates_to"),
    ("ResourceURI", "resource_uri"),
    ("MaxEnvelopeSize", "max_envelope_size"),
    ("OperationTimeout", "operation_timeout"),
    ("SessionId", "session_id"),
    ("OperationID", "operation_id"),
    ("OperationId", "operation_id"),
    ("SequenceId", "sequence_id"),
    ("SequenceID", "sequence_id"),
    ("FragmentTransfer", "fragment"),
    ("Identifier", "identifier"),
];

/// The content of a header.
#[derive(Default)]
pub(super) struct HeaderJson {
    /// The known blocks, under the keys of this program.
    pub(super) known: Map<String, Value>,
    /// The other blocks by name, and the parts of known blocks that the keys leave out.
    pub(super) others: Map<String, Value>,
}

impl HeaderJson {
    /// Adds the blocks of a header.
    pub(super) fn add(&mut self, header: &XmlElement, message: &Message) {
        let selectors = selectors(&message.selectors);
        let mut said = Said::by(&selectors);
        if !selectors.is_empty() {
            self.known.insert("selectors".to_owned(), selectors.into());
        }
        add_own(&mut self.others, header);
        for block in header.children() {
            let left = match block.local_name() {
                _ if !is_of_protocol(block) => Some(whole(block, None)),
                "SelectorSet" => rest(block, &mut said),
                "OptionSet" => self.add_options(block),
                "NotUnderstood" => self.add_attribute(block, "qname", "not_understood"),
                "Locale" => self.add_attribute(block, "lang", "locale"),
                "DataLocale" => self.add_attribute(block, "lang", "data_locale"),
                "ReplyTo" => self.add_reply_to(block),
                "Bookmark" => self.add_bookmark(block),
                name => match TEXTS.iter().find(|(known, _)| *known == name) {
                    Some((_, key)) => self.add_text(block, key),
                    None => Some(whole(block, None)),
                },
            };
            if let Some(left) = left {
                add(&mut self.others, block.local_name(), left);
            }
        }
    }

    /// Adds a block under a key of this program; returns the rest of the block.
    fn add_text(&mut self, block: &XmlElement, key: &str) -> Option<Value> {
        let text = block.text();
        if text.trim().is_empty() {
            return Some(whole(block, None));
        }
        add(&mut self.known, key, number_or_text(text.trim()));
        rest(block, &mut Said::by(&text))
    }

    fn add_attribute(&mut self, block: &XmlElement, attribute: &str, key: &str) -> Option<Value> {
        let Some(value) = block.attribute(attribute) else {
            return Some(whole(block, None));
        };
        add(&mut self.known, key, value.into());
        rest(block, &mut Said::by(&value))
    }

    fn add_reply_to(&mut self, block: &XmlElement) -> Option<Value> {
        let Some(address) = block.child("Address") else {
            return Some(whole(block, None));
        };
        let address = address.text();
        add(&mut self.known, "reply_to", address.trim().into());
        rest(block, &mut Said::by(&address))
    }

    /// Adds a bookmark: a text, or the elements of an event log bookmark.
    fn add_bookmark(&mut self, block: &XmlElement) -> Option<Value> {
        if block.children().next().is_none() {
            return self.add_text(block, "bookmark");
        }
        add(&mut self.known, "bookmark", whole(block, block.namespace()));
        None
    }

    fn add_options(&mut self, block: &XmlElement) -> Option<Value> {
        let mut options = Vec::new();
        for option in block.children() {
            let mut entries = Map::new();
            for (attribute, key) in [
                ("Name", "name"),
                ("Type", "type"),
                ("MustComply", "must_comply"),
            ] {
                if let Some(value) = option.attribute(attribute) {
                    entries.insert(key.to_owned(), value.into());
                }
            }
            entries.insert("value".to_owned(), tidy(&option.text()).into());
            options.push(Value::Object(entries));
        }
        let mut said = Said::by(&options);
        add(&mut self.known, "options", options.into());
        rest(block, &mut said)
    }
}

/// Whether a block belongs to the protocol, so that its local name suffices.
fn is_of_protocol(block: &XmlElement) -> bool {
    let uri = block.namespace().unwrap_or_default();
    let known = [
        "http://schemas.xmlsoap.org/ws/",
        "http://www.w3.org/",
        "http://schemas.dmtf.org/wbem/wsman/",
        "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    ];
    known.iter().any(|known| uri.starts_with(known))
}

/// Converts selectors by name; a repeated name, which some servers receive, becomes a list.
pub(super) fn selectors(selectors: &SelectorSet) -> Map<String, Value> {
    let mut entries = Map::new();
    for (name, value) in selectors.iter() {
        let value = match value {
            SelectorValue::Text(text) => text.clone(),
            SelectorValue::Reference(path) => path.to_string(),
        };
        add(&mut entries, name.as_str(), value.into());
    }
    entries
}

/// Converts to a number if it prints exactly as it was sent.
fn number_or_text(text: &str) -> Value {
    match text.parse::<u32>() {
        Ok(number) if number.to_string() == text => number.into(),
        _ => text.into(),
    }
}
