//! Tests what was recorded from openwsman (81 to 99).

use super::*;
use crate::recorded::PEER;
use wsman::protocol::FaultCode;
use wsman::simulator::Dialect;

async fn openwsman() -> Peer {
    let builder = Simulator::builder().dialect(Dialect::Openwsman);
    let builder = model(builder.namespace("root/cimv2".parse().unwrap()), "Peer");
    Peer {
        simulator: builder.start().await.unwrap(),
        prefix: PEER,
        namespace: "root/cimv2",
    }
}

const ALL: &str = "http://schemas.dmtf.org/wbem/wscim/1/";

impl Peer {
    /// A request on all classes, whose URI has no `cim-schema/2`.
    async fn all(&self, body: &str) -> Reply {
        let request = self.request("Enumerate", "*", body);
        let request = Request {
            uri: format!("{ALL}*"),
            ..request
        };
        send(&self.simulator, &request).await
    }
}

#[tokio::test]
async fn enumerates_on_openwsman_from_the_first_row_to_the_last() {
    let openwsman = openwsman().await;
    // 86-enum-release, 99-enum-missing-body
    let opened = openwsman.enumerate("Peer_TwoKeys", "").await;
    let context = context(&opened);
    assert_eq!(
        shape(&opened),
        format!(
            "<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext></n:EnumerateResponse>"
        )
    );
    assert!(context.len() == 36 && !context.starts_with("uuid:"));
    // 98c-pull-maxtime
    let more = format!("<n:MaxTime>PT1S</n:MaxTime>{}", max_elements(2));
    assert_eq!(
        shape(&openwsman.pull("Peer_TwoKeys", &context, &more).await),
        format!(
            "<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items><Peer_TwoKeys><Peer_TwoKeys></n:Items></n:PullResponse>"
        )
    );
    // 84c-pull-rest: the last page has no context.
    assert_eq!(
        shape(
            &openwsman
                .pull("Peer_TwoKeys", &context, &max_elements(100))
                .await
        ),
        "<n:PullResponse><n:Items><Peer_TwoKeys><Peer_TwoKeys></n:Items><n:EndOfSequence/></n:PullResponse>"
    );
    // 86b-release, 86c-pull-after-release, 86d-release-badctx, 87b-pull-missing-ctx
    let context = openwsman.open("Peer_TwoKeys").await;
    assert_eq!(
        openwsman.release("Peer_TwoKeys", &context).await.status,
        200
    );
    let gone = [
        openwsman.pull("Peer_TwoKeys", &context, "").await,
        openwsman.release("Peer_TwoKeys", "uuid:nope").await,
        send(
            &openwsman.simulator,
            &openwsman.request("Pull", "Peer_TwoKeys", ""),
        )
        .await,
    ];
    for reply in gone {
        let fault = reply.message().fault.unwrap();
        assert_eq!((reply.status, fault.code), (500, FaultCode::Receiver));
        assert_eq!(
            fault.subcode,
            Some(wsman::protocol::FaultSubcode::InvalidEnumerationContext)
        );
    }
}

#[tokio::test]
async fn optimized_enumerations_of_openwsman() {
    let openwsman = openwsman().await;
    // 84-enum-optimized
    let all = openwsman.enumerate("Peer_Base", &optimized(100)).await;
    assert_eq!(
        shape(&all),
        "<n:EnumerateResponse><w:Items><Peer_Base><Peer_DerivedA><Peer_DerivedB></w:Items><n:EnumerationContext></n:EnumerationContext><w:EndOfSequence/></n:EnumerateResponse>"
    );
    // 84b, 84d
    for body in [optimized(1), "<w:OptimizeEnumeration/>".to_owned()] {
        let one = openwsman.enumerate("Peer_Base", &body).await;
        let context = context(&one);
        assert_eq!(
            shape(&one),
            format!(
                "<n:EnumerateResponse><w:Items><Peer_Base></w:Items><n:EnumerationContext>{context}</n:EnumerationContext></n:EnumerateResponse>"
            )
        );
    }
    // 88d-enum-empty-class
    let none = openwsman.enumerate("Peer_Empty", &optimized(9)).await;
    assert_eq!(
        shape(&none),
        "<n:EnumerateResponse><w:Items></w:Items><n:EnumerationContext></n:EnumerationContext><w:EndOfSequence/></n:EnumerateResponse>"
    );
    // 84e-enum-optimized-epr: with the namespace.
    let paths = format!(
        "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>{}",
        optimized(1)
    );
    let paths = openwsman.enumerate("Peer_DerivedB", &paths).await.text();
    let selectors = r#"<w:SelectorSet><w:Selector Name="__cimnamespace">root/cimv2</w:Selector><w:Selector Name="Name">b-1</w:Selector></w:SelectorSet>"#;
    assert!(paths.contains(selectors), "{paths}");
}

#[tokio::test]
async fn filters_of_openwsman() {
    let openwsman = openwsman().await;
    // 88, 88b, 90e: at once.
    for reply in [
        openwsman.enumerate("Peer_NoSuch", "").await,
        openwsman.enumerate("Peer_NoSuch", &optimized(9)).await,
        openwsman
            .all(&filter(WQL, "select * from Peer_NoSuch"))
            .await,
    ] {
        let fault = reply.message().fault.unwrap();
        assert_eq!(
            (reply.status, fault.subcode),
            (
                400,
                Some(wsman::protocol::FaultSubcode::DestinationUnreachable)
            )
        );
        assert_eq!(
            fault.fault_detail,
            Some(wsman::protocol::FaultDetail::InvalidResourceUri)
        );
    }
    // 90, 90b, 90c
    let query = |condition: &str| {
        filter(
            WQL,
            &format!("select * from Peer_TwoKeys where {condition}"),
        )
    };
    assert_eq!(
        values(&openwsman.all(&query("Name = \"beta\"")).await, "Number"),
        ["0", "1"]
    );
    assert_eq!(
        values(
            &openwsman
                .enumerate("Peer_TwoKeys", &query("Number &gt; 0"))
                .await,
            "Name"
        ),
        ["alpha", "beta"]
    );
    let picked = filter(
        WQL,
        "select Name, Number from Peer_TwoKeys where Number = 0",
    );
    let picked = openwsman.all(&picked).await.message().instances;
    assert!(picked.len() == 2 && picked.iter().all(|row| row.properties().len() == 2));
    assert!(
        openwsman
            .all(&query("Nope = 1"))
            .await
            .message()
            .instances
            .is_empty()
    );
    // 90d, 92b
    let bad = openwsman.all(&filter(WQL, "selekt nothing")).await;
    assert_eq!(
        (bad.status, bad.message().fault.unwrap().subcode),
        (
            400,
            Some(wsman::protocol::FaultSubcode::CannotProcessFilter)
        )
    );
    let unknown = openwsman
        .enumerate("Peer_TwoKeys", &filter("http://nope/dialect", "x"))
        .await;
    assert_eq!(
        unknown.message().fault.unwrap().subcode,
        Some(wsman::protocol::FaultSubcode::FilterDialectRequestedUnavailable)
    );
    // 93, 93b, 93c
    let selected = async |name: &str, value: &str| {
        let selectors = format!(
            r#"<w:SelectorSet><w:Selector Name="{name}">{value}</w:Selector></w:SelectorSet>"#
        );
        openwsman
            .enumerate("Peer_TwoKeys", &filter(SELECTOR, &selectors))
            .await
            .message()
            .instances
            .len()
    };
    assert_eq!(selected("Name", "alpha").await, 2);
    assert_eq!(selected("Value", "v").await, 4);
    assert_eq!(selected("Name", "zzz").await, 0);
}

#[tokio::test]
async fn associations_of_openwsman_need_four_parts() {
    let openwsman = openwsman().await;
    let ask = async |result: &str, name: &str, parts: &str| {
        openwsman
            .all(&association(&openwsman, result, "Peer_Base", name, parts))
            .await
    };
    // 94, 94c, 94d
    let full = "<b:AssociationClassName>Peer_Link</b:AssociationClassName><b:Role>From</b:Role><b:ResultClassName>Peer_Base</b:ResultClassName><b:ResultRole>To</b:ResultRole>";
    let empty = "<b:AssociationClassName/><b:Role/><b:ResultClassName/><b:ResultRole/>";
    let ends = ask("AssociatedInstances", "base-1", full).await;
    assert_eq!(values(&ends, "Name"), ["a-1", "b-1"]);
    assert!(
        ends.text()
            .contains(&format!(r#"xmlns:p0="{PEER}Peer_DerivedA""#)),
        "{}",
        ends.text()
    );
    assert_eq!(
        values(&ask("AssociatedInstances", "base-1", empty).await, "Name"),
        ["a-1", "b-1"]
    );
    assert!(
        ask("AssociatedInstances", "zzz", full)
            .await
            .message()
            .instances
            .is_empty()
    );
    // 95
    let link = "<b:ResultClassName>Peer_Link</b:ResultClassName><b:Role>From</b:Role><b:IncludeResultProperty>Weight</b:IncludeResultProperty>";
    let links = ask("AssociationInstances", "base-1", link)
        .await
        .message()
        .instances;
    assert!(links.len() == 2 && links[0].class() == "Peer_Link");
    // 94b, 95b
    for result in ["AssociatedInstances", "AssociationInstances"] {
        let fault = ask(result, "base-1", "").await.message().fault.unwrap();
        assert_eq!(
            fault.fault_detail,
            Some(wsman::protocol::FaultDetail::InvalidResourceUri)
        );
    }
}

#[tokio::test]
async fn openwsman_drops_rows_over_the_envelope_limit() {
    let openwsman = openwsman().await;
    // 98f, 98g
    let context = openwsman.open("Peer_Perf").await;
    let over = openwsman
        .pull("Peer_Perf", &context, &max_elements(800))
        .await;
    let fault = over.message().fault.unwrap();
    assert_eq!(
        (over.status, fault.subcode),
        (400, Some(wsman::protocol::FaultSubcode::EncodingLimit))
    );
    assert_eq!(
        fault.fault_detail,
        Some(wsman::protocol::FaultDetail::ServiceEnvelopeLimit)
    );
    let after = openwsman
        .pull("Peer_Perf", &context, &max_elements(2))
        .await;
    assert_eq!(values(&after, "Id"), ["800", "801"]);
    // With a limit of the client it packs.
    let limit = r#"<w:MaxEnvelopeSize s:mustUnderstand="true">16384</w:MaxEnvelopeSize>"#;
    let body = format!(
        "<n:EnumerationContext>{context}</n:EnumerationContext>{}",
        max_elements(800)
    );
    let request = openwsman.request("Pull", "Peer_Perf", &body).header(limit);
    let packed = send(&openwsman.simulator, &request).await;
    assert!(packed.status == 200 && packed.body.len() <= 16_384);
    assert_eq!(values(&packed, "Id")[0], "802");
}
