//! Tests the spelling variants of servers: keys, empty elements, paths with a host, and queries.
#![cfg(all(feature = "simulator", feature = "record"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod empty;
mod keys;
mod paths;
mod queries;

use std::sync::Arc;

use wsman::record::{Exchange, Replay};
use wsman::simulator::{Dialect, Simulator, sample};
use wsman::{Credentials, Session, SessionBuilder};

/// Creates a session that receives responses with these bodies, in order.
fn play(bodies: &[String]) -> (Session, Arc<Replay>) {
    let exchanges = bodies.iter().map(|body| {
        let envelope = [
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
            r#"xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
            r#"xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" "#,
            r#"xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" "#,
            r#"xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" "#,
            r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" "#,
            r#"xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/X">"#,
            "<s:Header><a:RelatesTo>uuid:0</a:RelatesTo></s:Header><s:Body>",
            body,
            "</s:Body></s:Envelope>",
        ];
        Exchange::answered(200, envelope.concat())
    });
    let replay = Arc::new(Replay::from_exchanges(exchanges.collect()).relate(true));
    let url = "http://host.example:5985/wsman";
    let builder = Session::builder(url).namespace("root/a");
    let session = builder.transport(Arc::clone(&replay) as _).build().unwrap();
    (session, replay)
}

/// Creates the response to an Enumerate with these rows and its end.
fn rows(rows: &str) -> String {
    [
        "<n:EnumerateResponse><n:EnumerationContext/><w:Items>",
        rows,
        "</w:Items><w:EndOfSequence/></n:EnumerateResponse>",
    ]
    .concat()
}

/// Creates an endpoint reference of class X with these selectors.
fn reference(selectors: &str) -> String {
    [
        "<a:Address>http://h/wsman</a:Address><a:ReferenceParameters><w:ResourceURI>",
        "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/X</w:ResourceURI><w:SelectorSet>",
        selectors,
        "</w:SelectorSet></a:ReferenceParameters>",
    ]
    .concat()
}

fn requests(replay: &Replay) -> Vec<String> {
    let text = |bytes: &bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    replay.requests().iter().map(text).collect()
}

async fn stage(dialect: Dialect) -> (Simulator, SessionBuilder) {
    let simulator = sample().dialect(dialect).start().await.unwrap();
    let builder = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted();
    (simulator, builder)
}
