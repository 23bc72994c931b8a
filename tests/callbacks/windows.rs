//! Tests events in the form of Windows (MS-WSMV 2.2.4.47, 4.11), written by hand: each kind, and
//! invalid ones.

use std::sync::Arc;

use wsman::callback::{ErrorMode, MessageChannel, PromptMode};
use wsman::cim::Value;
use wsman::record::{Exchange, Replay};
use wsman::{Callbacks, Delivery, Error};

use super::*;

/// Creates an envelope of a response. It has no number, so that any order is valid.
pub(crate) fn envelope(body: &str) -> String {
    format!(
        r#"<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse</a:Action><p:OperationID s:mustUnderstand="false">uuid:29391A9A-58B3-4812-B355-969FC647FD62</p:OperationID></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

/// Creates an event with these parts.
pub(crate) fn event(event_type: &str, parts: &str) -> String {
    let namespace = "http://schemas.microsoft.com/wbem/wsman/1/cim/interactive.xsd";
    envelope(&format!(
        "<i:InteractiveEvent xmlns:i=\"{namespace}\">\
         <i:EventType>{event_type}</i:EventType>{parts}</i:InteractiveEvent>"
    ))
}

/// Creates the response to a Get of `Acme_Lamp`.
fn lamp() -> String {
    envelope(
        r#"<p:Acme_Lamp xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/acme/Acme_Lamp"><p:Id>1</p:Id></p:Acme_Lamp>"#,
    )
}

/// Runs a Get with this response; other requests get an empty success.
fn getting(answer: &str, wanted: Callbacks) -> (Arc<Replay>, Operation<Instance>) {
    let mut exchanges = vec![Exchange::answered(200, answer.to_owned())];
    exchanges.extend((0..5).map(|_| Exchange::answered(200, "")));
    let replay = Arc::new(Replay::from_exchanges(exchanges));
    let session = Session::builder("http://host.example:5985/wsman")
        .transport(Arc::clone(&replay) as _)
        .build()
        .unwrap();
    let path = InstancePath::new("Acme_Lamp").with_key("Id", 1u32);
    (
        replay,
        session.get_instance(&path).callbacks(wanted).start(),
    )
}

async fn told(answer: &str) -> Vec<Callback> {
    let (_, mut operation) = getting(&[answer, &lamp()].concat(), Callbacks::all());
    let told = all(&mut operation).await;
    assert_eq!(operation.await.unwrap().get::<u32>("Id").unwrap(), 1);
    told
}

#[tokio::test]
async fn reads_messages() {
    let text = "<i:Description>a &lt;b&gt; &#228;</i:Description>";
    let answer = ["Debug", "Warning", "Verbose"]
        .map(|kind| event(kind, text))
        .concat();
    let channels: Vec<MessageChannel> = told(&answer)
        .await
        .into_iter()
        .map(|callback| match callback {
            Callback::Message { channel, text } => {
                assert_eq!(text, "a <b> ä");
                channel
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        MessageChannel::Debug,
        MessageChannel::Warning,
        MessageChannel::Verbose,
    ];
    assert_eq!(channels, expected);
}

#[tokio::test]
async fn reads_progress() {
    let parts = "<i:Activity>copy</i:Activity><i:CurrentOperation>file 3</i:CurrentOperation>\
        <i:StatusDescription>busy</i:StatusDescription><i:PercentComplete>30</i:PercentComplete>\
        <i:SecondsRemaining>7</i:SecondsRemaining>";
    let callbacks = told(&[event("Progress", parts), event("Progress", "")].concat()).await;
    let Callback::Progress(report) = &callbacks[0] else {
        panic!("{callbacks:?}")
    };
    assert_eq!(report.activity, "copy");
    assert_eq!(report.current_operation, "file 3");
    assert_eq!(report.status_description, "busy");
    assert_eq!(
        (report.percent_complete, report.seconds_remaining),
        (Some(30), Some(7))
    );
    let Callback::Progress(report) = &callbacks[1] else {
        panic!("{callbacks:?}")
    };
    assert_eq!(
        (report.percent_complete, report.seconds_remaining),
        (None, None)
    );
}

#[tokio::test]
async fn reads_an_error() {
    let error = r#"<p:MSFT_WmiError xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/MSFT_WmiError"><p:CIMStatusCode>6</p:CIMStatusCode><p:Message>gone</p:Message></p:MSFT_WmiError>"#;
    let parts =
        format!("<i:Description>{error}</i:Description><i:ActionType>Report</i:ActionType>");
    let callbacks = told(&event("ErrorAction", &parts)).await;
    let Callback::Error(report) = &callbacks[0] else {
        panic!("{callbacks:?}")
    };
    assert!(!report.is_asked());
    assert_eq!(report.instance().class().as_str(), "MSFT_WmiError");
    assert_eq!(report.instance().get::<u32>("CIMStatusCode").unwrap(), 6);
    let callbacks = told(&event("ErrorAction", "<i:Description>gone</i:Description>")).await;
    assert_eq!(said(&callbacks[0]), "gone");
}

#[tokio::test]
async fn reads_streamed_parameters() {
    let value = |number: &str, items: &str| {
        let parts =
            format!("<i:Name>Line</i:Name><i:Type>{number}</i:Type><i:Value>{items}</i:Value>");
        event("StreamingOutput", &parts)
    };
    let typed = r#"<p:Line xmlns:p="u" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="cim:cimUnsignedInt">5</p:Line>"#;
    let answer = [
        value("5", typed),
        value("13", "<Line>a</Line>"),
        value("21", "<Line>1</Line><Line>2</Line>"),
        value("29", "<Line>alone</Line>"),
        value("8", "oddly bare"),
        value("99", "<Line>of no type</Line>"),
        value("13", ""),
    ];
    let values: Vec<Value> = told(&answer.concat())
        .await
        .into_iter()
        .map(|callback| match callback {
            Callback::Parameter { name, value } => {
                assert_eq!(name.as_str(), "Line");
                value
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        Value::from(5u32),
        Value::from("a"),
        Value::from(vec![1u32, 2]),
        Value::from(vec!["alone"]),
        Value::Untyped("oddly bare".into()),
    ];
    assert_eq!(values[..5], expected);
    assert_eq!(values[6], Value::Null);
}

#[tokio::test]
async fn an_unrequested_prompt_is_answered_with_no() {
    let prompt = event(
        "Confirm",
        "<i:Description>sure?</i:Description><i:PromptType>Normal</i:PromptType>",
    );
    let wanted = Callbacks::new().progress();
    let (replay, mut operation) = getting(&[prompt, lamp()].concat(), wanted);
    assert!(all(&mut operation).await.is_empty());
    operation.await.unwrap();
    let asked = replay.requests();
    assert_eq!(asked.len(), 3, "the Get, No, and the end");
    let no = std::str::from_utf8(&asked[1]).unwrap();
    assert_eq!(
        (element(no, "Action"), element(no, "Response>")),
        ("/InteractiveResponse", "no")
    );
}

/// Returns the error of an operation with this response.
async fn failure(answer: &str, wanted: Callbacks) -> Error {
    let (_, mut operation) = getting(answer, wanted);
    all(&mut operation).await;
    operation.await.unwrap_err()
}

#[tokio::test]
async fn bad_answers_are_errors() {
    let all_of_it = Callbacks::all();
    let told = event("Verbose", "<i:Description>x</i:Description>");
    let decode = [
        (
            "no answer behind the events",
            told.clone(),
            "document is empty",
        ),
        ("nothing at all", String::new(), "document is empty"),
        (
            "half an event",
            told[..told.len() - 20].to_owned(),
            "InteractiveEvent",
        ),
        ("an unknown event", event("Guess", ""), "Guess"),
        ("no meaning", event("NoSemantics", ""), "NoSemantics"),
        (
            "no type",
            envelope(
                "<i:InteractiveEvent xmlns:i=\"http://schemas.microsoft.com/wbem/wsman/1/cim/interactive.xsd\"/>",
            ),
            "i:EventType",
        ),
        (
            "a document type",
            format!("<!DOCTYPE x>{told}"),
            "document type",
        ),
        (
            "a page",
            "<html><body>hello</body></html>".to_owned(),
            "html",
        ),
        ("no XML", "hello".to_owned(), "message"),
        (
            "another answer",
            told.replace(
                "</s:Header>",
                "<a:RelatesTo>uuid:1</a:RelatesTo></s:Header>",
            ),
            "uuid:1",
        ),
    ];
    for (what, answer, says) in decode {
        let error = failure(&answer, all_of_it).await;
        assert!(matches!(error, Error::Decode(_)), "{what}: {error:?}");
        assert!(error.to_string().contains(says), "{what}: {error}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{what}");
    }
    let parameter = event("StreamingOutput", "<i:Name>a</i:Name>");
    let unwanted = failure(&parameter, Callbacks::new().progress()).await;
    assert!(matches!(unwanted, Error::Decode(_)), "{unwanted:?}");
}

#[tokio::test]
async fn a_fault_after_events_is_the_response() {
    let fault = r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">w:AlreadyExists</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">it is there</s:Text></s:Reason></s:Fault>"#;
    let told = event("Verbose", "<i:Description>x</i:Description>");
    let error = failure(&[told, envelope(fault)].concat(), Callbacks::all()).await;
    assert!(matches!(error, Error::AlreadyExists(_)), "{error:?}");
}

#[tokio::test]
async fn does_not_answer_prompts_in_report_mode() {
    let prompt = event(
        "Confirm",
        "<i:Description>sure?</i:Description><i:PromptType>Normal</i:PromptType>",
    );
    let wanted = Callbacks::new()
        .prompts(PromptMode::Report)
        .errors(ErrorMode::Report);
    let (replay, mut operation) = getting(&[prompt, lamp()].concat(), wanted);
    assert_eq!(all(&mut operation).await.len(), 1);
    operation.await.unwrap();
    assert_eq!(replay.requests().len(), 1);
}
