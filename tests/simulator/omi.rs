//! Compares responses with recordings of OMI: the same requests yield the same responses.

use wsman::Instance;
use wsman::cim::{CimStatus, DateTime, Value};
use wsman::protocol::{FaultCode, Message};
use wsman::simulator::{Dialect, Simulator};

use crate::client::{DMTF, Request, send};
use crate::recorded::{peers, recorded};

async fn omi() -> Simulator {
    let builder = Simulator::builder().dialect(Dialect::Omi);
    let item = Instance::new("PEER_Item")
        .with_key("Id", "item-000003")
        .with("B", true)
        .with("U8", 255u8)
        .with("U32", 3u32)
        .with("C16", Value::Char16(8364))
        .with(
            "When",
            "20240229123456.789012+000".parse::<DateTime>().unwrap(),
        );
    peers(builder.namespace("root/peer".parse().unwrap()), "PEER")
        .instance(item)
        .start()
        .await
        .unwrap()
}

fn omi_peer(action: &'static str, class: &str) -> Request {
    Request {
        namespace: Some("root/peer"),
        ..Request::new(action, format!("{DMTF}{class}"))
    }
}

/// Creates a recorded fault of OMI from the parts that vary.
fn omi_fault(code: &str, subcode: &str, status: u32, category: u32, message: &str) -> Message {
    recorded(&format!(
        r#"<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:{code}</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>{subcode}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en-US">{message}</SOAP-ENV:Text></SOAP-ENV:Reason><SOAP-ENV:Detail><p:OMI_Error wsmb:IsCIM_Error="true" xmlns:p="{DMTF}OMI_Error"><p:ErrorType xsi:nil="true"/><p:OtherErrorType xsi:nil="true"/><p:OwningEntity xsi:type="cim:cimString">OMI:CIMOM</p:OwningEntity><p:MessageID xsi:type="cim:cimString">OMI:MI_Result:{status}</p:MessageID><p:Message xsi:type="cim:cimString">{message}</p:Message><p:PerceivedSeverity xsi:type="cim:cimUnsignedInt">7</p:PerceivedSeverity><p:ProbableCause xsi:type="cim:cimUnsignedInt">0</p:ProbableCause><p:ProbableCauseDescription xsi:type="cim:cimString">Unknown</p:ProbableCauseDescription><p:RecommendedActions xsi:nil="true"/><p:ErrorSource xsi:nil="true"/><p:ErrorSourceFormat xsi:nil="true"/><p:OtherErrorSourceFormat xsi:nil="true"/><p:CIMStatusCode xsi:type="cim:cimUnsignedInt">{status}</p:CIMStatusCode><p:CIMStatusCodeDescription xsi:nil="true"/><p:OMI_Code xsi:type="cim:cimUnsignedInt">{status}</p:OMI_Code><p:OMI_Category xsi:type="cim:cimUnsignedInt">{category}</p:OMI_Category><p:OMI_Type xsi:type="cim:cimString">MI</p:OMI_Type><p:OMI_ErrorMessage xsi:type="cim:cimString">{message}</p:OMI_ErrorMessage></p:OMI_Error></SOAP-ENV:Detail></SOAP-ENV:Fault>"#
    ))
}

#[tokio::test]
async fn omi_returns_the_recorded_faults() {
    const INTERNAL: &str = "wsman:InternalError";
    const UNREACHABLE: &str = "wsa:DestinationUnreachable";
    let no_property = || {
        omi_fault(
            "Receiver",
            INTERNAL,
            12,
            10,
            "The specified property does not exist.",
        )
    };
    let no_class = || {
        omi_fault(
            "Sender",
            UNREACHABLE,
            5,
            10,
            "The specified class does not exist.",
        )
    };
    let failed = || {
        let message = "A general error occurred, not covered by a more specific error code.";
        omi_fault("Receiver", INTERNAL, 1, 10, message)
    };
    let not_found = || {
        omi_fault(
            "Sender",
            UNREACHABLE,
            6,
            13,
            "The requested object cannot be found.",
        )
    };
    let no_namespace = || {
        omi_fault(
            "Sender",
            UNREACHABLE,
            3,
            10,
            "The target namespace does not exist.",
        )
    };
    let elsewhere = |request| Request {
        namespace: Some("root/nope"),
        ..request
    };
    let item = |action| omi_peer(action, "PEER_Item").with_key("Id", "item-000003");
    let date = "<p:When><cim:Datetime>2025-01-02T03:04:05Z</cim:Datetime></p:When>";
    let cases = [
        (
            "07",
            omi_peer("Get", "PEER_Item").with_key("Id", "nope"),
            not_found(),
        ),
        (
            "08",
            omi_peer("Get", "PEER_Nope").with_key("Id", "x"),
            no_class(),
        ),
        ("09", elsewhere(item("Get")), no_namespace()),
        (
            "11",
            omi_peer("Get", "PEER_Item").with_key("Nope", "x"),
            no_property(),
        ),
        (
            "12",
            omi_peer("Get", "PEER_Pair").with_key("Name", "beta"),
            no_property(),
        ),
        (
            "13",
            omi_peer("Get", "PEER_Pair")
                .with_key("Name", "beta")
                .with_key("Number", "abc"),
            failed(),
        ),
        ("48", item("Put").properties(date), no_property()),
        ("58", item("Put").properties("<p:U32>abc</p:U32>"), failed()),
        (
            "59",
            item("Put").properties("<p:Nope>x</p:Nope>"),
            no_property(),
        ),
        (
            "61",
            omi_peer("Put", "PEER_Nope")
                .with_key("Id", "x")
                .properties("<p:U32>1</p:U32>"),
            no_class(),
        ),
        (
            "72",
            omi_peer("Create", "PEER_Nope").properties("<p:U32>1</p:U32>"),
            no_class(),
        ),
        (
            "73",
            elsewhere(omi_peer("Create", "PEER_Item")).properties("<p:Id>zz</p:Id>"),
            no_namespace(),
        ),
        (
            "74",
            omi_peer("Create", "PEER_Item").properties("<p:Id>zz</p:Id><p:U32>abc</p:U32>"),
            failed(),
        ),
        (
            "78",
            omi_peer("Delete", "PEER_Item").with_key("Id", "created-1"),
            not_found(),
        ),
    ];
    let simulator = omi().await;
    for (number, request, recorded) in cases {
        let reply = send(&simulator, &request).await;
        let (fault, recorded) = (reply.message().fault.unwrap(), recorded.fault.unwrap());
        assert_eq!(reply.status, 500, "recording {number}");
        assert_eq!(
            (&fault.code, &fault.subcode),
            (&recorded.code, &recorded.subcode),
            "{number}"
        );
        assert_eq!(fault.cim_error, recorded.cim_error, "recording {number}");
        assert_eq!(fault.cim_status(), recorded.cim_status());
    }
    // 71-create-missing-key, 41 (already exists): coarse.
    let exists = omi_peer("Create", "PEER_Item").properties("<p:Id>item-000003</p:Id>");
    let fault = send(&simulator, &exists).await.message().fault.unwrap();
    assert_eq!(fault.cim_status(), Some(CimStatus::AlreadyExists));
    assert_eq!(
        fault.subcode,
        Some(wsman::protocol::FaultSubcode::InternalError)
    );
    // 66-put-no-selectors: no detail.
    let put = omi_peer("Put", "PEER_Item").properties("<p:U32>1</p:U32>");
    let fault = send(&simulator, &put).await.message().fault.unwrap();
    assert_eq!(
        fault.reason,
        "Put-instance: instance name parameter is missing"
    );
    assert_eq!(fault.cim_error, None);
    // 22-get-fragment-transfer.
    let fragment = item("Get")
        .header(r#"<w:FragmentTransfer s:mustUnderstand="true">U32</w:FragmentTransfer>"#);
    let reply = send(&simulator, &fragment).await;
    assert_eq!(
        reply.message().fault.unwrap().code,
        FaultCode::MustUnderstand
    );
    assert!(
        reply
            .text()
            .contains(r#"<s:NotUnderstood qname="FragmentTransfer"/>"#)
    );
}

#[tokio::test]
async fn omi_returns_the_recorded_instances() {
    let simulator = omi().await;
    // 38-put: given properties change, NULL is ignored, and the response holds the whole instance.
    let put = omi_peer("Put", "PEER_Item").with_key("Id", "item-000003");
    let put = put
        .properties(r#"<p:Id>other</p:Id><p:U32>77</p:U32><p:U8>256</p:U8><p:B xsi:nil="true"/>"#);
    let reply = send(&simulator, &put).await;
    let body = format!(
        r#"<p:PEER_Item xmlns:p="{DMTF}PEER_Item"><p:Id>item-000003</p:Id><p:B>TRUE</p:B><p:Text xsi:nil="true"/><p:U8>0</p:U8><p:U32>77</p:U32><p:C16>8364</p:C16><p:When>2024-02-29T12:34:56.789012Z</p:When><p:Tags xsi:nil="true"/></p:PEER_Item>"#
    );
    assert_eq!(reply.message().instances, recorded(&body).instances);
    assert!(!reply.text().contains("xsi:type"), "{}", reply.text());
    // 69-create-small: no namespace in the reference.
    let create = omi_peer("Create", "PEER_Item").properties("<p:Id>created-1</p:Id>");
    let reply = send(&simulator, &create).await;
    assert!(
        reply.text().contains(
            r#"<w:SelectorSet><w:Selector Name="Id">created-1</w:Selector></w:SelectorSet>"#
        ),
        "{}",
        reply.text()
    );
    // 14-get-selector-nonkey and 63-put-body-class-differs: accepted.
    let get = omi_peer("Get", "PEER_Item")
        .with_key("Id", "created-1")
        .with_key("U32", 1);
    assert_eq!(send(&simulator, &get).await.status, 200);
    let body = format!(r#"<p:PEER_Pair xmlns:p="{DMTF}PEER_Pair"><p:U32>9</p:U32></p:PEER_Pair>"#);
    let put = omi_peer("Put", "PEER_Item")
        .with_key("Id", "created-1")
        .body(&body);
    assert_eq!(
        send(&simulator, &put)
            .await
            .instance()
            .get::<u32>("U32")
            .unwrap(),
        9
    );
}
