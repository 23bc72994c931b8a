//! Tests that each envelope of an operation with callbacks is read in its encoding, and leniently where
//! the session asks for that.

use std::sync::Arc;

use wsman::cim::Value;
use wsman::record::{Exchange, Replay};
use wsman::{Callbacks, Error};

use super::windows::{envelope, event};
use super::*;

/// Runs a Get that is answered with a message and an instance, both with these bytes for `@`.
async fn get(
    is_lossy: bool,
    content_type: &str,
    bytes: &[u8],
) -> (Vec<String>, Result<Value, Error>) {
    let lamp = envelope(
        r#"<p:Acme_Lamp xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/acme/Acme_Lamp"><p:Name>@</p:Name></p:Acme_Lamp>"#,
    );
    let message = event("Verbose", "<i:Description>@</i:Description>");
    let answer = [message, lamp].concat();
    let parts: Vec<&[u8]> = answer.split('@').map(str::as_bytes).collect();
    let answer = Exchange::answered(200, parts.join(bytes));
    let mut exchanges = vec![answer.with_header("content-type", content_type)];
    exchanges.extend((0..5).map(|_| Exchange::answered(200, "")));
    let url = "http://host.example:5985/wsman";
    let mut builder = Session::builder(url);
    if is_lossy {
        builder = builder.lossy_text();
    }
    let replay = Arc::new(Replay::from_exchanges(exchanges));
    let session = builder.transport(replay).build().unwrap();
    let path = InstancePath::new("Acme_Lamp").with_key("Id", 1u32);
    let request = session.get_instance(&path).callbacks(Callbacks::all());
    let mut operation = request.start();
    let told = all(&mut operation).await.iter().map(said).collect();
    let read = operation.await;
    (
        told,
        read.map(|instance| instance.value("Name").unwrap().clone()),
    )
}

#[tokio::test]
async fn reads_each_envelope_in_the_charset_of_http() {
    let latin1 = "application/soap+xml;charset=ISO-8859-1";
    let (told, read) = get(false, latin1, b"caf\xe9").await;
    assert_eq!(told, ["Verbose café"]);
    assert_eq!(read.unwrap(), Value::Untyped("café".into()));
}

#[tokio::test]
async fn reads_invalid_text_only_in_a_lossy_session() {
    let utf8 = "application/soap+xml;charset=UTF-8";
    let (told, read) = get(true, utf8, b"a\xff").await;
    assert_eq!(told, ["Verbose a\u{fffd}"]);
    assert_eq!(read.unwrap(), Value::Lossy("a\u{fffd}".into()));
    let (told, read) = get(false, utf8, b"a\xff").await;
    assert!(told.is_empty(), "{told:?}");
    let error = read.unwrap_err();
    assert_eq!(error.name(), "Decode");
    assert!(error.to_string().contains("byte 0xFF"), "{error}");
}
