//! Tests the documented behaviour of Windows, and the classes of the sample.

use crate::client::{DMTF, Request, send, share};
use wsman::cim::{CimStatus, Value, WbemStatus};
use wsman::simulator::{Dialect, sample};
use wsman::{Instance, InstancePath};

#[tokio::test]
async fn windows_faults_carry_their_codes() {
    let simulator = sample().start().await.unwrap();
    let fault = async |request: Request| {
        let reply = send(&simulator, &request).await;
        assert_eq!(reply.status, 500);
        reply.message().fault.unwrap()
    };
    let missing = fault(Request::of_class("Get", "Win32_Share").with_key("Name", "nope")).await;
    assert_eq!(missing.wsman_code.unwrap().0, 0x8033_8000);
    let status = missing.extended_status.unwrap();
    assert_eq!(status.get::<String>("Operation").unwrap(), "GetObject");
    let no_class = fault(Request::of_class("Get", "Nope").with_key("Name", "x")).await;
    assert_eq!(no_class.wsman_code.unwrap().0, 0x8033_8000);
    assert_eq!(no_class.extended_status, None);
    let elsewhere = Request {
        namespace: Some("root/nope"),
        ..share("Get")
    };
    assert_eq!(
        fault(elsewhere).await.wbem(),
        Some(WbemStatus::INVALID_NAMESPACE)
    );
    let null = fault(share("Put").properties(r#"<p:Path xsi:nil="true"/>"#)).await;
    assert_eq!(null.wbem(), Some(WbemStatus::ILLEGAL_NULL));
    assert_eq!(null.cim_status(), Some(CimStatus::Failed));
    let exists = Request::of_class("Create", "Win32_Share");
    let exists = exists.properties("<p:Name>public</p:Name><p:Path>C:</p:Path>");
    assert_eq!(
        fault(exists).await.subcode,
        Some(wsman::protocol::FaultSubcode::AlreadyExists)
    );
    let bad = fault(share("Put").properties("<p:Type>true</p:Type>")).await;
    assert_eq!(
        bad.subcode,
        Some(wsman::protocol::FaultSubcode::SchemaValidationError)
    );
    let class = share("Put").body(r#"<CLASS NAME="Win32_Share"/>"#);
    assert_eq!(fault(class).await.wbem(), Some(WbemStatus::INVALID_OBJECT));
    let of_abstract = Request::of_class("Create", "Demo_Shape").properties("<p:Name>x</p:Name>");
    assert_eq!(
        fault(of_abstract).await.wbem(),
        Some(WbemStatus::INVALID_CLASS)
    );
    let unnamed = Request::new("Get", format!("{DMTF}Win32_Share")).with_key("Name", "public");
    assert_eq!(
        fault(unnamed).await.wbem(),
        Some(WbemStatus::INVALID_NAMESPACE),
        "root/hardware"
    );
}

#[tokio::test]
async fn windows_types_values_under_the_dmtf_uri_only() {
    let simulator = sample().start().await.unwrap();
    let whole = send(
        &simulator,
        &Request::of_class("Get", "Demo_Item").with_key("Id", "first"),
    )
    .await;
    let item = simulator
        .instance(&InstancePath::new("Demo_Item").with_key("Id", "first"))
        .unwrap();
    for property in item.properties().iter().filter(|p| !p.value().is_array()) {
        let read = whole.instance();
        let read = read.value(property.name().as_str()).unwrap();
        if !matches!(property.value(), Value::Instance(_) | Value::Reference(_)) {
            assert_eq!(read, property.value(), "{}", property.name());
        }
    }
    assert!(
        whole.instance().value("BA").unwrap().is_null(),
        "all properties are shown"
    );
    let uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Share";
    let untyped = send(
        &simulator,
        &Request::new("Get", uri).with_key("Name", "public"),
    )
    .await;
    assert_eq!(
        untyped.instance().value("Type"),
        Some(&Value::Untyped("0".into()))
    );
    let disagrees = Request {
        namespace: Some("root/other"),
        ..Request::new("Get", uri)
    };
    let fault = send(&simulator, &disagrees.with_key("Name", "public"))
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(fault.wsman_code.unwrap().0, 0x8033_813b);
}

#[tokio::test]
async fn a_reference_under_the_uri_of_wmi_names_the_namespace_there() {
    let simulator = sample().start().await.unwrap();
    let wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/";
    let item = Request::new("Get", format!("{wmi}Demo_Item")).with_key("Id", "first");
    let item = send(&simulator, &item).await.instance();
    let peer: InstancePath = item.get("Peer").unwrap();
    assert_eq!(peer.namespace().unwrap().as_str(), "root/cimv2");
    assert_eq!(peer.class().as_str(), "Demo_Pair");

    // Reference keys in the address of an instance.
    let body = "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements>\
        <w:EnumerationMode>EnumerateEPR</w:EnumerationMode></n:Enumerate>";
    let members = Request::new("Enumerate", format!("{wmi}Win32_SystemServices")).body(body);
    let members = send(&simulator, &members).await;
    assert_eq!(members.status, 200, "{}", members.text());
    let computer = format!("<w:ResourceURI>{wmi}Win32_ComputerSystem</w:ResourceURI>");
    assert_eq!(members.text().matches(&computer).count(), 13);
}

#[tokio::test]
async fn windows_supports_the_options_of_a_put() {
    let simulator = sample().start().await.unwrap();
    let body = r#"<p:Path>D:\x</p:Path><p:Type>7</p:Type><p:Description xsi:nil="true"/>"#;
    let put = share("Put").properties(body);
    let listed = put
        .clone()
        .option("wmiarray:__MIInstanceModifiedPropertiesList", "Type");
    let after = send(&simulator, &listed).await.instance();
    assert_eq!(after.get::<String>("Path").unwrap(), r"C:\Users\Public");
    assert_eq!(after.get::<u32>("Type").unwrap(), 7);
    let partial = put
        .option("wmi:__PUT_EXTENSIONS", "true")
        .option("wmiarray:__PUT_EXT_PROPERTIES", "Path")
        .option("wmiarray:__PUT_EXT_PROPERTIES", "Description");
    let after = send(&simulator, &partial).await.instance();
    assert_eq!(after.get::<String>("Path").unwrap(), r"D:\x");
    assert_eq!(
        after.get::<String>("Description").unwrap(),
        "For all users",
        "no strict nulls"
    );
    let strict = partial.option("wmi:__PUT_EXT_STRICT_NULLS", "true");
    assert!(
        send(&simulator, &strict)
            .await
            .instance()
            .value("Description")
            .unwrap()
            .is_null()
    );
    let alone = share("Put")
        .properties(body)
        .option("wmi:__PUT_EXT_ATOMIC", "true");
    let fault = send(&simulator, &alone).await.message().fault.unwrap();
    assert_eq!(fault.wbem(), Some(WbemStatus::INVALID_CONTEXT));
}

#[tokio::test]
async fn a_response_over_the_client_limit_is_a_fault() {
    let simulator = sample().start().await.unwrap();
    let size = |bytes: u32| {
        format!(r#"<w:MaxEnvelopeSize s:mustUnderstand="true">{bytes}</w:MaxEnvelopeSize>"#)
    };
    let fault = send(&simulator, &share("Get").header(&size(100)))
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(
        fault.fault_detail,
        Some(wsman::protocol::FaultDetail::MinimumEnvelopeLimit)
    );
    let long = "x".repeat(9000);
    let put = share("Put").properties(&format!("<p:Description>{long}</p:Description>"));
    let fault = send(&simulator, &put.header(&size(8192)))
        .await
        .message()
        .fault
        .unwrap();
    assert_eq!(
        fault.fault_detail,
        Some(wsman::protocol::FaultDetail::UnreportableSuccess)
    );
    assert_eq!(
        simulator.instances("Win32_Share")[0]
            .get::<String>("Description")
            .unwrap(),
        long
    );
}

#[tokio::test]
async fn serves_the_special_classes_of_the_sample() {
    let simulator = sample().start().await.unwrap();
    let settings = send(&simulator, &Request::of_class("Get", "Demo_Settings"))
        .await
        .instance();
    assert_eq!(settings.get::<u32>("Limit").unwrap(), 10);
    let job = Request::of_class("Create", "Demo_Job").properties("<p:Command>run</p:Command>");
    let reply = send(&simulator, &job).await;
    assert!(
        reply
            .text()
            .contains(r#"<w:Selector Name="JobId">1</w:Selector>"#),
        "{}",
        reply.text()
    );
    let reference = |name: &str| {
        format!(
            r#"<p:{name}><a:Address>x</a:Address><a:ReferenceParameters><w:ResourceURI>{DMTF}Demo_Pair</w:ResourceURI><w:SelectorSet><w:Selector Name="Name">left</w:Selector><w:Selector Name="Number">1</w:Selector></w:SelectorSet></a:ReferenceParameters></p:{name}>"#
        )
    };
    let link = Request::of_class("Create", "Demo_Link");
    let link = link.properties(&[reference("From"), reference("To")].concat());
    assert_eq!(send(&simulator, &link).await.status, 200);
    let again = send(&simulator, &link).await.message().fault.unwrap();
    assert_eq!(
        again.subcode,
        Some(wsman::protocol::FaultSubcode::AlreadyExists)
    );
    let item = Instance::new("Nope");
    assert!(simulator.insert(item).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_concurrent_creates_succeeds() {
    for dialect in Dialect::ALL {
        let simulator = std::sync::Arc::new(sample().dialect(dialect).start().await.unwrap());
        let create = Request::of_class("Create", "Demo_Item").properties("<p:Id>race</p:Id>");
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (simulator, create) = (simulator.clone(), create.clone());
            tasks.spawn(async move { send(&simulator, &create).await.status });
        }
        let statuses = tasks.join_all().await;
        assert_eq!(
            statuses.iter().filter(|status| **status == 200).count(),
            1,
            "{dialect:?}"
        );
        assert_eq!(simulator.connections(), 16);
    }
}
