//! Tests nested structs, missing fields in them, and the model in JSON.

use serde::{Deserialize, Serialize};

use crate::cim::{Array, DateTime, Instance, InstancePath, Value};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Disk {
    name: String,
    sizes: Vec<u8>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Host {
    #[serde(alias = "Boot")]
    boot: Disk,
    disks: Vec<Disk>,
    #[serde(default)]
    weight: u8,
    raw: Value,
    owner: Option<Instance>,
}

fn disk(name: &str) -> Instance {
    Instance::new("Disk").with("NAME", name)
}

fn host() -> Instance {
    let disks = Array::from_values(vec![disk("a").into(), disk("b").with("sizes", 3u8).into()]);
    Instance::new("Host")
        .with("BOOT", disk("c"))
        .with("Disks", Value::Array(disks.unwrap()))
        .with("Raw", Value::Untyped("05".into()))
}

#[test]
fn reads_a_missing_list_at_any_depth() {
    let host: Host = host().to_struct().unwrap();
    assert_eq!(
        host.boot,
        Disk {
            name: "c".into(),
            sizes: vec![]
        }
    );
    let sizes: Vec<_> = host.disks.into_iter().map(|disk| disk.sizes).collect();
    assert_eq!(sizes, [vec![], vec![3]]);
    assert_eq!((host.weight, host.raw), (0, Value::Untyped("05".into())));
    assert_eq!(host.owner, None);
}

#[test]
fn names_the_innermost_missing_property() {
    let error = host()
        .with("Boot", Instance::new("Disk"))
        .to_struct::<Host>()
        .unwrap_err();
    assert_eq!((error.property(), error.is_missing()), (Some("name"), true));
    assert_eq!(error.wanted(), "a value of type string");

    let mut host = host();
    host.remove("Boot");
    let error = host.to_struct::<Host>().unwrap_err();
    assert_eq!((error.property(), error.is_missing()), (Some("boot"), true));
}

#[test]
fn accepts_null_but_not_a_missing_value() {
    assert_eq!(
        host().with_null("raw").to_struct::<Host>().unwrap().raw,
        Value::Null
    );
    let mut host = host();
    host.remove("raw");
    let error = host.to_struct::<Host>().unwrap_err();
    assert_eq!((error.property(), error.is_missing()), (Some("raw"), true));
}

#[test]
fn distinguishes_a_wrong_type_from_a_missing_value() {
    let error = host()
        .with("disks", "none")
        .to_struct::<Host>()
        .unwrap_err();
    assert_eq!(
        (error.property(), error.is_missing()),
        (Some("disks"), false)
    );
    assert_eq!(error.found(), "none");
}

#[test]
fn serializes_an_instance_as_a_flat_map() {
    let instance = Instance::new("A")
        .with_path(InstancePath::new("A").in_namespace("root/x".parse().unwrap()))
        .with("Reals", vec![1.0, f64::INFINITY])
        .with("Unit", Value::Char16(5))
        .with("Letter", Value::Char16(0x41))
        .with("Bytes", Value::octets([1, 2]))
        .with("Big", 1u64)
        .with("Inner", disk("d"));
    let json = concat!(
        r#"{"__CLASS":"A","__NAMESPACE":"root/x","Reals":[1.0,"INF"],"Unit":"05","Letter":"A","#,
        r#""Bytes":[1,2],"Big":"1","Inner":{"__CLASS":"Disk","NAME":"d"}}"#
    );
    assert_eq!(serde_json::to_string(&instance).unwrap(), json);

    let read: Instance = serde_json::from_str(json).unwrap();
    assert_eq!(read.namespace(), instance.namespace());
    assert_eq!(read.get::<Instance>("Inner").unwrap(), disk("d"));
    let reals = Array::from_values(vec![
        Value::Untyped("1".into()),
        Value::Untyped("INF".into()),
    ]);
    assert_eq!(read.value("Reals"), Some(&Value::Array(reals.unwrap())));
}

#[test]
fn distinguishes_properties_from_reserved_entries() {
    let inner = Instance::new("B").with("__CLASS", "own");
    let instance = Instance::new("A")
        .with("__CLASS", "own")
        .with("__path", "p")
        .with("@__PATH", "marked")
        .with("@Name", "other")
        .with("Inner", inner);
    let json = concat!(
        r#"{"__CLASS":"A","@__CLASS":"own","@__path":"p","@@__PATH":"marked","@Name":"other","#,
        r#""Inner":{"__CLASS":"B","@__CLASS":"own"}}"#
    );
    assert_eq!(serde_json::to_string(&instance).unwrap(), json);
    assert_eq!(serde_json::from_str::<Instance>(json).unwrap(), instance);
    let other: serde_json::Value = instance.to_struct().unwrap();
    assert_eq!(
        other.to_string(),
        serde_json::to_value(&instance).unwrap().to_string()
    );
}

#[test]
fn writes_the_path_and_ignores_unknown_reserved_entries() {
    let namespace = || "root/x".parse().unwrap();
    let path = InstancePath::new("B")
        .with_key("K", "a")
        .in_namespace(namespace());
    let read = Instance::new("A").with_path(path.clone()).with("K", "a");
    let json = r#"{"__CLASS":"A","__NAMESPACE":"root/x","__PATH":"root\\x:B.K=\"a\"","K":"a"}"#;
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    let back: Instance = serde_json::from_str(json).unwrap();
    assert_eq!((back.path(), &back), (Some(path), &read));

    let marked = Instance::new("A").with_key("K", "a");
    let json = r#"{"__CLASS":"A","__PATH":"A.K=\"a\"","K":"a"}"#;
    assert_eq!(serde_json::to_string(&marked).unwrap(), json);

    let foreign = r#"{"__HOST":"win01","__CLASS":"A","__GENUS":2,"__PATH":null,"K":"a"}"#;
    let foreign: Instance = serde_json::from_str(foreign).unwrap();
    assert_eq!((foreign.path(), &foreign), (None, &read));
}

#[test]
fn rejects_a_map_without_a_class() {
    for (json, reason) in [
        (r#"{"Name":"a"}"#, "__CLASS"),
        (
            r#"{"__CLASS":"A","__NAMESPACE":"\\\\host\\root"}"#,
            "computer name",
        ),
        (r#"{"__CLASS":"A","__PATH":"A.K="}"#, "A.K="),
        (r#"{"__CLASS":"A","List":[[1]]}"#, "array"),
        (r#"{"__CLASS":"A","List":[true,"a"]}"#, "array"),
    ] {
        let error = serde_json::from_str::<Instance>(json).unwrap_err();
        assert!(error.to_string().contains(reason), "{json}: {error}");
    }
}

#[test]
fn reads_an_instance_as_a_value_of_another_format() {
    let when: DateTime = "20130415162843.488171+000".parse().unwrap();
    let json: serde_json::Value = disk("e").with("When", when).to_struct().unwrap();
    assert_eq!(json["__CLASS"], "Disk");
    assert_eq!(json["When"], serde_json::to_value(when).unwrap());
}
