//! Tests Windows: the shapes of Server 2012 and the rules of MS-WSMV.

use super::*;
use crate::client::DMTF;

async fn windows() -> Peer {
    let builder = model(
        Simulator::builder().namespace("root/cimv2".parse().unwrap()),
        "Acme",
    );
    Peer {
        simulator: builder.start().await.unwrap(),
        prefix: DMTF,
        namespace: "root/cimv2",
    }
}

#[tokio::test]
async fn enumerates_on_windows_from_the_first_row_to_the_last() {
    let windows = windows().await;
    let first = windows.enumerate("Acme_TwoKeys", &optimized(1)).await;
    let context = context(&first);
    assert!(
        context.starts_with("uuid:") && context.len() == 41,
        "{context}"
    );
    assert_eq!(
        shape(&first),
        format!(
            "<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext><w:Items><Acme_TwoKeys></w:Items></n:EnumerateResponse>"
        )
    );
    assert_eq!(
        shape(
            &windows
                .pull("Acme_TwoKeys", &context, &max_elements(2))
                .await
        ),
        format!(
            "<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items><Acme_TwoKeys><Acme_TwoKeys></n:Items></n:PullResponse>"
        )
    );
    assert_eq!(
        shape(
            &windows
                .pull("Acme_TwoKeys", &context, &max_elements(2))
                .await
        ),
        "<n:PullResponse><n:Items><Acme_TwoKeys></n:Items><n:EndOfSequence/></n:PullResponse>"
    );
    assert_eq!(
        shape(&windows.enumerate("Acme_Base", &optimized(3)).await),
        "<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext><w:Items><Acme_Base><Acme_DerivedA><Acme_DerivedB></w:Items><w:EndOfSequence/></n:EnumerateResponse>"
    );
    let gone = windows
        .pull("Acme_TwoKeys", &context, "")
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(gone.wsman_code.unwrap().0, 0x8033_801b);
    assert_eq!(
        gone.subcode,
        Some(wsman::protocol::FaultSubcode::InvalidEnumerationContext)
    );
}

#[tokio::test]
async fn windows_returns_selected_properties_as_a_fragment() {
    let windows = windows().await;
    let reply = windows
        .query("SELECT Value, Name FROM Acme_TwoKeys WHERE Number = 1 AND Name LIKE 'al%'")
        .await;
    let fragment = r#"<w:Items><w:XmlFragment xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"><Name xsi:type="cim:cimString">alpha</Name><Value xsi:type="cim:cimString">v</Value></w:XmlFragment></w:Items>"#;
    assert!(reply.text().contains(fragment), "{}", reply.text());
    let whole = windows
        .query("SELECT * FROM Acme_TwoKeys WHERE Number = 1")
        .await;
    assert_eq!(values(&whole, "Name"), ["alpha", "beta"]);
}

#[tokio::test]
async fn windows_validates_filters() {
    let windows = windows().await;
    for wrong in [
        "selekt junk",
        "SELECT Nope FROM Acme_Base",
        "SELECT * FROM Acme_Nope",
    ] {
        let fault = windows.query(wrong).await.message().fault.unwrap();
        assert_eq!(
            fault.subcode,
            Some(wsman::protocol::FaultSubcode::CannotProcessFilter)
        );
        assert_eq!(fault.wsman_code.unwrap().0, 0x8033_801A);
    }
    let code = async |class: &str, body: &str| {
        let reply = windows.enumerate(class, body).await;
        reply.message().fault.unwrap().wsman_code.unwrap().0
    };
    assert_eq!(code("Acme_Nope", "").await, 0x8033_8000);
    assert_eq!(
        code("Acme_Base", &filter(WQL, "SELECT * FROM Acme_Base")).await,
        0x8033_80fb
    );
    assert_eq!(
        code("*", &filter(CQL, "SELECT * FROM Acme_Base")).await,
        0x8033_8019
    );
    assert_eq!(
        code(
            "*",
            &association(&windows, "AssociatedInstances", "Acme_Base", "zzz", "")
        )
        .await,
        0x8033_8000
    );
    let ends = association(&windows, "AssociatedInstances", "Acme_Base", "base-1", "");
    assert_eq!(
        values(&windows.enumerate("*", &ends).await, "Name"),
        ["a-1", "b-1"]
    );
}

#[tokio::test]
async fn windows_ignores_polymorphism() {
    let windows = windows().await;
    let body = format!(
        "{}<b:PolymorphismMode>None</b:PolymorphismMode>",
        optimized(100)
    );
    assert_eq!(
        windows
            .enumerate("Acme_Base", &body)
            .await
            .message()
            .instances
            .len(),
        3
    );
}

#[tokio::test]
async fn pages_of_windows_respect_envelope_and_character_limits() {
    let windows = windows().await;
    let context = windows.open("Acme_Perf").await;
    let few = "<n:MaxElements>50</n:MaxElements><n:MaxCharacters>2000</n:MaxCharacters>";
    let rows = values(&windows.pull("Acme_Perf", &context, few).await, "Id").len();
    assert!((2..10).contains(&rows), "{rows}");
    let least = "<n:MaxElements>50</n:MaxElements><n:MaxCharacters>1</n:MaxCharacters>";
    assert_eq!(
        values(&windows.pull("Acme_Perf", &context, least).await, "Id"),
        [rows.to_string()]
    );
    let limit = r#"<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>"#;
    let body = format!(
        "<n:EnumerationContext>{context}</n:EnumerationContext>{}",
        max_elements(32_000)
    );
    let reply = send(
        &windows.simulator,
        &windows.request("Pull", "Acme_Perf", &body).header(limit),
    )
    .await;
    assert!(
        reply.status == 200 && (6000..=8192).contains(&reply.body.len()),
        "{}",
        reply.body.len()
    );
    assert_eq!(values(&reply, "Id")[0], (rows + 1).to_string());
}

#[tokio::test]
async fn enumerates_the_services_of_the_sample() {
    let windows = Peer {
        simulator: wsman::simulator::sample().start().await.unwrap(),
        prefix: DMTF,
        namespace: "root/cimv2",
    };
    let services = windows
        .query("SELECT * FROM CIM_ManagedSystemElement WHERE __CLASS ISA 'Win32_Service'")
        .await;
    assert_eq!(services.message().instances.len(), 13);
    let stopped = "SELECT * FROM Win32_Service WHERE Started = FALSE AND StartMode = 'auto'";
    assert_eq!(values(&windows.query(stopped).await, "Name"), ["W32Time"]);
    let needs = "<b:AssociationClassName>CIM_Dependency</b:AssociationClassName><b:Role>Antecedent</b:Role>";
    let needs = association(
        &windows,
        "AssociatedInstances",
        "Win32_Service",
        "RpcSs",
        needs,
    );
    assert_eq!(
        values(&windows.enumerate("*", &needs).await, "Name"),
        ["BFE", "Schedule", "Spooler", "WinRM", "wuauserv"]
    );
    let computer = "<b:ResultClassName>Win32_ComputerSystem</b:ResultClassName>";
    let computer = association(
        &windows,
        "AssociatedInstances",
        "Win32_Service",
        "Dhcp",
        computer,
    );
    assert_eq!(
        values(&windows.enumerate("*", &computer).await, "Name"),
        ["simulator"]
    );
}
