//! Tests invalid responses of a server or an intermediary.

use std::time::{Duration, Instant};

use wsman::cim::{Value, WbemStatus};
use wsman::simulator::{Knob, RawAnswer};
use wsman::xml::Limits;
use wsman::{Delivery, Error, PutMode};

use crate::{builder, share, stage};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Wraps a body in an envelope of the SOAP version with this namespace.
fn envelope(soap: &str, header: &str, body: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="{soap}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

/// Creates the header of the correct response to an operation.
fn response(operation: &str) -> String {
    format!(
        "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/{operation}Response</a:Action>"
    )
}

const PUBLIC: &str = "<p:Win32_Share><p:Name>public</p:Name></p:Win32_Share>";

fn soap(status: u16, body: impl Into<Vec<u8>>) -> RawAnswer {
    let answer = RawAnswer::new(status).with_header("Content-Type", "application/soap+xml");
    answer.with_body(body)
}

/// Returns the error of an update with this response.
async fn answered(answer: RawAnswer) -> Error {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Answer(answer));
    let update = session.put_instance(&share()).mode(PutMode::UpdateOnly);
    let error = update.await.unwrap_err();
    assert_eq!(simulator.requests().len(), 1);
    error
}

#[tokio::test]
async fn rejects_unreadable_responses() {
    let html = RawAnswer::new(200).with_header("Content-Type", "text/html; charset=utf-8");
    let deep = format!("{}{}", "<x>".repeat(10_000), "</x>".repeat(10_000));
    let doctype = format!(
        r#"<!DOCTYPE x [<!ENTITY a "b">]>{}"#,
        envelope(SOAP, "", PUBLIC)
    );
    let unrelated = "<a:RelatesTo>uuid:00000000-0000-0000-0000-000000000000</a:RelatesTo>";
    let whole = envelope(SOAP, "", PUBLIC);
    let entity = envelope(
        SOAP,
        "",
        "<p:Win32_Share><p:Name>&a;</p:Name></p:Win32_Share>",
    );
    let soap_1_1 = "http://schemas.xmlsoap.org/soap/envelope/";
    for (answer, text) in [
        (
            html.with_body("<html><p>Sign in first</html>"),
            "html (HTTP 200, text/html",
        ),
        (
            RawAnswer::new(200),
            "the document is empty (HTTP 200, no content type)",
        ),
        (soap(200, "hello"), "text before the root element"),
        (soap(200, [0xc3, 0x28]), "is not UTF-8"),
        (
            soap(200, &whole[..whole.len() - 20]),
            "stops before its end",
        ),
        (soap(200, &whole[..whole.len() / 2]), "stops before its end"),
        (
            soap(200, [&whole, "<more/>"].concat()),
            "content after the root element",
        ),
        (soap(200, doctype), "document type"),
        (soap(200, entity), "not well-formed"),
        (
            soap(200, envelope(SOAP, "", &deep)),
            "nested deeper than 64 elements",
        ),
        (
            soap(200, envelope(SOAP, unrelated, PUBLIC)),
            "the message answers uuid:0000",
        ),
        (
            soap(200, envelope(soap_1_1, "", PUBLIC)),
            "not a SOAP 1.2 envelope",
        ),
        (soap(200, envelope(SOAP, "", "<w:Odd/>")), "<Odd>"),
        (
            soap(500, envelope(SOAP, "", PUBLIC)),
            "no s:Fault (HTTP 500",
        ),
        (soap(500, ""), "the document is empty (HTTP 500"),
        (soap(400, "Bad Request"), "(HTTP 400"),
    ] {
        let error = answered(answer).await;
        assert!(matches!(error, Error::Decode(_)), "{text}: {error:?}");
        assert!(
            error.to_string().contains(text),
            "{text:?} is not in: {error}"
        );
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(error.wbem(), WbemStatus::TRANSPORT_FAILURE);
        assert!(error.fault().is_none() && error.http_status().is_some());
    }
}

#[tokio::test]
async fn reports_errors_of_the_http_server() {
    let moved = RawAnswer::new(301).with_header("Location", "https://other.example/wsman");
    let login = RawAnswer::new(401).with_header("WWW-Authenticate", "Negotiate");
    let (t, a) = (WbemStatus::TRANSPORT_FAILURE, WbemStatus::ACCESS_DENIED);
    for (answer, name, wbem, delivery, text) in [
        (
            moved,
            "Transport",
            t,
            Delivery::Answered,
            "https://other.example/wsman",
        ),
        (
            login,
            "Auth",
            a,
            Delivery::Answered,
            "the server offers Negotiate",
        ),
        (
            RawAnswer::new(403),
            "AccessDenied",
            a,
            Delivery::Answered,
            "403",
        ),
        (
            RawAnswer::new(404),
            "Transport",
            t,
            Delivery::Answered,
            "/wsman",
        ),
        (
            RawAnswer::new(407),
            "Transport",
            t,
            Delivery::Answered,
            "proxy",
        ),
        (
            RawAnswer::new(413),
            "ServerLimits",
            WbemStatus::QUOTA_VIOLATION,
            Delivery::Answered,
            "too large for the server",
        ),
        (
            RawAnswer::new(503),
            "ShuttingDown",
            WbemStatus::SHUTTING_DOWN,
            Delivery::Unknown,
            "503",
        ),
        (
            RawAnswer::new(503).with_header("Server", "Microsoft-HTTPAPI/2.0"),
            "ShuttingDown",
            WbemStatus::SHUTTING_DOWN,
            Delivery::Answered,
            "503",
        ),
        (
            RawAnswer::new(502),
            "Transport",
            t,
            Delivery::Unknown,
            "gateway",
        ),
        (
            RawAnswer::new(504),
            "Transport",
            t,
            Delivery::Unknown,
            "gateway",
        ),
    ] {
        let error = answered(answer).await;
        assert_eq!(error.name(), name, "{error:?}");
        assert_eq!(
            (error.wbem(), error.delivery()),
            (wbem, delivery),
            "{error:?}"
        );
        assert!(
            error.to_string().contains(text),
            "{text:?} is not in: {error}"
        );
    }
}

/// openwsman sends faults with HTTP 200; they are still faults.
#[tokio::test]
async fn reads_a_fault_under_a_success_status() {
    let fault = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:AccessDenied</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>";
    let error = answered(soap(200, envelope(SOAP, "", fault))).await;
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    assert_eq!(
        (error.wbem(), error.delivery()),
        (WbemStatus::ACCESS_DENIED, Delivery::Answered)
    );
    assert_eq!(error.http_status(), Some(200));
}

#[tokio::test]
async fn rejects_oversized_responses() {
    let (simulator, _) = stage().await;
    let mut limits = Limits::default();
    (limits.bytes, limits.elements) = (50_000, 100);
    let session = builder(&simulator).limits(limits).build().unwrap();
    let many = envelope(
        SOAP,
        &response("Put"),
        &format!("<p:Win32_Share>{}</p:Win32_Share>", "<p:X/>".repeat(200)),
    );
    let long = format!("<!--{}-->", "x".repeat(60_000));
    for (knob, name, text) in [
        (Knob::EndlessAnswer, "Transport", "larger than 50000 bytes"),
        (
            Knob::Answer(soap(200, long)),
            "Transport",
            "larger than 50000 bytes",
        ),
        (
            Knob::Answer(soap(200, many)),
            "Decode",
            "more than 100 elements",
        ),
    ] {
        simulator.next(knob);
        let error = session.put_instance(&share()).await.unwrap_err();
        assert_eq!(error.name(), name, "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

/// The time for a response is linear in its size.
#[tokio::test]
async fn reads_countless_items_in_linear_time() {
    let many = |make: fn(usize) -> String| (0..20_000).map(make).collect::<String>();
    let attributes = many(|n| format!(r#" a{n}="""#));
    let namespaces = many(|n| format!(r#" xmlns:n{n}="urn:x""#));
    let properties = many(|n| format!("<p:a{n}/>"));
    let repeated = "<p:a0/>".repeat(20_000);
    let attributes = format!("<p:X{attributes}><p:Name/></p:X>");
    let mut wide = Limits::default();
    (wide.attributes, wide.namespaces) = (20_000, 1_000);
    for (body, limits, outcome) in [
        (attributes.clone(), Limits::default(), Err("Decode")),
        (attributes, wide, Ok(1)),
        (
            format!("<p:X>{properties}{repeated}</p:X>"),
            Limits::default(),
            Ok(20_000),
        ),
        (format!("<p:X{namespaces}/>"), wide, Err("Decode")),
    ] {
        let (simulator, _) = stage().await;
        let session = builder(&simulator).limits(limits).build().unwrap();
        simulator.next(Knob::Answer(soap(
            200,
            envelope(SOAP, &response("Put"), &body),
        )));
        let start = Instant::now();
        let put = session.put_instance(&share()).await;
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "{:?}",
            start.elapsed()
        );
        let count = put
            .as_ref()
            .map(|put| put.instance.as_ref().unwrap().properties().len());
        assert_eq!(count.map_err(Error::name), outcome);
    }
}

/// The same holds for the selectors of a created instance.
#[tokio::test]
async fn reads_countless_selectors_in_linear_time() {
    let selectors: String = (0..20_000)
        .map(|n| format!(r#"<w:Selector Name="k{n}"/>"#))
        .collect();
    let body = format!(
        r#"<x:ResourceCreated xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"><a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>http://x/Win32_Share</w:ResourceURI><w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"#
    );
    let (simulator, session) = stage().await;
    let answer = soap(200, envelope(SOAP, &response("Create"), &body));
    simulator.next(Knob::Answer(answer));
    let start = Instant::now();
    let path = session.create_instance(&share()).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(path.keys().named().len(), 20_000);
}

/// A tree whose nodes have children under the same name at every level.
#[tokio::test]
async fn reads_nested_instances_with_the_same_property() {
    let node = r#"<p:Nodes xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="p:Node_Type"><p:Nodes>a</p:Nodes><p:Nodes>b</p:Nodes></p:Nodes>"#;
    let body = format!("<p:Node>{node}<p:Name>x</p:Name>{node}</p:Node>");
    let (simulator, session) = stage().await;
    let answer = soap(200, envelope(SOAP, &response("Get"), &body));
    simulator.next(Knob::Answer(answer));
    let tree = session.get_instance(share().path().unwrap()).await.unwrap();
    assert_eq!(tree.properties().len(), 2, "{tree:?}");
    let nodes = tree.value("Nodes").unwrap().elements();
    assert_eq!(nodes.len(), 2);
    for node in nodes {
        let Value::Instance(node) = node else {
            panic!("{node:?}")
        };
        assert_eq!(node.value("Nodes").unwrap().elements().len(), 2);
    }
}
