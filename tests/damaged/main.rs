//! Answers with bytes and characters that are no text, in every encoding, and answers that are not
//! well-formed.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod encodings;

use std::sync::Arc;

use wsman::cim::Value;
use wsman::cim::wql::{self, property};
use wsman::protocol::{DecodeError, Message};
use wsman::record::{Exchange, Replay};
use wsman::xml::XmlError;
use wsman::{Delivery, Error, Instance, InstancePath, PartialUpdate, PutMode, Session};

const XML: &str = "application/soap+xml";

/// What servers put around a body.
const START: &str = concat!(
    r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
    r#"xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
    r#"xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing" "#,
    r#"xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" "#,
    r#"xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" "#,
    r#"xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A">"#,
    "<s:Header><a:RelatesTo>uuid:recorded</a:RelatesTo></s:Header><s:Body>"
);
const END: &str = "</s:Body></s:Envelope>";

fn envelope(body: &[u8]) -> Vec<u8> {
    [START.as_bytes(), body, END.as_bytes()].concat()
}

fn exchange(content_type: &str, body: Vec<u8>) -> Exchange {
    Exchange::answered(200, body).with_header("content-type", content_type)
}

/// A session, lossy or not, that gets these answers.
fn play(is_lossy: bool, exchanges: Vec<Exchange>) -> (Session, Arc<Replay>) {
    let replay = Arc::new(Replay::from_exchanges(exchanges).relate(true));
    let url = "http://host.example:5985/wsman";
    let builder = Session::builder(url).namespace("root/a");
    let builder = builder.transport(Arc::clone(&replay) as _);
    let builder = if is_lossy {
        builder.lossy_text()
    } else {
        builder
    };
    (builder.build().unwrap(), replay)
}

fn bodies(bodies: &[&[u8]]) -> Vec<Exchange> {
    let one = |body: &&[u8]| exchange(XML, envelope(body));
    bodies.iter().map(one).collect()
}

fn path() -> InstancePath {
    InstancePath::new("A").with_key("K", "1")
}

async fn get(is_lossy: bool, body: &[u8]) -> Result<Instance, Error> {
    let (session, _) = play(is_lossy, bodies(&[body]));
    session.get_instance(path()).await
}

/// The model of a controller, as the firmware of an iDRAC sends it, and a referenced NUL: what each is in
/// the error, and what is read where the caller asks to read on.
const DAMAGED: [(&[u8], &str, &str); 6] = [
    (b"6.603\xc0", "byte 0xC0", "6.603\u{fffd}"),
    (b"a&#0;b", "U+0000", "a\u{fffd}b"),
    (b"a\0b", "U+0000", "a\u{fffd}b"),
    (b"a\x0bb&#xB;", "U+000B", "a\u{fffd}b\u{fffd}"),
    (b"a&#xD800;\xef\xbf\xbf", "U+D800", "a\u{fffd}\u{fffd}"),
    (b"<![CDATA[\x01&#0;]]>", "U+0001", "\u{fffd}&#0;"),
];

fn lamp(value: &[u8]) -> Vec<u8> {
    [
        b"<p:A><p:K>1</p:K><p:D>",
        value,
        b"</p:D><p:E>e</p:E></p:A>",
    ]
    .concat()
}

#[tokio::test]
async fn what_is_no_text_is_an_error_with_its_place_and_the_setting() {
    for (value, found, _) in DAMAGED {
        let body = lamp(value);
        let error = get(false, &body).await.unwrap_err();
        assert_eq!(error.name(), "Decode");
        let answer = envelope(&body);
        let start = START.len() + body.windows(5).position(|tag| tag == b"<p:D>").unwrap() + 5;
        let is_bad = |byte: &u8| *byte >= 0x80 || *byte < b' ' || *byte == b'&';
        let at = answer[start..].iter().position(is_bad).unwrap() + start;
        let read = Message::read(&answer).unwrap_err();
        let place = format!("property D: {found} at byte {at} ");
        assert!(read.to_string().contains(&place), "{read}");
        for part in ["property D: ", found, "lossy_text"] {
            assert!(error.to_string().contains(part), "{part:?}: {error}");
        }
        let DecodeError::Xml(XmlError::Character(bad)) = read else {
            panic!("{value:?}: {read}")
        };
        assert_eq!(bad.offset(), at, "{value:?}");
        let names: Vec<&str> = bad.path().map(|(name, _)| name).collect();
        assert_eq!(names, ["Envelope", "Body", "A", "D"]);
    }
}

#[tokio::test]
async fn a_lossy_session_reads_on_and_marks_the_value_alone() {
    for (value, _, read) in DAMAGED {
        let instance = get(true, &lamp(value)).await.unwrap();
        let expected = Value::Lossy(read.to_owned());
        assert_eq!(instance.value("D"), Some(&expected), "{value:?}");
        assert_eq!(instance.get::<String>("D").unwrap(), read, "{value:?}");
        for (name, text) in [("K", "1"), ("E", "e")] {
            let value = Value::Untyped(text.to_owned());
            assert_eq!(instance.value(name), Some(&value));
        }
    }
}

#[tokio::test]
async fn what_the_server_itself_sent_as_a_replacement_is_not_marked() {
    let body = lamp("a\u{fffd}&#xFFFD;".as_bytes());
    for is_lossy in [false, true] {
        let instance = get(is_lossy, &body).await.unwrap();
        let expected = Value::Untyped("a\u{fffd}\u{fffd}".into());
        assert_eq!(instance.value("D"), Some(&expected));
    }
}

/// What stands around a value marks nothing; an element of an array and a property of an embedded
/// instance are marked where they are.
#[tokio::test]
async fn the_mark_stands_where_the_text_does() {
    let body = b"<!--\x01--><p:A note='\x02'><p:K>1</p:K>\x03<p:D>a</p:D><p:D>b\x04</p:D>\
        <p:X xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='p:B_Type'>\
        <p:Y>y</p:Y><p:Z>z\xff</p:Z></p:X></p:A>";
    let read = get(true, body).await.unwrap();
    assert_eq!(read.value("K"), Some(&Value::Untyped("1".into())));
    let array = read.value("D").unwrap().elements().to_vec();
    let expected = [Value::Untyped("a".into()), Value::Lossy("b\u{fffd}".into())];
    assert_eq!(array, expected);
    let Some(Value::Instance(inner)) = read.value("X") else {
        panic!("{read:?}")
    };
    assert_eq!(inner.value("Y"), Some(&Value::Untyped("y".into())));
    assert_eq!(inner.value("Z"), Some(&Value::Lossy("z\u{fffd}".into())));
    let raw = read.own_raw_xml().unwrap();
    assert!(raw.contains('\u{fffd}'), "{raw:?}");
    let bad = |c: char| matches!(c, '\u{1}'..='\u{8}' | '\u{ffff}');
    assert!(!raw.contains(bad), "{raw:?}");
}

#[tokio::test]
async fn an_error_in_a_row_names_the_row() {
    let page = b"<n:EnumerateResponse><n:EnumerationContext/><w:Items><p:A><p:K>1</p:K></p:A>\
        <p:A><p:K>2</p:K><p:D>\xe9</p:D></p:A></w:Items><w:EndOfSequence/></n:EnumerateResponse>";
    let (session, _) = play(false, bodies(&[page]));
    let error = session.enumerate_instances("A").await.unwrap_err();
    let text = error.to_string();
    for part in ["row 1, property D: ", "byte 0xE9", "lossy_text"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let (session, _) = play(true, bodies(&[page]));
    let rows = session.enumerate_instances("A").await.unwrap();
    let last = rows.last().unwrap();
    assert_eq!(last.value("D"), Some(&Value::Lossy("\u{fffd}".into())));
    assert_eq!(rows[0].value("K"), Some(&Value::Untyped("1".into())));
}

fn assert_refused(error: &Error, replay: &Replay, messages: usize) {
    assert_eq!(error.name(), "Value", "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(error.to_string().contains("U+FFFD"), "{error}");
    assert_eq!(replay.requests().len(), messages);
}

#[tokio::test]
async fn a_lossy_value_is_not_sent_in_a_full_put() {
    let (session, replay) = play(true, bodies(&[&lamp(b"a\xff")]));
    let mut instance = session.get_instance(path()).await.unwrap();
    instance.set("E", "new");
    for mode in [
        PutMode::UpdateOnly,
        PutMode::CreateOrUpdate,
        PutMode::CreateOnly,
    ] {
        let put = session.put_instance(&instance).mode(mode).await;
        assert_refused(&put.unwrap_err(), &replay, 1);
    }
    let fragment = session
        .put_instance(&instance)
        .mode(PutMode::UpdateOnly)
        .partial(PartialUpdate::Fragment("D".into()));
    assert_refused(&fragment.await.unwrap_err(), &replay, 1);
    let create = session.create_instance(&instance).await;
    assert_refused(&create.unwrap_err(), &replay, 1);
    let value = instance.value("D").unwrap().clone();
    let invoked = session
        .invoke_method(path(), "Do")
        .arg("D", value.clone())
        .await;
    assert_refused(&invoked.unwrap_err(), &replay, 1);
    // A value that the caller moved to another property is the caller's to send, and is not left out.
    instance.set("E", value);
    let modified = session
        .put_instance(&instance)
        .partial(PartialUpdate::ModifiedProperties);
    assert_refused(&modified.await.unwrap_err(), &replay, 1);
}

#[tokio::test]
async fn a_lossy_value_is_not_sent_as_a_key() {
    let body = b"<p:A><p:K>k\xff</p:K><p:E>e</p:E></p:A>";
    let (session, replay) = play(true, bodies(&[body]));
    let instance = session.get_instance(path()).await.unwrap();
    let path = InstancePath::new("A").with_key("K", instance.value("K").unwrap().clone());
    let got = session.get_instance(&path).await;
    assert_refused(&got.unwrap_err(), &replay, 1);
    let deleted = session.delete_instance(&path).await;
    assert_refused(&deleted.unwrap_err(), &replay, 1);
    let invoked = session.invoke_method(&path, "Do").await;
    assert_refused(&invoked.unwrap_err(), &replay, 1);
}

#[tokio::test]
async fn a_lossy_selector_of_a_path_that_was_read_is_not_sent() {
    let epr = |selector: &[u8]| {
        let before = b"<n:EnumerateResponse><n:EnumerationContext/><w:Items><a:EndpointReference>\
            <a:Address>http://host/</a:Address><a:ReferenceParameters><w:ResourceURI>\
            http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A</w:ResourceURI><w:SelectorSet>\
            <w:Selector Name='K'>"
            .as_slice();
        let after = b"</w:Selector><w:Selector Name='L'>l</w:Selector></w:SelectorSet>\
            </a:ReferenceParameters></a:EndpointReference></w:Items><w:EndOfSequence/>\
            </n:EnumerateResponse>"
            .as_slice();
        [before, selector, after].concat()
    };
    let (session, replay) = play(true, bodies(&[&epr(b"k\xff"), &epr(b"k"), &lamp(b"d")]));
    let paths = session.enumerate_paths("A").await.unwrap();
    let got = session.get_instance(&paths[0]).await;
    assert_refused(&got.unwrap_err(), &replay, 1);
    let paths = session.enumerate_paths("A").await.unwrap();
    session.get_instance(&paths[0]).await.unwrap();
}

#[tokio::test]
async fn what_was_modified_is_sent_beside_a_lossy_value() {
    let body = b"<p:A><p:K>1</p:K><p:D>d\xff</p:D><p:E>e</p:E><p:L>x</p:L><p:L>\x01</p:L>\
        <p:X xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='p:B_Type'>\
        <p:Y>&#0;</p:Y></p:X></p:A>";
    let (session, replay) = play(true, bodies(&[body, b""]));
    let mut instance = session.get_instance(path()).await.unwrap();
    instance.set("E", "new");
    let put = session
        .put_instance(&instance)
        .mode(PutMode::UpdateOnly)
        .partial(PartialUpdate::ModifiedProperties);
    put.await.unwrap();
    let sent = String::from_utf8(replay.requests()[1].to_vec()).unwrap();
    assert!(sent.contains(">new</"), "{sent}");
    assert!(!sent.contains('\u{fffd}'), "{sent}");
    for name in [":D>", ":L>", ":X>", ":Y>"] {
        assert!(!sent.contains(name), "{name} in {sent}");
    }
}

#[tokio::test]
async fn a_property_that_was_set_anew_is_sent() {
    let (session, replay) = play(true, bodies(&[&lamp(b"a\xff"), b""]));
    let mut instance = session.get_instance(path()).await.unwrap();
    instance.set("D", "d");
    let put = session.put_instance(&instance).mode(PutMode::UpdateOnly);
    put.await.unwrap();
    let sent = String::from_utf8(replay.requests()[1].to_vec()).unwrap();
    assert!(sent.contains(">d</"), "{sent}");
}

#[tokio::test]
async fn one_property_that_is_read_alone_is_marked() {
    for body in [
        b"<w:XmlFragment>a\xff</w:XmlFragment>".as_slice(),
        b"<w:XmlFragment><p:D>a\xff</p:D></w:XmlFragment>",
    ] {
        let (session, _) = play(true, bodies(&[body]));
        let value = session.get_property(path(), "D").await.unwrap();
        assert_eq!(value, Value::Lossy("a\u{fffd}".into()));
    }
}

/// What the session itself sends back must be what the server sent.
#[tokio::test]
async fn a_context_that_is_no_text_is_an_error() {
    for context in [b"c\xff".as_slice(), b"c&#0;"] {
        let page = [
            b"<n:EnumerateResponse><n:EnumerationContext>",
            context,
            b"</n:EnumerationContext></n:EnumerateResponse>",
        ]
        .concat();
        let (session, replay) = play(true, bodies(&[&page]));
        let error = session.enumerate_instances("A").await.unwrap_err();
        assert_eq!(error.name(), "Decode", "{error}");
        let text = error.to_string();
        assert!(text.contains("must send back unchanged"), "{text}");
        assert!(!text.contains("lossy_text"), "{text}");
        assert_eq!(replay.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_identifier_of_a_subscription_that_is_no_text_is_an_error() {
    let answer = b"<e:SubscribeResponse><e:SubscriptionManager><a:Address>http://host/</a:Address>\
        <a:ReferenceParameters><e:Identifier>i\xff</e:Identifier></a:ReferenceParameters>\
        </e:SubscriptionManager><e:Expires>PT60S</e:Expires>\
        <n:EnumerationContext>1</n:EnumerationContext></e:SubscribeResponse>";
    let (session, replay) = play(true, bodies(&[answer]));
    let subscribed = session.subscribe("SELECT * FROM A").class("A").await;
    let error = subscribed.err().unwrap();
    assert_eq!(error.name(), "Decode", "{error}");
    assert_eq!(replay.requests().len(), 1);
}

#[tokio::test]
async fn a_fault_with_markup_is_that_fault() {
    let body = b"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:AccessDenied\
        </s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en\">Access <b>denied</b>.\
        </s:Text></s:Reason></s:Fault>";
    let (session, _) = play(false, bodies(&[body]));
    let error = session.delete_instance(path()).await.unwrap_err();
    assert_eq!(error.name(), "AccessDenied", "{error}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(error.to_string().contains("Access denied."), "{error}");
}

#[tokio::test]
async fn a_fault_in_a_lossy_session_is_that_fault_and_its_xml_is_text() {
    let body = b"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:AccessDenied\
        </s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en\">no\xff</s:Text></s:Reason>\
        <s:Detail><p:Why>\xffx</p:Why></s:Detail></s:Fault>";
    let (session, _) = play(true, bodies(&[body]));
    let error = session.delete_instance(path()).await.unwrap_err();
    assert_eq!(error.name(), "AccessDenied", "{error}");
    assert!(error.to_string().contains("no\u{fffd}"), "{error}");
    let fault = error.fault().unwrap();
    let detail = fault.detail_xml.as_deref().unwrap();
    assert_eq!(detail, "<s:Detail><p:Why>\u{fffd}x</p:Why></s:Detail>");
}

/// A reference is only as whole as its keys; its address and class must be text.
#[tokio::test]
async fn a_reference_with_a_lossy_key_is_not_sent() {
    let reference = |uri: &[u8], key: &[u8]| {
        let parts: [&[u8]; 7] = [
            b"<p:A><p:K>1</p:K><p:R><a:Address>http://host/</a:Address><a:ReferenceParameters>",
            b"<w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/B",
            uri,
            b"</w:ResourceURI><w:SelectorSet><w:Selector Name='Id'>",
            key,
            b"</w:Selector></w:SelectorSet></a:ReferenceParameters></p:R>",
            b"<p:E>e</p:E></p:A>",
        ];
        parts.concat()
    };
    let (session, replay) = play(true, bodies(&[&reference(b"", b"k\xff"), b""]));
    let mut instance = session.get_instance(path()).await.unwrap();
    let Some(Value::Reference(read)) = instance.value("R") else {
        panic!("{instance:?}")
    };
    assert_eq!(
        read.keys().named()[0].value,
        Value::Lossy("k\u{fffd}".into())
    );
    let put = session.put_instance(&instance).mode(PutMode::UpdateOnly);
    assert_refused(&put.await.unwrap_err(), &replay, 1);
    instance.set("E", "new");
    let put = session
        .put_instance(&instance)
        .mode(PutMode::UpdateOnly)
        .partial(PartialUpdate::ModifiedProperties);
    put.await.unwrap();
    let sent = String::from_utf8(replay.requests()[1].to_vec()).unwrap();
    assert!(sent.contains(">new</") && !sent.contains(":R>"), "{sent}");
    let error = get(true, &reference(b"\xff", b"k")).await.unwrap_err();
    assert_eq!(error.name(), "Decode", "{error}");
}

#[tokio::test]
async fn a_lossy_value_is_in_no_condition_of_a_query() {
    let (session, replay) = play(true, bodies(&[&lamp(b"a\xff")]));
    let instance = session.get_instance(path()).await.unwrap();
    let value = instance.value("D").unwrap().clone();
    let query = wql::Query::new("A").matching(property("D").eq(value.clone()));
    let error = session.query_instances(query).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    let rows = session.enumerate_instances("A").matching("D", value);
    assert_refused(&rows.await.unwrap_err(), &replay, 1);
}

#[tokio::test]
async fn a_character_of_a_lossy_answer_is_marked_too() {
    let body = b"<p:A xmlns:i='http://www.w3.org/2001/XMLSchema-instance' \
        xmlns:c='http://schemas.dmtf.org/wbem/wscim/1/common'>\
        <p:K>1</p:K><p:D i:type='c:cimChar16'>\xff</p:D></p:A>";
    let read = get(true, body).await.unwrap();
    assert_eq!(read.value("D"), Some(&Value::Lossy("\u{fffd}".into())));
}

/// Every answer is read in the encoding that HTTP names: a page of rows too.
#[tokio::test]
async fn rows_are_read_in_the_encoding_that_http_names() {
    let page =
        b"<n:EnumerateResponse><n:EnumerationContext/><w:Items><p:A><p:D>caf\xe9</p:D></p:A>\
        </w:Items><w:EndOfSequence/></n:EnumerateResponse>";
    let latin1 = [XML, ";charset=ISO-8859-1"].concat();
    let (session, _) = play(false, vec![exchange(&latin1, envelope(page))]);
    let rows = session.enumerate_instances("A").await.unwrap();
    assert_eq!(rows[0].value("D"), Some(&Value::Untyped("café".into())));
}

/// What is not well-formed: with an element in place of the value, or around the whole.
#[tokio::test]
async fn what_is_not_well_formed_is_refused() {
    for is_lossy in [false, true] {
        for value in [
            "<p:V x='1' x='2'>x</p:V>",
            "<p:V xmlns:i='urn:i' i:nil='false' i:nil='true'>x</p:V>",
            "<p:V xmlns:q='http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A' p:x='' q:x=''/>",
            "<p:V x=1/>",
            "<p:V x='<'/>",
            "<q:V/>",
            "<p:V q:x=''/>",
            "<p:V>&nbsp;</p:V>",
            "<p:V>&</p:V>",
            "<p:V x='&nbsp;'/>",
            "<p:V>a]]>b</p:V>",
            "<p:V></p:W>",
            "<p:V><!-- a -- b --></p:V>",
            "<?xml version='1.0'?>",
        ] {
            let body = ["<p:A>", value, "</p:A>"].concat();
            let error = get(is_lossy, body.as_bytes()).await.unwrap_err();
            assert_eq!(error.name(), "Decode", "{value}: {error}");
            assert!(
                error.to_string().contains("not well-formed"),
                "{value}: {error}"
            );
        }
        for (before, after) in [
            ("HTTP/1.1 200 OK\n\n", ""),
            ("x", ""),
            ("", "x"),
            ("", "<p/>"),
            ("&lt;", ""),
            ("<![CDATA[ ]]>", ""),
        ] {
            let inner = envelope(&lamp(b"d"));
            let whole = [before.as_bytes(), &inner, after.as_bytes()].concat();
            let (session, _) = play(is_lossy, vec![exchange(XML, whole)]);
            let error = session.get_instance(path()).await.unwrap_err();
            assert_eq!(error.name(), "Decode", "{before}{after}: {error}");
        }
    }
}

#[test]
fn refuses_the_reported_inputs_that_are_not_well_formed() {
    for (bytes, wanted) in [
        (
            &include_bytes!("duplicate-attribute.xml")[..],
            r#"the attribute "nil" is repeated"#,
        ),
        (
            &include_bytes!("text-before-the-root.xml")[..],
            "text before the root element",
        ),
    ] {
        let error = Message::read(bytes).unwrap_err();
        assert!(matches!(error, DecodeError::Xml(_)), "{error:?}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
}
