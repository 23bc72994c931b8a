//! Elements without a form of their own: names, attributes, texts and children as JSON.

use serde_json::map::Entry;
use serde_json::{Map, Value};
use wsman::xml::{XmlAttribute, XmlElement, XmlNode};

use super::said::Said;

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The prefixes of the protocol's namespaces, whose local names are unambiguous.
const PROTOCOL: [&str; 5] = [
    "http://www.w3.org/",
    "http://schemas.xmlsoap.org/",
    "http://schemas.dmtf.org/wbem/wsman/",
    "http://schemas.microsoft.com/wbem/wsman/1/wsman",
    "http://schemas.microsoft.com/wbem/wsman/1/cim/interactive",
];

/// The keys of an element's content besides its children. An attribute has the prefix `@`.
const NAMESPACE: &str = "@xmlns";
const TEXT: &str = "#text";
const RAW: &str = "raw";

/// Converts a whole element; `around` is the namespace of its parent.
pub(super) fn whole(element: &XmlElement, around: Option<&str>) -> Value {
    let mut entries = Map::new();
    let namespace = element.namespace().filter(|uri| Some(*uri) != around);
    if let Some(uri) = namespace.filter(|uri| !PROTOCOL.iter().any(|known| uri.starts_with(known)))
    {
        add(&mut entries, NAMESPACE, uri.into());
    }
    add_attributes(&mut entries, element, |_| true);
    for node in element.nodes() {
        match node {
            XmlNode::Element(child) => {
                let value = whole(child, element.namespace());
                add(&mut entries, child.local_name(), value);
            }
            XmlNode::Text(text) => add(&mut entries, TEXT, tidy(text).into()),
            _ => {}
        }
    }
    add_raw(&mut entries, element);
    simple(entries)
}

/// Returns the parts of an element that are not printed yet; `None` if there are none. An empty
/// element has no content.
pub(super) fn rest(element: &XmlElement, said: &mut Said) -> Option<Value> {
    let mut entries = Map::new();
    add_attributes(&mut entries, element, |attribute| {
        !(is_nil(attribute) && said.take_null() || said.take(attribute.value()))
    });
    for node in element.nodes() {
        match node {
            XmlNode::Element(child) => {
                if let Some(value) = rest(child, said) {
                    add(&mut entries, child.local_name(), value);
                }
            }
            XmlNode::Text(text) if text.trim().is_empty() || said.take(text) => {}
            XmlNode::Text(text) => add(&mut entries, TEXT, tidy(text).into()),
            _ => {}
        }
    }
    add_raw(&mut entries, element);
    (!entries.is_empty()).then(|| simple(entries))
}

/// Adds an entry. A repeated key becomes a list.
pub(super) fn add(entries: &mut Map<String, Value>, key: &str, value: Value) {
    match entries.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
        }
        Entry::Occupied(mut entry) => match entry.get_mut() {
            Value::Array(values) => values.push(value),
            single => *single = Value::Array(vec![single.take(), value]),
        },
    }
}

/// Adds the content of an element besides its children.
pub(super) fn add_own(entries: &mut Map<String, Value>, element: &XmlElement) {
    add_attributes(entries, element, |_| true);
    for text in element.nodes().iter().filter_map(XmlNode::text) {
        if !text.trim().is_empty() {
            add(entries, TEXT, tidy(text).into());
        }
    }
}

/// Adds the wanted attributes that carry information.
fn add_attributes(
    entries: &mut Map<String, Value>,
    element: &XmlElement,
    mut is_wanted: impl FnMut(&XmlAttribute) -> bool,
) {
    let telling = element.attributes().iter().filter(|it| is_telling(it));
    for attribute in telling.filter(|attribute| is_wanted(attribute)) {
        let key = ["@", attribute.name()].concat();
        add(entries, &key, attribute.value().into());
    }
}

/// Returns text as it was sent. Text on separate lines, as MS-WSMV prints it, is trimmed.
pub(super) fn tidy(text: &str) -> &str {
    let trimmed = text.trim();
    if text.contains('\n') { trimmed } else { text }
}

/// Adds mixed content as XML, because its order cannot be rebuilt from the entries.
fn add_raw(entries: &mut Map<String, Value>, element: &XmlElement) {
    if element.is_mixed() {
        add(entries, RAW, element.inner_raw().into());
    }
}

/// Converts an element with only text into that text.
fn simple(mut entries: Map<String, Value>) -> Value {
    if entries.is_empty() {
        return Value::from("");
    }
    if entries.len() == 1
        && let Some(text @ Value::String(_)) = entries.get_mut(TEXT)
    {
        return text.take();
    }
    Value::Object(entries)
}

/// Whether an attribute carries information.
fn is_telling(attribute: &XmlAttribute) -> bool {
    !matches!(
        (attribute.namespace(), attribute.local_name()),
        (Some(SOAP | SOAP_11), "mustUnderstand") | (Some(XSI), "schemaLocation")
    )
}

fn is_nil(attribute: &XmlAttribute) -> bool {
    attribute.local_name() == "nil" && matches!(attribute.value().trim(), "true" | "1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(xml: &str) -> XmlElement {
        XmlElement::read(xml.as_bytes()).unwrap()
    }

    #[test]
    fn an_element_is_its_namespace_attributes_texts_and_children() {
        for (xml, expected) in [
            ("<a/>", json!("")),
            ("<a> x </a>", json!(" x ")),
            ("<a>\n x \n</a>", json!("x")),
            ("<a b='1'>x</a>", json!({"@b": "1", "#text": "x"})),
            (
                "<a><b>1</b><c/><b>2</b><b/></a>",
                json!({"b": ["1", "2", ""], "c": ""}),
            ),
            (
                "<a xmlns='urn:a'><b/><c xmlns='urn:c'>1</c></a>",
                json!({"@xmlns": "urn:a", "b": "", "c": {"@xmlns": "urn:c", "#text": "1"}}),
            ),
            (
                "<a>note <b>x</b>.</a>",
                json!({"#text": ["note ", "."], "b": "x", "raw": "note <b>x</b>."}),
            ),
            (
                "<a xmlns:s='http://www.w3.org/2003/05/soap-envelope' s:mustUnderstand='1' s:role='r'/>",
                json!({"@s:role": "r"}),
            ),
        ] {
            assert_eq!(whole(&read(xml), None), expected, "{xml}");
        }
    }

    #[test]
    fn returns_only_the_parts_not_printed_yet() {
        let xsi = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance'";
        let xml = format!("<a {xsi}><b i:type='t'>1</b><b>1</b><c i:nil='true'/><d>05</d><e/></a>");
        let said = |value: Value| Said::by(&value);
        let all = json!({"b": ["1", 1], "c": null, "d": 5, "e": ""});
        let left = rest(&read(&xml), &mut said(all));
        assert_eq!(left, Some(json!({"b": {"@i:type": "t"}, "d": "05"})));
        let some = json!({"b": "1", "d": "05", "t": ""});
        let left = rest(&read(&xml), &mut said(some));
        assert_eq!(left, Some(json!({"b": "1", "c": {"@i:nil": "true"}})));
        assert_eq!(
            rest(&read("<a>x<b/></a>"), &mut said(json!("x"))),
            Some(json!({"raw": "x<b/>"}))
        );
        assert_eq!(rest(&read("<a> x </a>"), &mut said(json!("x"))), None);
    }
}
