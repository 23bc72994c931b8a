//! Tests classes: as recorded from OMI, and none on openwsman.

use wsman::cim::{CimType, Class};
use wsman::simulator::{Dialect, Simulator, sample};

use crate::client::{DMTF, Request, send};

const CLASSES: &str = "http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*";

const ALL: [&str; 4] = [
    "IncludeInheritanceHierarchy",
    "IncludeInheritedElements",
    "IncludeQualifiers",
    "IncludeClassOrigin",
];

async fn omi() -> Simulator {
    let derived = |name: &str, from: &str| Class::new(name).extends(from);
    let base = Class::new("PEER_Base").with_key("Name", CimType::String);
    Simulator::builder()
        .dialect(Dialect::Omi)
        .namespace("root/peer".parse().unwrap())
        .class(base.with("BaseValue", CimType::Uint32))
        .class(derived("PEER_DerivedA", "PEER_Base").with("A", CimType::String))
        .class(derived("PEER_DerivedB", "PEER_DerivedA").with("BExtra", CimType::String))
        .start()
        .await
        .unwrap()
}

fn of_class(namespace: &'static str, class: &str) -> Request {
    let request = Request {
        namespace: Some(namespace),
        ..Request::new("Get", CLASSES)
    };
    request.with_key("ClassName", class)
}

/// Returns the content of the body of a response.
fn body(text: &str) -> &str {
    let (_, rest) = text.split_once("Body>").unwrap();
    rest.rsplit_once("</")
        .unwrap()
        .0
        .rsplit_once("</")
        .unwrap()
        .0
}

#[tokio::test]
async fn omi_returns_the_recorded_class() {
    let simulator = omi().await;
    let whole = ALL
        .iter()
        .fold(of_class("root/peer", "PEER_DerivedB"), |request, name| {
            request.option(name, "true")
        });
    let reply = send(&simulator, &whole).await;
    assert_eq!(
        body(&reply.text()),
        r#"<CLASS NAME="PEER_DerivedB" SUPERCLASS="PEER_DerivedA" DERIVATION="PEER_DerivedA,PEER_Base"><PROPERTY NAME="Name" TYPE="string" CLASSORIGIN="PEER_Base" PROPAGATED="true"><QUALIFIER NAME="Key" TYPE="boolean" OVERRIDABLE="false"><VALUE>true</VALUE></QUALIFIER></PROPERTY><PROPERTY NAME="BaseValue" TYPE="uint32" CLASSORIGIN="PEER_Base" PROPAGATED="true"></PROPERTY><PROPERTY NAME="A" TYPE="string" CLASSORIGIN="PEER_DerivedA" PROPAGATED="true"></PROPERTY><PROPERTY NAME="BExtra" TYPE="string" CLASSORIGIN="PEER_DerivedB"></PROPERTY></CLASS>"#
    );
    let bare = send(&simulator, &of_class("root/peer", "PEER_DerivedB")).await;
    assert_eq!(
        body(&bare.text()),
        r#"<CLASS NAME="PEER_DerivedB" SUPERCLASS="PEER_DerivedA"><PROPERTY NAME="BExtra" TYPE="string"></PROPERTY></CLASS>"#
    );
    let prefixed = of_class("root/peer", "PEER_DerivedB").option("wmi:IncludeQualifiers", "TRUE");
    assert_eq!(send(&simulator, &prefixed).await.status, 200);
}

#[tokio::test]
async fn omi_returns_the_recorded_faults() {
    let simulator = omi().await;
    let instances = Request {
        uri: format!("{DMTF}*"),
        ..of_class("root/peer", "PEER_Base")
    };
    let no_selector = Request {
        namespace: Some("root/peer"),
        ..Request::new("Get", CLASSES)
    };
    let rows = [
        (
            of_class("root/peer", "PEER_Nope"),
            "DestinationUnreachable",
            "The specified class does not exist.",
        ),
        (
            of_class("root/nope", "PEER_Base"),
            "DestinationUnreachable",
            "The target namespace does not exist.",
        ),
        (
            instances,
            "UnsupportedFeature",
            "GetClass not Supported in WS-CIM format",
        ),
        (
            no_selector,
            "InternalError",
            "Failed to process WS-Management packet. The class name was not found in the selector.",
        ),
    ];
    for (request, subcode, reason) in rows {
        let reply = send(&simulator, &request).await;
        let fault = reply.message().fault.unwrap();
        assert_eq!(reply.status, 500);
        assert_eq!(fault.subcode, Some(subcode.into()));
        assert_eq!(fault.reason, reason);
    }
}

#[tokio::test]
async fn only_windows_and_omi_return_classes() {
    let windows = sample().start().await.unwrap();
    let missing = send(&windows, &of_class("root/cimv2", "Win32_Nope")).await;
    let code = missing.message().fault.unwrap().wsman_code.unwrap();
    assert_eq!((missing.status, code.0), (500, 0x8033_8000));
    let share = of_class("root/cimv2", "Win32_Share").option("IncludeQualifiers", "true");
    let share = send(&windows, &share).await.text();
    assert!(share.contains(r#"<QUALIFIER NAME="Required""#), "{share}");

    let openwsman = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let reply = send(&openwsman, &of_class("root/cimv2", "Win32_Share")).await;
    let fault = reply.message().fault.unwrap();
    assert_eq!(
        (reply.status, fault.subcode),
        (
            503,
            Some(wsman::protocol::FaultSubcode::DestinationUnreachable)
        )
    );
    assert_eq!(
        fault.fault_detail,
        Some(wsman::protocol::FaultDetail::InvalidResourceUri)
    );
}
