//! Inputs from recorded messages.

use wsman::Value;
use wsman::protocol::{Message, MessageKind};
use wsman::xml::XmlElement;

use crate::Corpus;

/// Adds an answer to the targets that read it.
pub fn response(corpus: &Corpus, name: &str, bytes: &[u8]) {
    corpus.add("envelope", bytes);
    corpus.add("callback", [b"\x20", bytes, bytes].concat());
    let Ok(message) = Message::read(bytes) else {
        return;
    };
    let action = message.action.as_deref().unwrap_or_default();
    let with_settings = |settings: u8| [&[settings], bytes].concat();
    if message.fault.is_some() || message.kind == MessageKind::Fault {
        corpus.add("fault", bytes);
    } else if !message.classes.is_empty() {
        corpus.add("class", bytes);
    } else if action.ends_with("GetResponse") {
        corpus.add("instance", bytes);
    }
    if action.contains("enumeration") {
        corpus.add("page", with_settings(0));
        corpus.add("page", with_settings(3));
        if name.contains("subscribe") {
            corpus.add("event", with_settings(0));
        }
    }
    texts(corpus, &message);
    whole(corpus, operation_of(name), &message, bytes);
}

/// Returns the number of an operation that fits a case by its name.
fn operation_of(name: &str) -> u8 {
    let operations = [
        ("subscribe", 10),
        ("enumerate", 1),
        ("query", 2),
        ("associators", 1),
        ("class", 8),
        ("create", 5),
        ("delete", 6),
        ("invoke", 7),
        ("identify", 9),
        ("put", 3),
        ("upsert", 3),
    ];
    let folder = name.rsplit('/').nth(1).unwrap_or_default();
    let mut operations = operations.iter();
    operations
        .find(|(part, _)| folder.contains(part))
        .map_or(0, |(_, number)| *number)
}

/// Adds an answer to the targets that run a whole operation.
fn whole(corpus: &Corpus, operation: u8, message: &Message, bytes: &[u8]) {
    corpus.add("session", [&[operation], bytes].concat());
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let related = message.relates_to.as_deref().filter(|id| !id.is_empty());
    let body = related.map_or(text.to_owned(), |id| text.replace(id, "@ID@"));
    let status = if message.fault.is_some() {
        "500 Internal Server Error"
    } else {
        "200 OK"
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n");
    // The client's identifiers are longer than the placeholder, so the length is left to the end or a chunk.
    let ended = format!("{head}Connection: close\r\n\r\n{body}");
    corpus.add("client", [&[operation, 0x20], ended.as_bytes()].concat());
    corpus.add("client", [&[operation, 0x05], ended.as_bytes()].concat());
    let asked = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\
        WWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n";
    corpus.add(
        "client",
        [
            &[operation, 0x40],
            asked.as_bytes(),
            b"\n#\n",
            ended.as_bytes(),
        ]
        .concat(),
    );
}

/// Adds the datetimes and the paths of a message.
fn texts(corpus: &Corpus, message: &Message) {
    for path in &message.paths {
        corpus.add("object_path", path.to_string());
    }
    let instances = message
        .instances
        .iter()
        .flat_map(|instance| instance.properties());
    for property in instances {
        match property.value() {
            Value::DateTime(datetime) => corpus.add("datetime", datetime.to_string()),
            Value::Reference(path) => corpus.add("object_path", path.to_string()),
            _ => {}
        }
    }
}

/// Adds the query of a request.
pub fn request(corpus: &Corpus, bytes: &[u8]) {
    corpus.add("envelope", bytes);
    if let Ok(root) = XmlElement::read(bytes) {
        queries(corpus, &root);
    }
}

fn queries(corpus: &Corpus, element: &XmlElement) {
    if element.local_name() == "Filter" {
        corpus.add("wql", element.text());
    }
    element.children().for_each(|child| queries(corpus, child));
}
