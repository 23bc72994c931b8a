//! Tests that `to_message` gives the message that the Put sends.

use wsman::put::PutExtensions;
use wsman::{Error, Instance, PartialUpdate, PutMode, WsmanOption};

use super::{Capture, builder, instance};

/// Returns a message without the text of its MessageID, which each message has for itself.
fn without_id(message: &[u8]) -> String {
    let message = std::str::from_utf8(message).unwrap();
    let (before, rest) = message.split_once("<a:MessageID>").unwrap();
    let (_, after) = rest.split_once("</a:MessageID>").unwrap();
    format!("{before}{after}")
}

#[tokio::test]
async fn to_message_is_what_the_put_sends() {
    let partials = [
        PartialUpdate::Whole,
        PartialUpdate::ModifiedProperties,
        PartialUpdate::PutExtensions(PutExtensions::new(["V"]).atomic()),
        PartialUpdate::Fragment("V".into()),
    ];
    for partial in partials {
        let capture = Capture::answering(&[]);
        let session = builder(&capture).build().unwrap();
        let instance = instance("text");
        let put = session
            .put_instance(&instance)
            .mode(PutMode::UpdateOnly)
            .namespace("root/b")
            .partial(partial.clone())
            .option(WsmanOption::new("Depth", "2"));
        let message = put.to_message().unwrap();
        assert!(capture.sent().is_empty(), "{partial:?}");
        let _no_answer = put.await.unwrap_err();
        let sent = capture.sent().remove(0);
        assert_eq!(without_id(&message), without_id(&sent), "{partial:?}");
    }
}

#[test]
fn to_message_refuses_what_the_put_refuses() {
    let session = builder(&Capture::answering(&[])).build().unwrap();
    let keyless = session.put_instance(&Instance::new("A").with("V", "1"));
    assert!(matches!(
        keyless.to_message(),
        Err(Error::InvalidParameter(_))
    ));
    let unknown = session
        .put_instance(&instance("text"))
        .mode(PutMode::UpdateOnly)
        .partial(PartialUpdate::Fragment("Missing".into()));
    assert!(matches!(
        unknown.to_message(),
        Err(Error::InvalidParameter(_))
    ));
}
