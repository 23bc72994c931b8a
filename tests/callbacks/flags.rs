//! Tests the effects of MI's flags and of the provider's architecture.

use wsman::request::{OperationFlags, ProviderArchitecture};
use wsman::simulator::{Dialect, sample};
use wsman::{InstancePath, Value, WsmanOption};

use super::*;

fn public() -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", "public")
}

#[tokio::test]
async fn without_type_information_values_stay_text() {
    let (_simulator, session) = stage().await;
    let typed = session.get_instance(public()).await.unwrap();
    assert_eq!(typed.value("Type"), Some(&Value::Uint32(0)));
    let text = Some(Value::Untyped("0".into()));
    let flags = OperationFlags::NO_RTTI;
    let plain = session.get_instance(public()).operation_flags(flags).await;
    assert_eq!(plain.unwrap().value("Type").cloned(), text);
    let rows = session
        .enumerate_instances("Win32_Share")
        .operation_flags(flags);
    for row in rows.await.unwrap() {
        let is_text = |value: &Value| matches!(value, Value::Untyped(_) | Value::Null);
        assert!(
            row.properties()
                .iter()
                .all(|property| is_text(property.value())),
            "{row:?}"
        );
    }
}

#[tokio::test]
async fn standard_type_information_comes_from_the_class() {
    let simulator = sample().dialect(Dialect::Omi).start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    let untyped = session.get_instance(public()).await.unwrap();
    assert_eq!(untyped.value("Type"), Some(&Value::Untyped("0".into())));
    for flags in [OperationFlags::STANDARD_RTTI, OperationFlags::FULL_RTTI] {
        let typed = session.get_instance(public()).operation_flags(flags).await;
        assert_eq!(typed.unwrap().value("Type"), Some(&Value::Uint32(0)));
    }
    let session = builder(&simulator).typed().build().unwrap();
    let flags = OperationFlags::NO_RTTI;
    let plain = session.get_instance(public()).operation_flags(flags).await;
    assert_eq!(
        plain.unwrap().value("Type"),
        Some(&Value::Untyped("0".into()))
    );
}

#[tokio::test]
async fn applies_the_polymorphism_flag_to_an_enumeration() {
    let (simulator, session) = stage().await;
    for (bits, mode) in [(0x80, "None"), (0x180, "ExcludeSubClassProperties")] {
        let flags = OperationFlags::from_bits(bits).unwrap();
        let request = session.enumerate_instances("Win32_Share");
        request.operation_flags(flags).await.unwrap();
        let sent = requests(&simulator, "/Enumerate").pop().unwrap();
        assert_eq!(element(&sent, "PolymorphismMode"), mode);
    }
}

#[tokio::test]
async fn other_flags_send_nothing() {
    let (simulator, session) = stage().await;
    let flags = OperationFlags::MANUAL_ACK_RESULTS
        | OperationFlags::BASIC_RTTI
        | OperationFlags::LOCALIZED_QUALIFIERS
        | OperationFlags::EXPENSIVE_PROPERTIES;
    session
        .get_instance(public())
        .operation_flags(flags)
        .await
        .unwrap();
    assert!(!requests(&simulator, "/Get")[0].contains("OptionSet"));
}

#[tokio::test]
async fn sends_the_architecture_in_the_wmi_context() {
    let (simulator, session) = stage().await;
    let bits = ProviderArchitecture::Bits32;
    let request = session.get_instance(public()).required_architecture(bits);
    let custom = WsmanOption::new("Depth", "2")
        .with_type("xs:int")
        .must_comply();
    request.option(custom).await.unwrap();
    let sent = requests(&simulator, "/Get").remove(0);
    for option in [
        "<w:Option Name=\"wmi:__ProviderArchitecture\" Type=\"xs:int\">32</w:Option>",
        "<w:Option Name=\"wmi:__RequiredArchitecture\" Type=\"xs:boolean\">true</w:Option>",
        "<w:Option Name=\"Depth\" Type=\"xs:int\" MustComply=\"true\">2</w:Option>",
    ] {
        assert!(sent.contains(option), "{sent}");
    }
    let bits = ProviderArchitecture::Bits64;
    session
        .get_instance(public())
        .provider_architecture(bits)
        .await
        .unwrap();
    let sent = requests(&simulator, "/Get").remove(1);
    assert!(sent.contains(">64<") && !sent.contains("Required"));
}
