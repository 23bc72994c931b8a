//! Compares the reader with an independent one: both must accept the same documents and read the same
//! content.

mod cases;
mod rows;

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use self::cases::{CASES, SNIPPETS};
use super::attributes::attribute_ns;
use super::error::Found;
use super::reader::Next;
use super::{Limits, Reader, XmlError, decode};

/// The content of a document: its elements with their attributes, and all text, in order.
type Said = Vec<String>;

fn started(uri: Option<&str>, local: &str, mut attributes: Vec<String>) -> String {
    attributes.sort();
    let uri = uri.unwrap_or_default();
    format!("<{{{uri}}}{local} {}>", attributes.join(" "))
}

fn attribute(uri: Option<&str>, local: &str, value: &str) -> String {
    let uri = uri.unwrap_or_default();
    format!("{{{uri}}}{local}={value:?}")
}

/// Adds text to the content; text may arrive in pieces.
fn add_text(said: &mut Said, text: &str) {
    match said.last_mut() {
        Some(last) if last.starts_with('"') => last.push_str(text),
        _ if text.is_empty() => {}
        _ => said.push(format!("\"{text}")),
    }
}

fn ours(bytes: &[u8]) -> Result<Said, XmlError> {
    read(bytes, &[])
}

/// Reads a document, whose elements at some depths are rows of a page.
fn read(bytes: &[u8], rows: &[usize]) -> Result<Said, XmlError> {
    let document = decode(bytes, None)?;
    let mut reader = Reader::of(&document, Limits::default())?;
    let mut said = Said::new();
    let root = reader.root()?;
    add_start(&mut said, &reader, &root);
    while reader.place.depth() > 0 {
        if rows.contains(&reader.place.depth()) {
            reader.begin_row();
        }
        match reader.next()? {
            Next::Start(element) => add_start(&mut said, &reader, &element),
            Next::End => said.push("end".to_owned()),
            Next::Text(text) => add_text(&mut said, &text),
            Next::Nothing => {}
        }
    }
    reader.finish()?;
    Ok(said)
}

fn add_start(said: &mut Said, reader: &Reader<'_>, element: &super::Element<'_>) {
    let scope = reader.place.scope();
    let mut attributes = Vec::new();
    for (ns, one) in reader.attributes(element) {
        assert_eq!(ns, attribute_ns(&one, &reader.place));
        let uri = match one.prefix() {
            "" => None,
            "xml" => Some("http://www.w3.org/XML/1998/namespace"),
            prefix => scope.uri(prefix),
        };
        let value = one.value().expect("found well-formed");
        attributes.push(attribute(uri, one.local_name(), &value));
    }
    let uri = match element.prefix() {
        "xml" => Some("http://www.w3.org/XML/1998/namespace"),
        _ => reader.ns_uri(element),
    };
    said.push(started(uri, element.local_name(), attributes));
}

/// Does the same, skipping the content of the root element; and with a step for each child.
fn skipped(bytes: &[u8]) -> Result<(), XmlError> {
    let document = decode(bytes, None)?;
    let mut reader = Reader::of(&document, Limits::default())?;
    reader.root()?;
    reader.skip()?;
    reader.finish()?;
    let mut reader = Reader::of(&document, Limits::default())?;
    reader.root()?;
    while reader.place.depth() > 0 {
        reader.child()?;
    }
    reader.finish()
}

fn theirs(text: &str) -> Result<Said, roxmltree::Error> {
    let document = roxmltree::Document::parse(text)?;
    let mut said = Said::new();
    say(&mut said, document.root_element());
    Ok(said)
}

fn say(said: &mut Said, node: roxmltree::Node<'_, '_>) {
    if let Some(text) = node.text().filter(|_| node.is_text()) {
        return add_text(said, text);
    }
    if !node.is_element() {
        return;
    }
    let of =
        |one: roxmltree::Attribute<'_, '_>| attribute(one.namespace(), one.name(), one.value());
    let name = node.tag_name();
    let uri = name.namespace().filter(|uri| !uri.is_empty());
    said.push(started(
        uri,
        name.name(),
        node.attributes().map(of).collect(),
    ));
    for child in node.children() {
        say(said, child);
    }
    said.push("end".to_owned());
}

/// Returns why the two may differ, if they may.
fn exception(
    text: &str,
    ours: &Result<Said, XmlError>,
    theirs: &Result<Said, roxmltree::Error>,
) -> Option<&'static str> {
    match (ours, theirs) {
        (Ok(_), Err(_)) if text.contains("encoding='\"UTF-8\"'") => {
            Some("openwsman's quotes: recordings/openwsman/138-content-type-quoted-charset")
        }
        (Err(XmlError::TooDeep(_)), _) => Some("a limit"),
        (Err(XmlError::Malformed(what)), _) if what.contains("namespaces declared at a time") => {
            Some("a limit")
        }
        (Err(XmlError::Encoding(_)), _) => Some("roxmltree takes any encoding for UTF-8"),
        (Err(XmlError::Malformed(what)), Ok(_)) => LAXER
            .iter()
            .find(|(ours, _)| what.contains(ours))
            .map(|(_, why)| *why),
        (Err(XmlError::Character(bad)), Ok(_)) if is_no_scalar(bad) => Some(
            "roxmltree reads references to surrogates, and to numbers beyond the last character",
        ),
        (Ok(_), Err(roxmltree::Error::UnknownNamespace(prefix, _))) if prefix == "xml" => {
            Some("an element may have the prefix xml, which is always bound")
        }
        _ => None,
    }
}

/// The documents that only this reader rejects, by its error text; the specification rejects each.
const LAXER: &[(&str, &str)] = &[
    (
        "invalid XML declaration",
        "the parts of a declaration have a form (XML 1.0, 2.8 and 4.3.3)",
    ),
    (
        "does not belong there",
        "the target of an instruction is a name, not xml, and ends there (XML 1.0, 2.6)",
    ),
    (
        "\" cannot be declared as \"",
        "twice xmlns, an empty prefix, xmlns:xmlns (Namespaces in XML 1.0, 2.2, 3 and 6.3)",
    ),
    (
        "\":",
        "a name does not begin with a colon (Namespaces in XML 1.0, 4)",
    ),
    (
        "but `</:",
        "the name of an end tag is that of its start tag, without a colon before it (XML 1.0, 3)",
    ),
];

fn is_no_scalar(bad: &super::BadCharacter) -> bool {
    matches!(bad.found, Found::Number(number) if char::from_u32(number).is_none())
}

fn compare(bytes: &[u8]) -> Result<(), String> {
    let document = decode(bytes, None);
    // An invalid character is replaced by one that no document may have, which both must reject.
    let text = document
        .map(|document| document.text.into_owned())
        .unwrap_or_default();
    let (ours, theirs) = (ours(bytes), theirs(&text));
    if exception(&text, &ours, &theirs).is_some() {
        return Ok(());
    }
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) if ours != theirs => Err(format!("{text}\n{ours:?}\n{theirs:?}")),
        (Ok(_), Err(error)) => Err(format!("only roxmltree refuses it, {error}: {text}")),
        (Err(error), Ok(_)) => Err(format!("only we refuse it, {error}: {text}")),
        _ if ours.is_ok() != skipped(bytes).is_ok() => Err(format!("skipped otherwise: {text}")),
        _ => Ok(()),
    }
}

#[test]
fn reads_cases_like_roxmltree() {
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|case| compare(case.as_bytes()).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reads_nested_cases_like_roxmltree() {
    let mut wrong = Vec::new();
    for case in CASES {
        for document in [
            format!("<x><y>1</y>{case}<z/></x>"),
            format!("<x y='1'>\n{case}\n</x>"),
            format!("<x xmlns='urn:x' xmlns:q='urn:q'><q:y>]</q:y>{case}</x>"),
        ] {
            wrong.extend(compare(document.as_bytes()).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns every message of the fixtures, and of the recordings if the environment names them.
fn messages() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    add_messages(&fixtures, &mut found);
    if let Some(recorded) = std::env::var_os("WSMAN_RECORDED") {
        add_messages(Path::new(&recorded), &mut found);
    }
    found
}

fn add_messages(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add_messages(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "xml") {
            found.push(std::fs::read(path).expect("a file"));
        }
    }
}

#[test]
fn reads_recorded_messages_like_roxmltree() {
    let messages = messages();
    assert!(messages.len() > 100, "{} messages", messages.len());
    for message in messages {
        compare(&message).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

/// A change of a message; the position is a fraction of its length.
#[derive(Clone, Debug)]
enum Change {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize, usize),
    Byte(usize, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<usize>(), prop::sample::select(SNIPPETS)).prop_map(|(at, text)| Change::Insert(at, text)),
        2 => (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (any::<usize>(), 1..80_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len();
    let place = |at: usize, long: usize| {
        let start = at % (length + 1);
        start..(start + long).min(length)
    };
    match *change {
        Change::Insert(at, text) => drop(bytes.splice(place(at, 0), text.bytes())),
        Change::Remove(at, long) => drop(bytes.drain(place(at, long))),
        Change::Repeat(at, long) => {
            let piece = bytes.get(place(at, long)).unwrap_or_default().to_vec();
            drop(bytes.splice(place(at, 0), piece));
        }
        Change::Byte(at, byte) => drop(bytes.splice(place(at, 1), [byte])),
    }
}

/// Small messages: in a long one, most changes would fall into text.
static SMALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut messages = messages();
    messages.retain(|message| message.len() < 2500);
    let cases = CASES.iter().filter(|case| case.len() > 8);
    messages.extend(cases.map(|case| case.as_bytes().to_vec()));
    messages
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn reads_changed_messages_like_roxmltree(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        let mut message = which.get(&SMALL).clone();
        for change in &changes {
            apply(&mut message, change);
        }
        if let Err(wrong) = compare(&message) {
            prop_assert!(false, "{}", wrong);
        }
    }
}
