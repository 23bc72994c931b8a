//! Tests paths with a host, and nested references.

use wsman::protocol::DecodeError;
use wsman::{Error, InstancePath};

use crate::{play, reference, requests};

#[tokio::test]
async fn reads_a_path_with_a_host_and_does_not_send_the_host() {
    let text = r#"\\HV01\root\virtualization\v2:X.InstanceID="Microsoft:1\\2\\0\\D""#;
    let whole = format!("<p:X><p:Parent>{text}</p:Parent></p:X>");
    let (session, replay) = play(&[whole, "<p:X/>".to_owned()]);
    let start = r#"X.K="v""#;
    let row = session.get_instance(start).await.unwrap();
    let parent: InstancePath = row.get("Parent").unwrap();
    assert_eq!(parent.host(), Some("HV01"));
    assert_eq!(
        parent.namespace().unwrap().as_str(),
        "root/virtualization/v2"
    );
    let id = parent.key("InstanceID").unwrap();
    assert_eq!(id.as_str(), Some(r"Microsoft:1\2\0\D"));
    assert_eq!(parent.to_string(), text);
    session.get_instance(&parent).await.unwrap();
    let _unanswered = session.invoke_method(text, "Start").arg("Of", parent).await;
    let sent = requests(&replay);
    for sent in &sent[1..] {
        let is_here = sent.contains("root/virtualization/v2") && !sent.contains("HV01");
        assert!(is_here, "{sent}");
    }
    assert_eq!(sent.len(), 3);
}

fn nested(levels: usize) -> String {
    let start = r#"<w:Selector Name="k">v</w:Selector>"#.to_owned();
    let inner = (0..levels).fold(start, |inner, _| {
        format!(
            r#"<w:Selector Name="k"><a:EndpointReference>{}</a:EndpointReference></w:Selector>"#,
            reference(&inner)
        )
    });
    format!("<p:X><p:R>{}</p:R></p:X>", reference(&inner))
}

/// Each level doubles the backslashes of the path's text.
#[tokio::test]
async fn reads_references_at_most_three_levels_deep() {
    let path = r#"X.K="v""#;
    for levels in 0..=3 {
        let (session, _replay) = play(&[nested(levels)]);
        let row = session.get_instance(path).await.unwrap();
        let printed = row
            .value("R")
            .unwrap()
            .to::<InstancePath>()
            .unwrap()
            .to_string();
        assert!(printed.len() < 100, "{printed}");
        let mut read: InstancePath = printed.parse().unwrap();
        for _ in 0..levels {
            read = read.key("k").unwrap().as_str().unwrap().parse().unwrap();
        }
        assert_eq!(read.to_string(), r#"X.k="v""#);
    }
    for levels in [4, 10, 15] {
        let (session, _replay) = play(&[nested(levels)]);
        let error = session.get_instance(path).await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error}");
        let decode = error.caused_by::<DecodeError>();
        assert_eq!(decode, Some(&DecodeError::NestedReferences(3)));
    }
}

/// Printing any value in any form takes time linear in the message.
#[tokio::test]
async fn printing_is_linear_in_the_message() {
    let embedded = (0..15).fold("<p:V>x</p:V>".to_owned(), |inner, _| {
        format!(r#"<p:E xsi:type="p:X_Type">{inner}</p:E>"#)
    });
    let backslashes = r"\&quot;".repeat(500);
    for body in [
        nested(3),
        format!("<p:X>{embedded}</p:X>"),
        format!("<p:X>{}</p:X>", "<p:A>1</p:A>".repeat(500)),
        format!(
            "<p:X><p:R>{}</p:R></p:X>",
            reference(&format!(
                r#"<w:Selector Name="k">{backslashes}</w:Selector>"#
            ))
        ),
        format!("<p:X>{}</p:X>", nested(3).repeat(20)),
    ] {
        let (session, _replay) = play(std::slice::from_ref(&body));
        let path = r#"X.K="v""#;
        let row = session.get_instance(path).await.unwrap();
        let debug = format!("{row:?}").len();
        let json = serde_json::to_string(&row).unwrap().len();
        assert!(debug < 20 * body.len() + 1000, "{debug} of {}", body.len());
        assert!(json < 4 * body.len() + 1000, "{json} of {}", body.len());
    }
}
