//! Tests invalid method calls and invalid responses to them.

use serde::Serialize;
use wsman::cim::Value;
use wsman::simulator::{Knob, MethodReply, RawAnswer, sample};
use wsman::{Delivery, Error, Instance};

use crate::{builder, refused, stage};

#[tokio::test]
async fn rejects_invalid_method_names() {
    let (simulator, session) = stage().await;
    for method in [
        "",
        "Start Service",
        "a/b",
        "a<b",
        "a:b",
        "../x",
        "a?b",
        "a.b",
        "a\u{0}b",
    ] {
        let called = session.invoke_method("Win32_Share", method).await;
        refused(called, "InvalidParameter", "is not the name of a method");
    }
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn rejects_invalid_targets() {
    let (simulator, session) = stage().await;
    for path in [
        "",
        "Win32_Share.",
        "Win32_Share.Name",
        r"\\other\Win32_Share",
    ] {
        let called = session.invoke_method(path, "Delete").await;
        refused(called, "InvalidParameter", "");
    }
    let unnamed = Instance::new("Win32_Share").with("Name", "logs");
    let called = session.invoke_method(&unnamed, "Delete").await;
    refused(called, "InvalidParameter", "the name of the class");
    let called = session.invoke_method("root/other:Win32_Share", "Create");
    refused(called.namespace("root/cimv2").await, "InvalidParameter", "");
    assert_eq!(simulator.connections(), 0);
}

#[derive(Serialize)]
struct Wide {
    number: u128,
}

#[tokio::test]
async fn rejects_invalid_arguments() {
    let (simulator, session) = stage().await;
    let echo = || session.invoke_method("Demo_Item", "Echo");
    refused(echo().arg("a b", 1u8).await, "Value", "");
    refused(echo().arg("Text", "a\u{0}b").await, "Value", "U+0000");
    refused(
        echo().arg("List", Vec::<u32>::new()).await,
        "Value",
        "an array of 0",
    );
    let wide = Wide { number: u128::MAX };
    refused(
        echo().args(&wide).arg("After", 1u8).await,
        "Value",
        "64 bits",
    );
    refused(echo().args("text").await, "Value", "a struct");
    assert_eq!(simulator.connections(), 0);
}

/// The method was carried out, and its response is too large: the caller learns both.
#[tokio::test]
async fn reports_an_oversized_response_as_carried_out() {
    let simulator = sample()
        .method("Demo_Item", "Talk", |call| {
            call.insert(Instance::new("Demo_Job").with_key("JobId", 7u32))?;
            Ok(MethodReply::new(0u32).with("Text", "x".repeat(9000)))
        })
        .start()
        .await
        .unwrap();
    // The method belongs to the namespace added last.
    let session = builder(&simulator)
        .namespace("root/other")
        .max_envelope_size(8192)
        .build()
        .unwrap();
    let error = session
        .invoke_method("Demo_Item", "Talk")
        .await
        .unwrap_err();
    assert_eq!(
        (error.name(), error.delivery()),
        ("ServerLimits", Delivery::Answered)
    );
    assert!(error.to_string().contains("Talk has run"), "{error}");
    let job = r#"root/other:Demo_Job.JobId=7"#.parse().unwrap();
    assert!(simulator.instance(&job).is_some());
    assert_eq!(simulator.requests().len(), 1, "it is not repeated");
}

fn soap(text: &str) -> RawAnswer {
    RawAnswer::new(200)
        .with_header("Content-Type", "application/soap+xml;charset=UTF-8")
        .with_body(text)
}

#[tokio::test]
async fn rejects_invalid_responses() {
    let (simulator, session) = stage().await;
    let body = |body: &str| {
        format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header><a:Action>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Demo_Item/EchoResponse</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        )
    };
    for text in [
        body("<x:ResourceCreated/>"),
        body("<o:Out xmlns:o='urn:o'><o:ReturnValue>"),
        body("<o:Out xmlns:o='urn:o'><o:Job><s:Fault/></o:Out>"),
    ] {
        simulator.next(Knob::Answer(soap(&text)));
        let error = session
            .invoke_method("Demo_Item", "Echo")
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{text}: {error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{text}");
    }
    // Unusual but readable responses: no element, an invalid code, a repeated name.
    simulator.next(Knob::Answer(soap(&body(""))));
    let nothing = session.invoke_method("Demo_Item", "Echo").await.unwrap();
    assert_eq!(nothing.return_value, Value::Null);
    assert!(
        nothing
            .return_code()
            .unwrap_err()
            .to_string()
            .contains("ReturnValue")
    );
    let odd = body("<Out><ReturnValue>-1</ReturnValue><N>1</N><n>2</n><N>3</N></Out>");
    simulator.next(Knob::Answer(soap(&odd)));
    let odd = session.invoke_method("Demo_Item", "Echo").await.unwrap();
    assert!(odd.return_code().is_err());
    assert_eq!(odd.get::<Vec<u8>>("N").unwrap(), [1, 3]);
}
