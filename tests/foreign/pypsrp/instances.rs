//! Checks one instance: read, written, invoked.

use serde_json::{Value as Json, json};
use wsman::InstancePath;
use wsman::simulator::Dialect;

use super::compare::{assert_same, same_path, same_properties};
use super::stage::Setup;

fn share(name: &str) -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", name)
}

fn first_item() -> InstancePath {
    InstancePath::new("Demo_Item").with_key("Id", "first")
}

pub(crate) async fn identify(stage: &mut Setup) {
    let who = stage.done(json!({"do": "identify"})).await;
    assert_eq!(
        who["ProtocolVersion"],
        "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    );
    let vendor = match stage.dialect() {
        Dialect::Windows => "Microsoft Corporation",
        Dialect::Omi => "Open Management Infrastructure",
        _ => "Openwsman Project",
    };
    assert_eq!(who["ProductVendor"], vendor);
}

pub(crate) async fn get_values_of_every_type(stage: &mut Setup) {
    let item = stage.done(stage.of_instance("get", &first_item())).await;
    assert_same(&item, &stage.kept(&first_item()));
}

pub(crate) async fn get_null(stage: &mut Setup) {
    let disk = InstancePath::new("Win32_LogicalDisk").with_key("DeviceID", "D:");
    let read = stage.done(stage.of_instance("get", &disk)).await;
    assert_eq!(read["properties"]["FileSystem"], json!([null]));
    assert_same(&read, &stage.kept(&disk));
}

pub(crate) async fn put(stage: &mut Setup) {
    let public = share("public");
    let mut order = stage.of_instance("put", &public);
    order["properties"] = json!([
        ["Name", ["public"]],
        ["Path", [r"D:\Öffentlich & <more>"]],
        ["AllowMaximum", ["false"]],
        ["MaximumAllowed", ["7"]],
    ]);
    let read = stage.done(order).await;
    let kept = stage.kept(&public);
    assert_eq!(
        kept.get::<String>("Path").unwrap(),
        r"D:\Öffentlich & <more>"
    );
    assert_eq!(kept.get::<u32>("MaximumAllowed").unwrap(), 7);
    assert_same(&read, &kept);
}

pub(crate) async fn create(stage: &mut Setup) {
    let logs = share("logs");
    let mut order = stage.of_class("create", "Win32_Share");
    order["properties"] = json!([
        ["Name", ["logs"]],
        ["Path", [r"C:\logs"]],
        ["Type", ["0"]],
        ["MaximumAllowed", ["3"]],
    ]);
    let created = stage.done(order).await;
    assert!(same_path(&created, &logs), "{created}");
    let kept = stage.kept(&logs);
    assert_eq!(kept.get::<String>("Path").unwrap(), r"C:\logs");
    assert_eq!(kept.get::<u32>("MaximumAllowed").unwrap(), 3);
    let read = stage.done(stage.of_instance("get", &logs)).await;
    assert_same(&read, &kept);
}

pub(crate) async fn delete(stage: &mut Setup) {
    let done = stage
        .done(stage.of_instance("delete", &share("public")))
        .await;
    assert_eq!(done, json!({"elements": 0}));
    assert_eq!(stage.simulator.instance(&share("public")), None);
    assert!(stage.simulator.instance(&share("reports")).is_some());
}

pub(crate) async fn invoke_method_of_an_instance(stage: &mut Setup) {
    let before: u32 = stage.kept(&first_item()).get("U32").unwrap();
    let mut order = stage.of_instance("invoke", &first_item());
    order["method"] = "Increment".into();
    order["properties"] = json!([["By", ["5"]]]);
    let outputs = stage.done(order).await;
    let after: u32 = stage.kept(&first_item()).get("U32").unwrap();
    assert_eq!(after, before + 5);
    let expected = json!({"ReturnValue": ["0"], "NewValue": [after.to_string()]});
    assert_eq!(outputs["properties"], expected);
}

pub(crate) async fn invoke_static_method(stage: &mut Setup) {
    let mut order = stage.of_class("invoke", "Demo_Item");
    order["method"] = "Add".into();
    order["properties"] = json!([["Numbers", ["1", "20", "300"]]]);
    let outputs = stage.done(order).await;
    assert_eq!(outputs["properties"]["ReturnValue"], json!(["0"]));
    assert_eq!(outputs["properties"]["Sum"], json!(["321"]));
}

pub(crate) async fn fault_of_a_missing_instance(stage: &mut Setup) {
    let order = stage.of_instance("get", &share("nowhere"));
    let answer = stage.ask(order).await;
    let code = &answer["fault"]["code"];
    match stage.dialect() {
        Dialect::Windows => assert_eq!(*code, 0x8033_8000_u32, "{answer}"),
        _ => {
            let (_, subcode) = code.as_str().unwrap().split_once(':').unwrap();
            assert_eq!(subcode, "DestinationUnreachable", "{answer}");
        }
    }
    assert!(answer["fault"]["reason"].is_string(), "{answer}");
    let put = stage.of_instance("put", &share("nowhere"));
    let refused = stage.ask(with_properties(put)).await;
    assert_eq!(refused["fault"]["code"], *code, "{refused}");
    assert_eq!(stage.simulator.instance(&share("nowhere")), None);
}

fn with_properties(mut order: Json) -> Json {
    order["properties"] = json!([["Name", ["nowhere"]], ["Path", ["C:\\"]]]);
    order
}

pub(crate) async fn wrong_password(stage: &mut Setup) {
    let order = stage.of_instance("delete", &share("public"));
    let answer = stage.ask_with_wrong_password(order).await;
    assert!(answer["refused"].is_string(), "{answer}");
    let read = stage.done(stage.of_instance("get", &share("public"))).await;
    assert_eq!(
        same_properties(&read, &stage.kept(&share("public"))),
        Ok(())
    );
}
