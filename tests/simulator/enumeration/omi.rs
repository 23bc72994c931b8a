//! Tests what was recorded from OMI (80 to 128).

use super::*;
use crate::client::DMTF;
use wsman::cim::CimStatus;
use wsman::protocol::FaultCode;
use wsman::simulator::Dialect;

async fn omi() -> Peer {
    let builder = Simulator::builder().dialect(Dialect::Omi);
    let builder = model(builder.namespace("root/peer".parse().unwrap()), "PEER");
    Peer {
        simulator: builder.start().await.unwrap(),
        prefix: DMTF,
        namespace: "root/peer",
    }
}

#[tokio::test]
async fn enumerates_on_omi_from_the_first_row_to_the_last() {
    let omi = omi().await;
    // 120-enum-for-pull-options
    let opened = omi.enumerate("PEER_TwoKeys", "").await;
    let context = context(&opened);
    assert_eq!(
        shape(&opened),
        format!(
            "<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext><w:Items></w:Items></n:EnumerateResponse>"
        )
    );
    context.parse::<u32>().unwrap();
    assert_eq!(omi.simulator.open_enumerations(), 1);
    // 121-pull-no-maxelements: one row.
    let one = omi.pull("PEER_TwoKeys", &context, "").await;
    assert_eq!(
        shape(&one),
        format!(
            "<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items><PEER_TwoKeys></n:Items></n:PullResponse>"
        )
    );
    // 123-pull-maxtime-zero
    let fault = omi
        .pull("PEER_TwoKeys", &context, "<n:MaxTime>PT0S</n:MaxTime>")
        .await;
    let fault = fault.message().fault.unwrap();
    assert_eq!(
        fault.subcode,
        Some(wsman::protocol::FaultSubcode::InvalidExpirationTime)
    );
    // 124-pull-maxcharacters: ignored.
    let more = "<n:MaxCharacters>1</n:MaxCharacters><n:MaxElements>2</n:MaxElements>";
    assert_eq!(
        values(&omi.pull("PEER_TwoKeys", &context, more).await, "Name"),
        ["alpha", "beta"]
    );
    // 83-pull-rest: the last page has a context too.
    let rest = omi.pull("PEER_TwoKeys", &context, &max_elements(100)).await;
    assert_eq!(
        shape(&rest),
        format!(
            "<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items><PEER_TwoKeys></n:Items><n:EndOfSequence/></n:PullResponse>"
        )
    );
    assert_eq!(omi.simulator.open_enumerations(), 0);
    // 84-pull-after-end
    let gone = omi.pull("PEER_TwoKeys", &context, "").await;
    assert_eq!(gone.status, 500);
    let fault = gone.message().fault.unwrap();
    assert_eq!(
        (fault.code, fault.subcode),
        (
            FaultCode::Sender,
            Some(wsman::protocol::FaultSubcode::DestinationUnreachable)
        )
    );
    assert_eq!(fault.reason, "Enumeration context not found");
    assert_eq!(fault.cim_error, None);
}

#[tokio::test]
async fn optimized_enumerations_of_omi() {
    let omi = omi().await;
    // 86-enum-optimized-all
    let all = omi.enumerate("PEER_TwoKeys", &optimized(100)).await;
    let context = context(&all);
    assert_eq!(
        shape(&all),
        format!(
            "<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext><w:Items>{}</w:Items><w:EndOfSequence/></n:EnumerateResponse>",
            "<PEER_TwoKeys>".repeat(4)
        )
    );
    assert_eq!(omi.simulator.open_enumerations(), 0);
    // 87-enum-optimized-no-maxelements
    let one = omi
        .enumerate("PEER_TwoKeys", "<w:OptimizeEnumeration/>")
        .await;
    assert_eq!(one.message().instances.len(), 1);
    assert!(!one.text().contains("EndOfSequence"));
    // 115-release, 116-pull-after-release, 117-release-again
    let context = super::context(&one);
    let released = omi.release("PEER_TwoKeys", &context).await;
    assert_eq!((released.status, shape(&released)), (200, String::new()));
    assert_eq!(omi.pull("PEER_TwoKeys", &context, "").await.status, 500);
    assert_eq!(omi.release("PEER_TwoKeys", &context).await.status, 500);
}

#[tokio::test]
async fn paths_of_omi_omit_the_namespace() {
    let omi = omi().await;
    // 88-enum-epr, 89-enum-object-and-epr
    let mode = |mode: &str| {
        format!(
            "{}<w:EnumerationMode>{mode}</w:EnumerationMode>",
            optimized(1)
        )
    };
    let path = format!(
        r#"<a:EndpointReference><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>{DMTF}PEER_TwoKeys</w:ResourceURI><w:SelectorSet><w:Selector Name="Name">alpha</w:Selector><w:Selector Name="Number">0</w:Selector></w:SelectorSet></a:ReferenceParameters></a:EndpointReference>"#
    );
    let paths = shape(&omi.enumerate("PEER_TwoKeys", &mode("EnumerateEPR")).await);
    assert!(
        paths.contains(&format!("<w:Items>{path}</w:Items>")),
        "{paths}"
    );
    let both = shape(
        &omi.enumerate("PEER_TwoKeys", &mode("EnumerateObjectAndEPR"))
            .await,
    );
    assert!(
        both.contains(&format!(
            "<w:Items><w:Item><PEER_TwoKeys>{path}</w:Item></w:Items>"
        )),
        "{both}"
    );
}

#[tokio::test]
async fn polymorphism_of_omi() {
    let omi = omi().await;
    // 91 to 94
    let classes = async |mode: &str| {
        let body = format!("{}{mode}", optimized(100));
        let reply = omi.enumerate("PEER_Base", &body).await;
        let rows = reply.message().instances;
        let row = |row: &Instance| (row.class().as_str().to_owned(), row.properties().len());
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let mode = |mode: &str| format!("<b:PolymorphismMode>{mode}</b:PolymorphismMode>");
    let row = |class: &str, properties| (format!("PEER_{class}"), properties);
    let deep = [row("Base", 2), row("DerivedA", 3), row("DerivedB", 4)];
    assert_eq!(classes("").await, deep);
    assert_eq!(classes(&mode("IncludeSubClassProperties")).await, deep);
    assert_eq!(classes(&mode("Bogus")).await, deep);
    assert_eq!(
        classes(&mode("ExcludeSubClassProperties")).await,
        [row("Base", 2), row("Base", 2), row("Base", 2)]
    );
}

#[tokio::test]
async fn queries_of_omi() {
    let omi = omi().await;
    // 96 to 100: on the class and on all classes, in WQL and CQL.
    let picked = filter(
        WQL,
        "select Name,Number from PEER_TwoKeys where Number &gt; 0",
    );
    let rows = omi
        .enumerate("PEER_TwoKeys", &picked)
        .await
        .message()
        .instances;
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .all(|row| row.properties().len() == 2 && row.class() == "PEER_TwoKeys")
    );
    for dialect in [WQL, CQL] {
        let query = filter(dialect, "select * from PEER_TwoKeys where Number = 1");
        assert_eq!(
            values(&omi.enumerate("*", &query).await, "Name"),
            ["alpha", "beta"]
        );
    }
    // 99: the namespace is only in the selector.
    let elsewhere = Request {
        namespace: None,
        ..omi.request("Enumerate", "*", &filter(WQL, "select * from PEER_TwoKeys"))
    };
    let fault = send(&omi.simulator, &elsewhere)
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(fault.cim_status(), Some(CimStatus::InvalidNamespace));
    // 101, 108, and a missing property.
    for bad in [
        "selekt junk",
        r#"associators of {PEER_Item.Id="item-000005"}"#,
        "select * from PEER_TwoKeys where Nope = 1",
    ] {
        let fault = omi.query(bad).await.message().fault.unwrap();
        assert_eq!(
            (&fault.subcode, fault.cim_status()),
            (
                &Some(wsman::protocol::FaultSubcode::InternalError),
                Some(CimStatus::InvalidQuery)
            ),
            "{bad}"
        );
    }
    let fault = omi
        .query("select * from PEER_Nope")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(
        (&fault.subcode, fault.cim_status()),
        (
            &Some(wsman::protocol::FaultSubcode::DestinationUnreachable),
            Some(CimStatus::InvalidClass)
        )
    );
    // 102-enum-unknown-dialect: an empty 500.
    let reply = omi
        .enumerate("PEER_TwoKeys", &filter("urn:nope", "x"))
        .await;
    assert_eq!((reply.status, reply.body.len()), (500, 0));
    // 103-enum-selectorfilter: does not filter.
    let selectors = r#"<w:SelectorSet><w:Selector Name="Name">beta</w:Selector></w:SelectorSet>"#;
    let reply = omi
        .enumerate("PEER_TwoKeys", &filter(SELECTOR, selectors))
        .await;
    assert_eq!(reply.message().instances.len(), 4);
}

#[tokio::test]
async fn omi_reports_missing_classes_on_the_first_pull() {
    let omi = omi().await;
    // 110-enum-bad-class, 112-enum-bad-namespace: the Enumerate succeeds.
    let context = omi.open("PEER_Nope").await;
    let fault = omi
        .pull("PEER_Nope", &context, "")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(fault.cim_status(), Some(CimStatus::InvalidClass));
    assert_eq!(omi.simulator.open_enumerations(), 0);
    // 111-enum-bad-class-optimized: at once.
    let fault = omi
        .enumerate("PEER_Nope", "<w:OptimizeEnumeration/>")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(fault.cim_status(), Some(CimStatus::InvalidClass));
    assert_eq!(omi.simulator.open_enumerations(), 0);
}

#[tokio::test]
async fn associations_of_omi() {
    let omi = omi().await;
    // 105-enum-association-instances
    let class = "<b:ResultClassName>PEER_Link</b:ResultClassName>";
    let links = association(&omi, "AssociationInstances", "PEER_Base", "base-1", class);
    let links = omi.enumerate("*", &links).await.message().instances;
    assert_eq!(links.len(), 2);
    assert!(links.iter().all(|link| link.class() == "PEER_Link"));
    // 106-enum-association-role
    let role = "<b:AssociationClassName>PEER_Link</b:AssociationClassName><b:Role>From</b:Role><b:ResultClassName>PEER_Base</b:ResultClassName><b:ResultRole>To</b:ResultRole>";
    let ends = association(&omi, "AssociatedInstances", "PEER_Base", "base-1", role);
    assert_eq!(
        values(&omi.enumerate("*", &ends).await, "Name"),
        ["a-1", "b-1"]
    );
    let of = async |kind: &str, name: &str, parts: &str| {
        let body = association(&omi, "AssociatedInstances", kind, name, parts);
        values(&omi.enumerate("*", &body).await, "Name")
    };
    assert_eq!(of("PEER_DerivedA", "a-1", "").await, ["base-1", "b-1"]);
    assert_eq!(
        of("PEER_DerivedA", "a-1", "<b:Role>To</b:Role>").await,
        ["base-1"]
    );
    assert_eq!(
        of("PEER_DerivedA", "a-1", "<b:ResultRole>To</b:ResultRole>").await,
        ["b-1"]
    );
    assert_eq!(
        of(
            "PEER_DerivedA",
            "a-1",
            "<b:ResultClassName>PEER_DerivedB</b:ResultClassName>"
        )
        .await,
        ["b-1"]
    );
    assert!(
        of(
            "PEER_DerivedA",
            "a-1",
            "<b:AssociationClassName>PEER_Base</b:AssociationClassName>"
        )
        .await
        .is_empty()
    );
    assert!(of("PEER_Base", "unknown", "").await.is_empty());
}

#[tokio::test]
async fn pages_of_omi_respect_the_envelope_limit() {
    let omi = omi().await;
    // 125-pull-32000-in-8192-envelope
    let limit = r#"<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>"#;
    let mut ids = Vec::new();
    let context = omi.open("PEER_Perf").await;
    while omi.simulator.open_enumerations() > 0 {
        let body = format!(
            "<n:EnumerationContext>{context}</n:EnumerationContext>{}",
            max_elements(32_000)
        );
        let request = omi.request("Pull", "PEER_Perf", &body).header(limit);
        let reply = send(&omi.simulator, &request).await;
        assert!(
            reply.body.len() <= 8192 && reply.body.len() > 6000
                || omi.simulator.open_enumerations() == 0,
            "{}",
            reply.body.len()
        );
        ids.extend(values(&reply, "Id"));
    }
    let all: Vec<String> = (0..1000).map(|id| id.to_string()).collect();
    assert_eq!(ids, all, "every row once");
}

#[tokio::test]
async fn omi_limits_open_enumerations_to_64() {
    let omi = omi().await;
    for _ in 0..64 {
        omi.open("PEER_TwoKeys").await;
    }
    let one_more = omi
        .enumerate("PEER_TwoKeys", "")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(one_more.cim_status(), Some(CimStatus::ServerLimitsExceeded));
    assert_eq!(omi.simulator.open_enumerations(), 64);
}
