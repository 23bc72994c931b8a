//! Tests how a session handles responses that no recorded case holds; a replay returns them in order.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use wsman::cim::Keys;
use wsman::record::{Exchange, Replay};
use wsman::{Delivery, Error, Instance, InstancePath, PartialUpdate, PutMode, PutOutcome, Session};

const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";

/// Creates a session that receives these responses: an HTTP status and the content of a body.
fn play(answers: &[(u16, &str)]) -> (Session, Arc<Replay>) {
    let exchanges = answers.iter().map(|(status, body)| {
        let envelope = [
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
            r#"xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" "#,
            r#"xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" "#,
            r#"xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer">"#,
            "<s:Header><a:RelatesTo>uuid:recorded</a:RelatesTo></s:Header><s:Body>",
            body,
            "</s:Body></s:Envelope>",
        ];
        Exchange::answered(*status, envelope.concat())
    });
    let replay = Arc::new(Replay::from_exchanges(exchanges.collect()).relate(true));
    let url = "http://host.example:5985/wsman";
    let builder = Session::builder(url).namespace("root/a");
    let session = builder.transport(Arc::clone(&replay) as _).build().unwrap();
    (session, replay)
}

fn fault(subcode: &str) -> String {
    [
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>",
        subcode,
        "</s:Value></s:Subcode></s:Code></s:Fault>",
    ]
    .concat()
}

fn created(selectors: &str) -> String {
    [
        "<x:ResourceCreated><a:Address/><a:ReferenceParameters><w:ResourceURI>",
        DMTF,
        "A</w:ResourceURI>",
        selectors,
        "</a:ReferenceParameters></x:ResourceCreated>",
    ]
    .concat()
}

fn requests(replay: &Replay) -> Vec<String> {
    let text = |bytes: &bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    replay.requests().iter().map(text).collect()
}

const KEPT: &str = r#"<p:A xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A">
    <p:K>1</p:K><p:X>1</p:X><p:Other>keep</p:Other></p:A>"#;

#[tokio::test]
async fn repeats_a_merge_after_a_lost_race() {
    let (not_found, exists) = (fault("a:DestinationUnreachable"), fault("w:AlreadyExists"));
    let (session, replay) = play(&[(500, &not_found), (500, &exists), (200, KEPT), (200, KEPT)]);
    let instance = Instance::new("A").with_key("K", 1u8).with("X", 2u8);
    let put = session
        .put_instance(&instance)
        .partial(PartialUpdate::Merge);
    let put = put.await.unwrap();
    assert_eq!((put.outcome, put.messages), (PutOutcome::Updated, 4));
    assert!(requests(&replay).last().unwrap().contains("keep"));
}

#[tokio::test]
async fn puts_a_merged_instance_through_its_own_class() {
    let derived = KEPT.replace("p:A", "p:B").replace("2/A", "2/B");
    let (session, replay) = play(&[(200, &derived), (200, "")]);
    let instance = Instance::new("A").with_key("K", 1u8).with("X", 2u8);
    let put = session.put_instance(&instance).mode(PutMode::UpdateOnly);
    let put = put.partial(PartialUpdate::Merge).await.unwrap();
    assert_eq!(put.path.class(), "B");
    assert!(requests(&replay)[1].contains(&[DMTF, "B</w:ResourceURI>"].concat()));
}

#[tokio::test]
async fn ignores_a_reference_without_selectors() {
    let nothing = created("");
    let (session, _) = play(&[(200, &nothing), (200, &nothing)]);
    let only = Instance::new("A").singleton().with("X", 2u8);
    let put = session
        .put_instance(&only)
        .mode(PutMode::CreateOnly)
        .await
        .unwrap();
    assert!(matches!(put.path.keys(), Keys::Singleton));
    let one = Instance::new("A").with_key("K", 1u8);
    let put = session
        .put_instance(&one)
        .mode(PutMode::CreateOnly)
        .await
        .unwrap();
    assert!(put.path.same_instance(&one.path().unwrap()));
}

#[tokio::test]
async fn accepts_further_keys_from_the_server() {
    let two = created(
        r#"<w:SelectorSet><w:Selector Name="K">1</w:Selector><w:Selector Name="L">7</w:Selector></w:SelectorSet>"#,
    );
    let not_found = fault("a:DestinationUnreachable");
    let (session, _) = play(&[(200, &two), (500, &not_found), (200, &two)]);
    let one = Instance::new("A").with_key("K", 1u8);
    let put = session
        .put_instance(&one)
        .mode(PutMode::CreateOnly)
        .await
        .unwrap();
    assert_eq!(put.path.key("L").unwrap().as_str(), Some("7"));
    let error = session.put_instance(&one).await.unwrap_err();
    assert!(matches!(error, Error::CreatedElsewhere(_)), "{error:?}");
}

#[tokio::test]
async fn a_reference_key_has_the_prefix_of_the_session() {
    let (session, replay) = play(&[(200, KEPT)]);
    let part = InstancePath::new("AMT_X").with_key("K", "1");
    let path = InstancePath::new("AMT_Y").with_key("Part", part);
    let prefix = "http://intel.com/wbem/wscim/1/amt-schema/1/"
        .parse()
        .unwrap();
    session
        .get_instance(&path)
        .resource_uri_prefix(prefix)
        .await
        .unwrap();
    assert!(
        !requests(&replay)[0].contains(DMTF),
        "{:?}",
        requests(&replay)
    );
}

#[tokio::test]
async fn an_instance_can_be_created_in_another_namespace() {
    let nothing = created("");
    let (session, replay) = play(&[(200, KEPT), (200, &nothing)]);
    let path = InstancePath::new("A").with_key("K", 1u8);
    let read = session.get_instance(&path).await.unwrap();
    let copy = session
        .create_instance(&read)
        .namespace("root/b")
        .await
        .unwrap();
    assert_eq!(copy.namespace().unwrap().as_str(), "root/b");
    assert!(requests(&replay)[1].contains(">root/b<"));
}

#[tokio::test]
async fn does_not_send_an_operation_cancelled_before_it_began() {
    let (session, replay) = play(&[(200, "")]);
    let path = InstancePath::new("A").with_key("K", 1u8);
    let mut operation = session.delete_instance(&path).start();
    let error = operation.cancel().await.unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(replay.requests().is_empty());
}

#[tokio::test]
async fn reports_a_lost_read_as_not_done() {
    let (session, _) = play(&[(200, "")]);
    let path = InstancePath::new("A").with_key("K", 1u8);
    let error = session.get_property(&path, "X").await.unwrap_err();
    assert!(
        !error.to_string().contains("may have performed it"),
        "{error}"
    );
    assert!(matches!(
        session.delete_instance(InstancePath::new("A")).await,
        Err(Error::InvalidParameter(_))
    ));
}

#[tokio::test]
async fn reads_the_extended_status_of_wmi_as_an_error_instance() {
    let fault = r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Detail>
        <f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150859010">
        <f:Message><f:ProviderFault provider="WMI Provider"><f:ExtendedError>
        <p:__ExtendedStatus xmlns:p="urn:status"><p:Operation>PutInstance</p:Operation></p:__ExtendedStatus>
        </f:ExtendedError></f:ProviderFault></f:Message></f:WSManFault></s:Detail></s:Fault>"#;
    let (session, _) = play(&[(500, fault)]);
    let one = Instance::new("A").with_key("K", 1u8);
    let error = session.put_instance(&one).await.unwrap_err();
    assert!(matches!(error, Error::NotSupported(_)), "{error:?}");
    let status = error.cim_instance().unwrap();
    assert_eq!(status.get::<String>("Operation").unwrap(), "PutInstance");
}

#[tokio::test]
async fn fails_at_once_if_the_recorder_cannot_write() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = "http://host.example:5985/wsman";
    let built = Session::builder(url)
        .record(file.path().join("dir"), "unknown")
        .build();
    assert!(matches!(built, Err(Error::Config(_))), "{built:?}");
}
