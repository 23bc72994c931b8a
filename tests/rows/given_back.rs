//! Tests that values are written back as they were read.

use wsman::cim::Value;
use wsman::{Delivery, Error, InstancePath, PartialUpdate, PutMode};

use crate::play;

const CONFIG: &str = "http://schemas.microsoft.com/wbem/wsman/1/config";

fn config() -> (u16, String) {
    let body = format!(
        r#"<c:Config xmlns:c="{CONFIG}"><c:MaxTimeoutms>60000</c:MaxTimeoutms><c:Client><c:AllowUnencrypted>false</c:AllowUnencrypted></c:Client></c:Config>"#
    );
    (200, body)
}

#[tokio::test]
async fn a_put_spells_the_class_like_the_resource_uri() {
    let (session, replay) = play(&[config(), config()]);
    let path = InstancePath::singleton("config")
        .with_schema_uri("http://schemas.microsoft.com/wbem/wsman/1/");
    let mut read = session.get_instance(&path).await.unwrap();
    assert_eq!(read.class().as_str(), "Config");
    read.set("MaxTimeoutms", "1000");
    let put = session.put_instance(&read).mode(PutMode::UpdateOnly);
    assert_eq!(put.await.unwrap().path.class().as_str(), "config");
    for request in replay.requests() {
        let request = String::from_utf8(request.to_vec()).unwrap();
        assert!(
            request.contains(&format!("{CONFIG}</w:ResourceURI>")),
            "{request}"
        );
        assert!(!request.contains("wsman/1/Config"), "{request}");
    }
    let put = String::from_utf8(replay.requests()[1].to_vec()).unwrap();
    assert!(
        put.contains(&format!(r#"<p0:Config xmlns:p0="{CONFIG}""#)),
        "{put}"
    );
    // The class of the embedded instance is unknown, so it is written as it was read.
    let client = "<p0:Client><p0:AllowUnencrypted>false</p0:AllowUnencrypted></p0:Client>";
    assert!(put.contains(client), "{put}");
}

fn lamp() -> (u16, String) {
    let body = "<p:A><p:Id>1</p:Id><p:Note>made <p:b>here</p:b></p:Note><p:Size>7</p:Size></p:A>";
    (200, body.to_owned())
}

#[tokio::test]
async fn refuses_to_put_the_text_of_mixed_content() {
    let (session, replay) = play(&[lamp(), lamp(), lamp()]);
    let path = InstancePath::new("A").with_key("Id", "1");
    let mut read = session.get_instance(&path).await.unwrap();
    assert_eq!(
        read.value("Note"),
        Some(&Value::Untyped("made here".into()))
    );
    read.set("Size", "8");
    let whole = session.put_instance(&read).mode(PutMode::UpdateOnly).await;
    let error = whole.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().contains("Note"), "{error}");
    let fragment = PartialUpdate::Fragment("Note".into());
    let put = session.put_instance(&read).mode(PutMode::UpdateOnly);
    let error = put.partial(fragment).await.unwrap_err();
    assert!(matches!(error, Error::InvalidParameter(_)), "{error}");
    assert_eq!(replay.requests().len(), 1);

    let put = session.put_instance(&read).mode(PutMode::UpdateOnly);
    put.partial(PartialUpdate::ModifiedProperties)
        .await
        .unwrap();
    read.set("Note", "new");
    session
        .put_instance(&read)
        .mode(PutMode::UpdateOnly)
        .await
        .unwrap();
    let requests = replay.requests();
    let sent = |at: usize| String::from_utf8(requests[at].to_vec()).unwrap();
    assert!(!sent(1).contains("made here") && sent(1).contains("8</p0:Size>"));
    assert!(sent(2).contains("new</p0:Note>"));
}
