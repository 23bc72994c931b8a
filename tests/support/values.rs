//! Reads a message with an independent parser and compares it value by value.
//!
//! It follows the specifications, not the decoder. It walks the elements of the message, so that every
//! omission is detected.

use roxmltree::{Document, Node};
use wsman::cim::{DateTime, Instance, InstancePath, Keys, Value};
use wsman::protocol::{Message, SelectorValue};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const XSI: [&str; 2] = [
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/2001/XMLSchema",
];
const COMMON: &str = "http://schemas.dmtf.org/wbem/wscim/1/common";
const WSMAN: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
const ENUMERATION: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
const ADDRESSING: [&str; 2] = [
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://www.w3.org/2005/08/addressing",
];

/// Namespaces whose elements in a body are parts of the protocol.
const PROTOCOL: [&str; 11] = [
    SOAP,
    COMMON,
    WSMAN,
    ENUMERATION,
    ADDRESSING[0],
    ADDRESSING[1],
    "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "http://schemas.xmlsoap.org/ws/2004/08/eventing",
    "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd",
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
];

/// Interactive events and faults, which are not instances of a class.
const NO_CLASS: [&str; 2] = [
    "http://schemas.microsoft.com/wbem/wsman/1/cim/interactive.xsd",
    "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
];

/// Returns whether a text is a SOAP 1.2 message.
pub(crate) fn is_message(text: &str) -> bool {
    let document = Document::parse(text);
    document.is_ok_and(|document| is_named(document.root_element(), SOAP, "Envelope"))
}

/// Compares every value of every instance of a message; returns their number.
pub(crate) fn compare(text: &str, message: &Message) -> Result<usize, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let mut sent = Vec::new();
    let body = child(document.root_element(), "Body");
    for element in body.into_iter().flat_map(elements) {
        instances(element, &mut sent);
    }
    if sent.len() != message.instances.len() {
        let read = message.instances.len();
        return Err(format!(
            "{} instances were sent, {read} were read",
            sent.len()
        ));
    }
    let mut values = 0;
    for (element, instance) in sent.iter().zip(&message.instances) {
        values += properties(*element, instance)
            .map_err(|problem| format!("{}: {problem}", instance.class()))?;
    }
    Ok(values)
}

fn child<'a, 'i>(element: Node<'a, 'i>, local: &str) -> Option<Node<'a, 'i>> {
    elements(element).find(|child| child.tag_name().name() == local)
}

fn elements<'a, 'i>(element: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
    element.children().filter(Node::is_element)
}

/// Returns the elements of the instances in an element of a body.
fn instances<'a, 'i>(element: Node<'a, 'i>, found: &mut Vec<Node<'a, 'i>>) {
    let name = element.tag_name();
    match (name.namespace(), name.name()) {
        (Some(ENUMERATION), "EnumerateResponse" | "PullResponse" | "Items")
        | (Some(WSMAN), "Items" | "Item" | "Events" | "Event") => {
            elements(element).for_each(|child| instances(child, found));
        }
        (Some(WSMAN), "XmlFragment") if element.first_element_child().is_some() => {
            found.push(element);
        }
        (None, "CLASS") => {}
        (Some(uri), _) if PROTOCOL.contains(&uri) || NO_CLASS.contains(&uri) => {}
        (_, "IdentifyResponse") => {}
        _ if is_text(element) => {}
        _ => found.push(element),
    }
}

/// Compares the properties of an instance with the children of its element, in order.
fn properties(element: Node<'_, '_>, instance: &Instance) -> Result<usize, String> {
    let is_property = |child: &Node<'_, '_>| !is_named(*child, COMMON, "Location");
    let mut sent: Vec<(&str, Vec<Node<'_, '_>>)> = Vec::new();
    for child in elements(element).filter(is_property) {
        let name = child.tag_name().name();
        match sent.iter_mut().find(|(known, _)| *known == name) {
            Some((_, elements)) => elements.push(child),
            None => sent.push((name, vec![child])),
        }
    }
    // The return value of a method is one of the properties here.
    let read: Vec<&str> = instance
        .properties()
        .iter()
        .map(|p| p.name().as_str())
        .collect();
    let names: Vec<&str> = sent.iter().map(|(name, _)| *name).collect();
    if names != read {
        return Err(format!("sent {names:?}, read {read:?}"));
    }
    let mut values = 0;
    for ((name, elements), property) in sent.iter().zip(instance.properties()) {
        let compared = match elements.as_slice() {
            [only] => value(*only, property.value()),
            several => items(several, property.value()),
        };
        values += compared.map_err(|problem| format!("{name}: {problem}"))?;
    }
    Ok(values)
}

fn items(elements: &[Node<'_, '_>], value: &Value) -> Result<usize, String> {
    let Value::Array(array) = value else {
        return Err(format!(
            "{} elements, but no array: {value:?}",
            elements.len()
        ));
    };
    if array.len() != elements.len() {
        return Err(format!(
            "{} elements, but {} items",
            elements.len(),
            array.len()
        ));
    }
    let pairs = elements.iter().zip(array.as_slice());
    pairs
        .map(|(element, item)| self::value(*element, item))
        .sum()
}

/// Compares one value with its element; returns the number of values.
fn value(element: Node<'_, '_>, value: &Value) -> Result<usize, String> {
    let different = || format!("sent {:?}, read {value:?}", shown(element));
    let is_same = match value {
        Value::Null => is_nil(element) || wrapper(element).is_some_and(is_nil),
        Value::Array(array) if array.is_empty() => is_nil(element),
        Value::Reference(path) => return reference(element, path).map(|()| 1),
        Value::Instance(instance) => return embedded(element, instance),
        Value::DateTime(datetime) => {
            let text = wrapper(element).unwrap_or(element);
            same_datetime(trim(&inner_text(text)), datetime)
        }
        Value::Untyped(text) | Value::String(text) => {
            let holder = wrapper(element).unwrap_or(element);
            *text == inner_text(holder)
        }
        Value::Octets(octets) => {
            let plain: String = inner_text(element).split_ascii_whitespace().collect();
            *octets == base64(&plain)
        }
        Value::Boolean(flag) => {
            let text = inner_text(element);
            let truth = ["1", "true"].contains(&trim(&text).to_ascii_lowercase().as_str());
            *flag == truth
        }
        Value::Real32(real) => trim(&inner_text(element)).parse() == Ok(*real),
        Value::Real64(real) => trim(&inner_text(element)).parse() == Ok(*real),
        Value::Char16(unit) => {
            let text = inner_text(element);
            let character = char::from_u32(u32::from(*unit)).map(String::from);
            character.as_deref() == Some(text.as_str()) || text.parse() == Ok(*unit)
        }
        number => {
            let text = inner_text(element);
            let sent = trim(&text).parse::<i128>().ok();
            let read = number.to::<u64>().map(i128::from);
            sent.is_some() && sent == read.or(number.to::<i64>().map(i128::from)).ok()
        }
    };
    if is_same { Ok(1) } else { Err(different()) }
}

/// Compares an embedded instance. Its properties are the children, or those of the only child, which is
/// then named after its class.
fn embedded(element: Node<'_, '_>, instance: &Instance) -> Result<usize, String> {
    let class = instance.class().as_str();
    let mut children = elements(element);
    if let (Some(only), None) = (children.next(), children.next())
        && only.tag_name().name() == class
        && attribute(element, "type").is_none()
    {
        return properties(only, instance).map(|values| values + 1);
    }
    let named = attribute(element, "type").map(|name| {
        let local = name.rsplit(':').next().unwrap_or(name);
        local.trim_end_matches("_Type").to_owned()
    });
    let uri = element
        .first_element_child()
        .and_then(|first| first.tag_name().namespace());
    let of_uri = uri.and_then(|uri| uri.rsplit('/').next());
    let is_known = match (&named, of_uri) {
        (Some(named), _) => named == class,
        (None, Some(of_uri)) => of_uri == class || class.is_empty(),
        (None, None) => class.is_empty(),
    };
    if !is_known {
        return Err(format!("an instance of {class:?} in {:?}", shown(element)));
    }
    properties(element, instance).map(|values| values + 1)
}

fn reference(element: Node<'_, '_>, path: &InstancePath) -> Result<(), String> {
    let find = |local: &str| element.descendants().find(|n| n.tag_name().name() == local);
    let uri = find("ResourceURI").map(inner_text).unwrap_or_default();
    let class = trim(&uri).rsplit('/').next().unwrap_or_default().to_owned();
    if path.class().as_str() != class {
        return Err(format!("a reference to {class}, read {path}"));
    }
    let Some(set) = find("SelectorSet") else {
        return match path.keys() {
            Keys::Class => Ok(()),
            _ => Err(format!("a reference without selectors, read {path}")),
        };
    };
    let mut keys = 0;
    for selector in elements(set) {
        let name = selector.attribute("Name").unwrap_or_default();
        let sent = inner_text(selector);
        let sent = if sent.contains('\n') {
            trim(&sent).to_owned()
        } else {
            sent
        };
        if name.eq_ignore_ascii_case("__cimnamespace") {
            if sent.is_empty() && path.namespace().is_none() {
                continue;
            }
            let read = path
                .namespace()
                .map(|namespace| namespace.as_str().to_owned());
            if read.map(|read| read.to_ascii_lowercase())
                != Some(sent.replace('\\', "/").to_ascii_lowercase())
            {
                return Err(format!("the namespace {sent}, read {path}"));
            }
            continue;
        }
        keys += 1;
        match path.key(name) {
            Some(Value::Untyped(read)) if *read == sent => {}
            Some(Value::Reference(inner)) => reference(selector, inner)?,
            read => return Err(format!("the key {name} {sent:?}, read {read:?}")),
        }
    }
    if keys == path.keys().named().len() {
        Ok(())
    } else {
        Err(format!("{keys} keys, read {path}"))
    }
}

/// Compares the selectors of a message's header.
pub(crate) fn compare_selectors(text: &str, message: &Message) -> Result<usize, String> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let header = child(document.root_element(), "Header");
    let set = header.and_then(|header| child(header, "SelectorSet"));
    let sent: Vec<Node<'_, '_>> = set.map(|set| elements(set).collect()).unwrap_or_default();
    let read: Vec<_> = message.selectors.iter().collect();
    if sent.len() != read.len() {
        return Err(format!("{} selectors, {} read", sent.len(), read.len()));
    }
    for (selector, (name, value)) in sent.iter().zip(read) {
        let sent_name = selector.attribute("Name").unwrap_or_default();
        let text = inner_text(*selector);
        let text = if text.contains('\n') {
            trim(&text)
        } else {
            text.as_str()
        };
        match value {
            SelectorValue::Text(read) if name.as_str() == sent_name && read == text => {}
            SelectorValue::Reference(path) => reference(*selector, path)?,
            other => return Err(format!("{sent_name} {text:?}, read {name} {other:?}")),
        }
    }
    Ok(sent.len())
}

/// Returns the wrapper of a datetime that an element holds. It stands alone, and is recognised by its
/// namespace or, in no namespace, by a text that begins like a datetime.
fn wrapper<'a, 'i>(element: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    let mut children = elements(element);
    let (only, None) = (children.next()?, children.next()) else {
        return None;
    };
    let name = only.tag_name();
    let is_name = ["Datetime", "Date", "Time", "Interval", "CIM_DateTime"].contains(&name.name());
    let is_known = match name.namespace() {
        Some(uri) => uri == COMMON,
        None => {
            is_nil(only) || inner_text(only).starts_with(|c: char| c == 'P' || c.is_ascii_digit())
        }
    };
    (is_name && is_known).then_some(only)
}

/// Compares a datetime with its text in the form of XML Schema or CIM, field by field.
fn same_datetime(text: &str, datetime: &DateTime) -> bool {
    let cim = datetime.to_string();
    if text.len() == cim.len() && !text.contains('T') {
        return text == cim;
    }
    match datetime {
        DateTime::Timestamp(_) => {
            let (date, rest) = text.split_once('T').unwrap_or((text, ""));
            let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
            let (time, zone) = rest.split_at(zone);
            let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
            let digits = |text: &str| text.replace(['-', ':'], "");
            let mut right = digits(date.get(..10).unwrap_or_default());
            right += &if whole.is_empty() {
                "******".to_owned()
            } else {
                digits(whole)
            };
            right += ".";
            right += &if whole.is_empty() {
                "******".to_owned()
            } else {
                format!("{fraction:0<6.6}")
            };
            right += &match zone {
                "" => "+***".to_owned(),
                "Z" => "+000".to_owned(),
                zone => {
                    let (hours, minutes) = zone
                        .get(1..)
                        .and_then(|z| z.split_once(':'))
                        .unwrap_or_default();
                    let number = |text: &str| text.parse::<u32>().unwrap_or_default();
                    format!("{}{:03}", &zone[..1], number(hours) * 60 + number(minutes))
                }
            };
            right == cim
        }
        DateTime::Interval(_) => duration(text).is_some_and(|right| right == cim),
    }
}

/// Returns the CIM text of a duration without years and months.
fn duration(text: &str) -> Option<String> {
    if text == "0" || text == "P" {
        return Some("00000000000000.000000:000".to_owned());
    }
    let mut rest = text.strip_prefix('P')?;
    let (mut micros, mut in_time) = (0_u128, false);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            (rest, in_time) = (time, true);
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let seconds = match (unit.get(..1)?, in_time) {
            ("D", false) => 86_400,
            ("H", true) => 3600,
            ("M", true) => 60,
            ("S", true) => 1,
            ("Y" | "M", false) if number.trim_matches('0').is_empty() => 0,
            _ => return None,
        };
        micros += whole.parse::<u128>().ok()? * seconds * 1_000_000;
        micros += format!("{fraction:0<6.6}").parse::<u128>().ok()?;
        rest = unit.get(1..)?;
    }
    let seconds = micros / 1_000_000;
    Some(format!(
        "{:08}{:02}{:02}{:02}.{:06}:000",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        micros % 1_000_000
    ))
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(text).unwrap_or_default()
}

fn is_named(element: Node<'_, '_>, namespace: &str, local: &str) -> bool {
    let name = element.tag_name();
    name.namespace() == Some(namespace) && name.name() == local
}

fn attribute<'a>(element: Node<'a, '_>, local: &str) -> Option<&'a str> {
    XSI.iter().find_map(|uri| element.attribute((*uri, local)))
}

fn is_nil(element: Node<'_, '_>) -> bool {
    matches!(attribute(element, "nil"), Some("true" | "1")) && inner_text(element).trim().is_empty()
}

fn is_text(element: Node<'_, '_>) -> bool {
    element.first_element_child().is_none() && !inner_text(element).trim().is_empty()
}

/// Returns all text in an element.
fn inner_text(element: Node<'_, '_>) -> String {
    let texts = element.descendants().filter(Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn shown<'i>(element: Node<'_, 'i>) -> &'i str {
    let raw = element.document().input_text();
    raw.get(element.range()).unwrap_or_default()
}
