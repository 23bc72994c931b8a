//! Compares responses with recordings of openwsman: the same requests yield the same responses.

use wsman::cim::{DateTime, Value};
use wsman::protocol::Message;
use wsman::simulator::{Dialect, Simulator};
use wsman::{Instance, InstancePath};

use crate::client::{Request, send};
use crate::recorded::{PEER, peers, recorded};

async fn openwsman() -> Simulator {
    let builder = Simulator::builder().dialect(Dialect::Openwsman);
    let beta = Instance::new("Peer_Item")
        .with_key("Name", "beta")
        .with("U32", 3u32)
        .with("B", true);
    let alpha = Instance::new("Peer_Item")
        .with_key("Name", "alpha")
        .with("U32", 32u32)
        .with("Tags", vec!["red", "green"])
        .with(
            "When",
            "20240102030405.000006+000".parse::<DateTime>().unwrap(),
        );
    let pair = Instance::new("Peer_Pair")
        .with_key("Name", "g1")
        .with_key("Number", 1u32);
    peers(builder.namespace("root/cimv2".parse().unwrap()), "Peer")
        .instance(beta)
        .instance(alpha)
        .instance(pair)
        .start()
        .await
        .unwrap()
}

fn peer(action: &'static str, class: &str) -> Request {
    Request::new(action, format!("{PEER}{class}"))
}

/// Creates a recorded fault of openwsman.
fn openwsman_fault(subcode: &str, reason: &str, detail: &str) -> Message {
    let detail = match detail {
        "" => String::new(),
        detail => format!(
            "<s:Detail><wsman:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/{detail}</wsman:FaultDetail></s:Detail>"
        ),
    };
    recorded(&format!(
        r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>{detail}</s:Fault>"#
    ))
}

/// A fault without its raw detail, in which only the prefixes differ.
fn without_prefixes(
    fault: Option<Box<wsman::protocol::Fault>>,
) -> Option<Box<wsman::protocol::Fault>> {
    fault.map(|mut fault| {
        fault.detail_xml = None;
        fault
    })
}

#[tokio::test]
async fn openwsman_returns_the_recorded_faults() {
    let not_found = || {
        openwsman_fault(
            "wsa:DestinationUnreachable",
            "The requested object could not be found",
            "",
        )
    };
    let selectors = |detail| {
        openwsman_fault(
            "wsman:InvalidSelectors",
            "The Selectors for the resource are not valid.",
            detail,
        )
    };
    let invalid = |detail| {
        openwsman_fault(
            "wxf:InvalidRepresentation",
            "The XML content is not valid.",
            detail,
        )
    };
    let no_route = || {
        let reason = "No route can be determined to reach the destination role defined by the WS-Addressing To.";
        openwsman_fault("wsa:DestinationUnreachable", reason, "InvalidResourceURI")
    };
    let in_nope = Request {
        namespace: Some("root/nope"),
        ..peer("Get", "Peer_Item")
    };
    let other_ns = r#"<q:Peer_Item xmlns:q="http://q/"><q:Name>new3</q:Name></q:Peer_Item>"#;
    let cases = [
        (
            "11",
            400,
            peer("Get", "Peer_Item").with_key("Name", "nope"),
            not_found(),
        ),
        (
            "12",
            400,
            peer("Get", "Peer_NoSuch").with_key("Name", "alpha"),
            not_found(),
        ),
        (
            "13",
            503,
            Request::new("Get", "http://unknown.example/x/Foo").with_key("Name", "a"),
            no_route(),
        ),
        (
            "15",
            400,
            peer("Get", "Peer_Item").with_key("Nom", "alpha"),
            not_found(),
        ),
        (
            "16",
            400,
            peer("Get", "Peer_Item")
                .with_key("Name", "alpha")
                .with_key("U32", 32),
            selectors("UnexpectedSelectors"),
        ),
        (
            "18",
            400,
            peer("Get", "Peer_Pair").with_key("Name", "g1"),
            selectors("InsufficientSelectors"),
        ),
        (
            "20",
            400,
            in_nope.with_key("Name", "alpha"),
            openwsman_fault(
                "wsa:DestinationUnreachable",
                "The target namespace does not exist",
                "",
            ),
        ),
        (
            "41",
            400,
            peer("Create", "Peer_Item").properties("<p:Name>beta</p:Name>"),
            openwsman_fault(
                "wsman:AlreadyExists",
                "Operation cannot be carried out because an object already exists",
                "",
            ),
        ),
        (
            "42",
            400,
            peer("Create", "Peer_NoSuch").properties("<p:Name>x</p:Name>"),
            openwsman_fault(
                "wsa:EndpointUnavailable",
                "The requested object could not be found",
                "Unknown",
            ),
        ),
        (
            "43",
            400,
            peer("Create", "Peer_Item").properties("<p:Text>x</p:Text>"),
            invalid("MissingValues"),
        ),
        (
            "46",
            400,
            peer("Create", "Peer_Item").body(other_ns),
            invalid("InvalidNamespace"),
        ),
        (
            "52",
            400,
            peer("Put", "Peer_Item")
                .with_key("Name", "nope")
                .properties("<p:U32>1</p:U32>"),
            not_found(),
        ),
        (
            "53",
            400,
            peer("Put", "Peer_NoSuch")
                .with_key("Name", "a")
                .properties("<p:U32>1</p:U32>"),
            not_found(),
        ),
        (
            "62",
            400,
            peer("Put", "Peer_Item").with_key("Name", "beta"),
            invalid("MissingValues"),
        ),
        (
            "71",
            400,
            peer("Delete", "Peer_Item").with_key("Name", "new1"),
            not_found(),
        ),
        (
            "72",
            400,
            peer("Delete", "Peer_NoSuch").with_key("Name", "new1"),
            not_found(),
        ),
        (
            "73",
            400,
            peer("Delete", "Peer_Item"),
            selectors("InsufficientSelectors"),
        ),
        (
            "154",
            400,
            peer("Get", "Peer_Item")
                .with_key("Name", "alpha")
                .with_key("Name", "alpha"),
            selectors("DuplicateSelectors"),
        ),
    ];
    let simulator = openwsman().await;
    for (number, status, request, recorded) in cases {
        let reply = send(&simulator, &request).await;
        assert_eq!(reply.status, status, "recording {number}");
        assert_eq!(
            without_prefixes(reply.message().fault),
            without_prefixes(recorded.fault),
            "recording {number}"
        );
        assert!(
            reply.head.contains("(null)"),
            "no reason phrase: {}",
            reply.head
        );
    }
}

#[tokio::test]
async fn openwsman_returns_the_recorded_instances() {
    let simulator = openwsman().await;
    // 25-get: sorted, and a datetime as CIM text.
    let reply = send(
        &simulator,
        &peer("Get", "Peer_Item").with_key("Name", "alpha"),
    )
    .await;
    let body = "<n1:Peer_Item><n1:Name>alpha</n1:Name><n1:Tags>red</n1:Tags><n1:Tags>green</n1:Tags><n1:U32>32</n1:U32><n1:When>20240102030405.000006+000</n1:When></n1:Peer_Item>";
    assert_eq!(reply.message().instances, recorded(body).instances);
    let order: Vec<_> = reply
        .instance()
        .properties()
        .iter()
        .map(|p| p.name().as_str().to_owned())
        .collect();
    assert_eq!(order, ["Name", "Tags", "U32", "When"]);
    // 51-put-partial: an omitted property becomes NULL, and a NULL array is omitted from the response.
    let put = peer("Put", "Peer_Item")
        .with_key("Name", "beta")
        .properties("<p:U8>5</p:U8>");
    let reply = send(&simulator, &put).await;
    let body = r#"<n1:Peer_Item><n1:B xsi:nil="true"/><n1:C16 xsi:nil="true"/><n1:Name>beta</n1:Name><n1:Text xsi:nil="true"/><n1:U32 xsi:nil="true"/><n1:U8>5</n1:U8><n1:When xsi:nil="true"/></n1:Peer_Item>"#;
    assert_eq!(reply.message().instances, recorded(body).instances);
    assert!(reply.message().action.unwrap().ends_with("/PutResponse"));
    // 44-create-bad-property and 49-create-bad-value: accepted, with the key 0.
    let create = peer("Create", "Peer_Item").properties("<p:Name>new2</p:Name><p:Nope>x</p:Nope>");
    let reply = send(&simulator, &create).await;
    assert!(reply.text().contains(r#"<w:Selector Name="__cimnamespace">root/cimv2</w:Selector><w:Selector Name="Name">new2</w:Selector>"#));
    let create = peer("Create", "Peer_Perf").properties("<p:Id>abc</p:Id>");
    let reply = send(&simulator, &create).await;
    assert!(
        reply
            .text()
            .contains(r#"<w:Selector Name="Id">0</w:Selector>"#)
    );
    // 74-delete: an empty body.
    let reply = send(&simulator, &peer("Delete", "Peer_Perf").with_key("Id", 0)).await;
    assert_eq!((reply.status, reply.message().instances.len()), (200, 0));
    assert!(simulator.instances("Peer_Perf").is_empty());
}

#[tokio::test]
async fn openwsman_returns_the_recorded_fragments() {
    let simulator = openwsman().await;
    let fragment = |action, expression: &str| {
        let header = format!(
            r#"<w:FragmentTransfer s:mustUnderstand="true">{expression}</w:FragmentTransfer>"#
        );
        peer(action, "Peer_Item")
            .with_key("Name", "alpha")
            .header(&header)
    };
    let reply = send(&simulator, &fragment("Get", "U32")).await;
    assert!(reply.text().contains(">32</"), "{}", reply.text());
    let reply = send(&simulator, &fragment("Get", "U32/text()")).await;
    assert!(
        reply.text().contains("<w:XmlFragment>32</w:XmlFragment>"),
        "{}",
        reply.text()
    );
    let reply = send(&simulator, &fragment("Get", "NoProp")).await;
    assert!(
        reply.text().contains("<w:XmlFragment></w:XmlFragment>"),
        "{}",
        reply.text()
    );
    let put = fragment("Put", "U32").body("<w:XmlFragment><U32>99</U32></w:XmlFragment>");
    assert_eq!(send(&simulator, &put).await.status, 200);
    let put = fragment("Put", "Text/text()").body("<w:XmlFragment>words</w:XmlFragment>");
    assert_eq!(send(&simulator, &put).await.status, 200);
    let alpha = simulator
        .instance(&InstancePath::new("Peer_Item").with_key("Name", "alpha"))
        .unwrap();
    assert_eq!(alpha.get::<u32>("U32").unwrap(), 99);
    assert_eq!(alpha.get::<String>("Text").unwrap(), "words");
    assert_eq!(
        alpha.value("Tags"),
        Some(&Value::from(vec!["red", "green"])),
        "untouched"
    );
}
