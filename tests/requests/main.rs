//! Tests every request with arbitrary text in every position. The client sends a well-formed message
//! from which an independent parser reads the same text, or sends nothing.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod to_message;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use wsman::cim::Value;
use wsman::enumerate::QueryDialect;
use wsman::put::PutExtensions;
use wsman::record::{Exchange, Replay};
use wsman::subscribe::Bookmark;
use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};
use wsman::{
    Error, Instance, InstancePath, PartialUpdate, PutMode, Session, SessionBuilder, WsmanOption,
};

/// Keeps the requests, and answers as a replay does.
#[derive(Debug)]
struct Capture {
    sent: Mutex<Vec<Vec<u8>>>,
    replay: Replay,
}

impl Capture {
    fn answering(answers: &[String]) -> Arc<Self> {
        let envelope = |body: &String| {
            let envelope = [
                r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
                r#"xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
                r#"xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing" "#,
                r#"xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" "#,
                r#"xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">"#,
                "<s:Header><a:RelatesTo>uuid:recorded</a:RelatesTo></s:Header><s:Body>",
                body,
                "</s:Body></s:Envelope>",
            ];
            Exchange::answered(200, envelope.concat())
        };
        let replay = Replay::from_exchanges(answers.iter().map(envelope).collect());
        Arc::new(Self {
            sent: Mutex::default(),
            replay: replay.relate(true),
        })
    }

    fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().clone()
    }
}

impl Transport for Capture {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        let body = message.body.as_bytes().unwrap();
        self.sent.lock().unwrap().push(body.to_vec());
        self.replay.exchange(message)
    }
}

fn builder(capture: &Arc<Capture>) -> SessionBuilder {
    let url = "http://host.example:5985/wsman";
    let builder = Session::builder(url).namespace("root/a");
    builder.transport(Arc::clone(capture) as _)
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// A position of text in a request: how to put it there, and where a reader finds it.
struct Position {
    name: &'static str,
    send: fn(Session, String) -> Sending<'static>,
    /// The element and its attribute; the element's own text without one.
    at: (&'static str, &'static str),
}

/// Creates a position from an expression of a session and a text.
macro_rules! position {
    ($name:literal, $at:expr, |$session:ident, $text:ident| $send:expr) => {
        Position {
            name: $name,
            send: |$session, $text| {
                Box::pin(async move {
                    let _ = $send.await?;
                    Ok(())
                })
            },
            at: $at,
        }
    };
}

fn path(text: String) -> InstancePath {
    InstancePath::new("A").with_key("K", text)
}

fn instance(value: impl Into<Value>) -> Instance {
    Instance::new("A").with_key("K", "1").with("V", value)
}

const SELECTOR: (&str, &str) = ("Selector[K]", "");
const V: (&str, &str) = ("V", "");

fn positions() -> Vec<Position> {
    vec![
        position!("get key", SELECTOR, |s, t| s.get_instance(path(t))),
        position!("get property key", SELECTOR, |s, t| s
            .get_property(path(t), "V")),
        position!("delete key", SELECTOR, |s, t| s.delete_instance(path(t))),
        position!("create", V, |s, t| s.create_instance(&instance(t))),
        position!("put", V, |s, t| s.put_instance(&instance(t))),
        position!("put key", SELECTOR, |s, t| {
            s.put_instance(&Instance::new("A").with_key("K", t).with("V", "1"))
        }),
        position!("update only", V, |s, t| s
            .put_instance(&instance(t))
            .mode(PutMode::UpdateOnly)),
        position!("create only", V, |s, t| s
            .put_instance(&instance(t))
            .mode(PutMode::CreateOnly)),
        position!("modified properties", V, |s, t| {
            s.put_instance(&instance(t))
                .partial(PartialUpdate::ModifiedProperties)
        }),
        position!("put extensions", V, |s, t| {
            let partial = PartialUpdate::PutExtensions(PutExtensions::new(["V"]));
            s.put_instance(&instance(t)).partial(partial)
        }),
        position!("fragment", V, |s, t| {
            s.put_instance(&instance(t))
                .mode(PutMode::UpdateOnly)
                .partial(PartialUpdate::Fragment("V".into()))
        }),
        position!("untyped", V, |s, t| s
            .put_instance(&instance(Value::Untyped(t)))),
        position!("array", V, |s, t| s.put_instance(&instance(vec![t]))),
        position!("embedded", ("Inner", ""), |s, t| {
            s.put_instance(&instance(Instance::new("B").with("Inner", t)))
        }),
        position!("reference", SELECTOR, |s, t| {
            s.put_instance(&Instance::new("A").with_key("Id", "1").with("V", path(t)))
        }),
        position!("argument", ("Name", ""), |s, t| {
            s.invoke_method(InstancePath::new("A").with_key("Id", 1u32), "Do")
                .arg("Name", t)
        }),
        position!("invoke key", SELECTOR, |s, t| s
            .invoke_method(path(t), "Do")),
        position!("query", ("Filter", ""), |s, t| {
            s.query_instances(t).dialect(QueryDialect::Wql)
        }),
        position!("associators key", SELECTOR, |s, t| s
            .associators(path(t))
            .role("R")),
        position!("associators role", ("Role", ""), |s, t| {
            s.associators(path("1".into())).role(t)
        }),
        position!("associators result role", ("ResultRole", ""), |s, t| {
            s.associators(path("1".into())).result_role(t)
        }),
        position!("references role", ("Role", ""), |s, t| s
            .references(path("1".into()))
            .role(t)),
        position!("subscribe query", ("Filter", ""), |s, t| s
            .subscribe(t)
            .class("A")),
        position!("subscribe bookmark", ("Bookmark", ""), |s, t| {
            s.subscribe("SELECT * FROM A").bookmark(Bookmark::At(t))
        }),
        position!("class", ("Selector[ClassName]", ""), |s, t| s.get_class(t)),
        position!("option name", ("Option", "Name"), |s, t| {
            s.get_instance(path("1".into()))
                .option(WsmanOption::new(t, "v"))
        }),
        position!("option value", ("Option", ""), |s, t| {
            s.enumerate_instances("A").option(WsmanOption::new("o", t))
        }),
        position!("option type", ("Option", "Type"), |s, t| {
            s.delete_instance(path("1".into()))
                .option(WsmanOption::new("o", "v").with_type(t))
        }),
        position!("locale", ("Locale", "lang"), |s, t| s
            .get_instance(path("1".into()))
            .locale(t)),
        position!("data locale", ("DataLocale", "lang"), |s, t| {
            s.enumerate_paths("A").data_locale(t)
        }),
    ]
}

/// Returns the text at a position of a message, which must be well-formed.
fn find(message: &[u8], (element, attribute): (&str, &str)) -> Vec<String> {
    let message = std::str::from_utf8(message).unwrap();
    let document =
        roxmltree::Document::parse(message).unwrap_or_else(|error| panic!("{error}: {message}"));
    let (local, name) = element
        .trim_end_matches(']')
        .split_once('[')
        .unwrap_or((element, ""));
    let is_wanted = |node: &roxmltree::Node<'_, '_>| {
        node.tag_name().name() == local && (name.is_empty() || node.attribute("Name") == Some(name))
    };
    let text = |node: roxmltree::Node<'_, '_>| {
        if attribute.is_empty() {
            return node.text().unwrap_or_default().to_owned();
        }
        let found = node.attributes().find(|one| one.name() == attribute);
        found.map(|one| one.value().to_owned()).unwrap_or_default()
    };
    document.descendants().filter(is_wanted).map(text).collect()
}

fn is_xml(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..))
}

/// Generates text with every sequence that is special in XML.
fn text() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "]]>",
        "]]",
        ">",
        "<",
        "&",
        "&amp;",
        "&#0;",
        "\"",
        "'",
        "\r",
        "\r\n",
        "\n",
        "\t",
        " ",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{fffd}",
        "\u{7f}",
        "<![CDATA[",
        "<!--",
        "-->",
        "é",
        "\u{1f600}",
        "%",
        "\\",
    ]);
    let broken = prop::sample::select(vec![
        "\0", "\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}",
    ]);
    let piece = prop_oneof![
        20 => tricky.prop_map(str::to_owned),
        10 => any::<char>().prop_map(String::from),
        1 => broken.prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// Returns whether a text can be the name of a class, which is a segment of a URI.
fn is_segment(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "/\\?#<>\"'&*:.=".contains(c);
    !text.is_empty() && !text.contains(bad)
}

/// Sends a text at a position and checks the request.
fn check(position: &Position, text: &str) {
    let capture = Capture::answering(&[]);
    let session = builder(&capture).build().unwrap();
    let outcome = block_on((position.send)(session, text.to_owned()));
    let sent = capture.sent();
    let name = position.name;
    let is_no_query = position.at.0 == "Filter" && text.trim().is_empty();
    if is_no_query || name == "class" && !is_segment(text) {
        assert!(sent.is_empty(), "{name} {text:?} was sent");
        assert_eq!(outcome.unwrap_err().name(), "InvalidParameter");
    } else if is_xml(text) {
        let message = sent.first();
        let message = message.unwrap_or_else(|| panic!("{name} {text:?}: {outcome:?}"));
        let found = find(message, position.at);
        assert!(
            found.iter().any(|found| found == text),
            "{name} {text:?}: {found:?}"
        );
    } else {
        assert!(sent.is_empty(), "{name} {text:?} was sent");
        let error = outcome.unwrap_err();
        assert_eq!(error.name(), "Value", "{name} {text:?}: {error}");
    }
}

#[test]
fn sends_a_section_end_unchanged_in_every_position() {
    for position in positions() {
        for text in [
            "a]]>b",
            "]]>",
            " a\r\n\tb ",
            "\r",
            "<&>\"'",
            "a\u{fffd}\u{85}",
        ] {
            check(&position, text);
        }
    }
}

#[test]
fn rejects_an_invalid_character_in_every_position() {
    for position in positions() {
        for text in ["a\u{0}", "\u{1}", "\u{fffe}b", "\u{ffff}"] {
            check(&position, text);
        }
    }
}

#[test]
fn sends_locale_and_options_unchanged() {
    let capture = Capture::answering(&[]);
    let session = builder(&capture)
        .locale("a]]>\t\"")
        .data_locale("\r\n<")
        .option(WsmanOption::new("]]>\n", "]]>\r"))
        .build()
        .unwrap();
    let _ = block_on(async { session.get_instance(path("1".into())).await });
    let sent = capture.sent();
    let found = |at| find(sent.first().unwrap(), at);
    assert_eq!(found(("Locale", "lang")), ["a]]>\t\""]);
    assert_eq!(found(("DataLocale", "lang")), ["\r\n<"]);
    assert_eq!(found(("Option", "Name")), ["]]>\n"]);
    assert_eq!(found(("Option", "")), ["]]>\r"]);
}

/// Text as a server writes it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#13;")
}

/// The text of a server is sent back unchanged: the context of an enumeration, in Pull and in Release.
fn check_context(text: &str) {
    let row =
        r#"<p:A xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A"><p:K>1</p:K></p:A>"#;
    let page = |response: &str| {
        let context = escaped(text);
        format!(
            "<n:{response}><n:EnumerationContext>{context}</n:EnumerationContext>\
             <n:Items>{row}</n:Items></n:{response}>"
        )
    };
    let capture = Capture::answering(&[page("EnumerateResponse"), page("PullResponse")]);
    let session = builder(&capture).build().unwrap();
    block_on(async {
        let mut rows = session.enumerate_instances("A").stream();
        for _ in 0..2 {
            rows.next().await.unwrap().unwrap();
        }
        let _ = rows.release().await;
    });
    let sent = capture.sent();
    assert!(sent.len() > 1, "{text:?}: {} messages", sent.len());
    for message in sent.iter().skip(1) {
        assert_eq!(find(message, ("EnumerationContext", "")), [text]);
    }
}

/// The identifier of a subscription, in Renew and in Unsubscribe.
fn check_identifier(text: &str) {
    let identifier = escaped(text);
    let answer = format!(
        "<e:SubscribeResponse><e:SubscriptionManager><a:Address>http://host.example/</a:Address>\
         <a:ReferenceParameters><e:Identifier>{identifier}</e:Identifier></a:ReferenceParameters>\
         </e:SubscriptionManager><e:Expires>PT600S</e:Expires>\
         <n:EnumerationContext>{identifier}</n:EnumerationContext></e:SubscribeResponse>"
    );
    let capture = Capture::answering(&[answer]);
    let session = builder(&capture).build().unwrap();
    block_on(async {
        let subscription = session
            .subscribe("SELECT * FROM A")
            .class("A")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let _ = subscription.close().await;
    });
    let sent = capture.sent();
    assert!(sent.len() > 1, "{text:?}: {} messages", sent.len());
    for message in sent.iter().skip(1) {
        let found = [("Identifier", ""), ("EnumerationContext", "")].map(|at| find(message, at));
        assert!(
            found.concat().iter().all(|found| found == text),
            "{text:?} {found:?}"
        );
        assert!(!found.concat().is_empty(), "{text:?}");
    }
}

#[test]
fn sends_contexts_and_identifiers_back_unchanged() {
    for text in ["a]]>b", "uuid:1", "<&\">\u{fffd}", "a\rb\tc"] {
        check_context(text);
        check_identifier(text);
    }
}

/// Names become elements: a name that is invalid for an element is rejected.
#[test]
fn sends_a_name_unchanged_or_rejects_it() {
    for name in [
        "A]]>", "a b", "9", "", "a:b", "x\u{0}", "a<", "é", "_A.b-c", "a\u{d7}", "\u{300}",
    ] {
        let given = Instance::new("A").with_key("K", "1").with(name, "v");
        let capture = Capture::answering(&[]);
        let session = builder(&capture).build().unwrap();
        let outcome = block_on(async { session.create_instance(&given).await });
        match capture.sent().first() {
            Some(message) => assert_eq!(find(message, (name, "")), ["v"], "{name:?}"),
            None => assert_eq!(outcome.unwrap_err().name(), "Value", "{name:?}"),
        }
    }
}

#[test]
fn identify_is_well_formed() {
    let capture = Capture::answering(&[]);
    let session = builder(&capture).build().unwrap();
    let _ = block_on(async { session.identify().await });
    assert_eq!(
        find(capture.sent().first().unwrap(), ("Identify", "")),
        [""]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn sends_any_text_unchanged_in_every_position_or_rejects_it(text in text()) {
        for position in positions() {
            check(&position, &text);
        }
        let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
        if is_xml(&text) && !trimmed.is_empty() {
            check_context(trimmed);
        }
    }
}
