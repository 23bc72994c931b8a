//! Tests how a session reads rows, page by page, from a replay.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used)]

mod endings;
mod fit;
mod given_back;
mod hostile_pages;
#[cfg(feature = "simulator")]
mod limits;
mod named;
mod pages;
mod typed;
mod xml;

use std::sync::Arc;
use std::time::Duration;

use wsman::Session;
use wsman::cim::WireForm;
use wsman::record::{Exchange, Replay};
use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};

/// Creates a session that receives these responses: an HTTP status and the content of a body.
pub(crate) fn play(answers: &[(u16, String)]) -> (Session, Arc<Replay>) {
    let replay = replay(answers);
    (session(Arc::clone(&replay) as _), replay)
}

/// Does the same with a delay before each response.
pub(crate) fn play_late(answers: &[(u16, String)]) -> (Session, Arc<Replay>) {
    let replay = replay(answers);
    (session(Arc::new(Late(Arc::clone(&replay)))), replay)
}

pub(crate) const LATE: Duration = Duration::from_millis(100);

#[derive(Debug)]
struct Late(Arc<Replay>);

impl Transport for Late {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let answer = self.0.exchange(message).await;
            tokio::time::sleep(LATE).await;
            answer
        })
    }
}

pub(crate) fn session(transport: Arc<dyn Transport>) -> Session {
    let url = "http://host.example:5985/wsman";
    let builder = Session::builder(url)
        .namespace("root/a")
        .wire_form(WireForm::Windows);
    builder.transport(transport).build().unwrap()
}

pub(crate) fn replay(answers: &[(u16, String)]) -> Arc<Replay> {
    replay_with_header(answers, "")
}

/// Replays these responses, each with more in its header.
pub(crate) fn replay_with_header(answers: &[(u16, String)], header: &str) -> Arc<Replay> {
    let exchanges = answers.iter().map(|(status, body)| {
        let envelope = [
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
            r#"xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" "#,
            r#"xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A" "#,
            r#"xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
            r#"xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">"#,
            "<s:Header><a:RelatesTo>uuid:0</a:RelatesTo>",
            header,
            "</s:Header><s:Body>",
            body,
            "</s:Body></s:Envelope>",
        ];
        Exchange::answered(*status, envelope.concat())
    });
    Arc::new(Replay::from_exchanges(exchanges.collect()).relate(true))
}

/// Returns the content of a response to an Enumerate.
pub(crate) fn opened(parts: &[&str]) -> (u16, String) {
    let body = [
        "<n:EnumerateResponse>",
        &parts.concat(),
        "</n:EnumerateResponse>",
    ];
    (200, body.concat())
}

/// Returns the content of a response to a Pull.
pub(crate) fn pulled(parts: &[&str]) -> (u16, String) {
    let body = ["<n:PullResponse>", &parts.concat(), "</n:PullResponse>"];
    (200, body.concat())
}

pub(crate) fn fault(subcode: &str) -> (u16, String) {
    let body = [
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>",
        subcode,
        "</s:Value></s:Subcode></s:Code></s:Fault>",
    ];
    (500, body.concat())
}

pub(crate) fn items(numbers: std::ops::Range<u32>) -> String {
    let row = |n| format!("<p:A><p:N>{n}</p:N></p:A>");
    format!(
        "<n:Items>{}</n:Items>",
        numbers.map(row).collect::<String>()
    )
}

pub(crate) const CONTEXT: &str = "<n:EnumerationContext>c1</n:EnumerationContext>";
pub(crate) const OTHER_CONTEXT: &str = "<n:EnumerationContext>c2</n:EnumerationContext>";
pub(crate) const NO_CONTEXT: &str = "<n:EnumerationContext/>";
pub(crate) const END: &str = "<n:EndOfSequence/>";
