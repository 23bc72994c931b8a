//! Tests that a caller's structs convert to an instance and back.

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    #[serde(rename = "Name")]
    name: String,
    sizes: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    Running,
    #[serde(rename = "Start Pending")]
    StartPending,
}

/// A byte list that serde writes as bytes.
#[derive(Clone, Debug, PartialEq)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }

        deserializer.deserialize_bytes(Visitor)
    }
}

/// A struct with every supported type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct All {
    id: String,
    boolean: bool,
    uint8: u8,
    sint8: i8,
    uint16: u16,
    sint16: i16,
    uint32: u32,
    sint32: i32,
    uint64: u64,
    sint64: i64,
    real32: f32,
    real64: f64,
    character: char,
    octets: Bytes,
    datetime: DateTime,
    path: InstancePath,
    embedded: Inner,
    raw: Value,
    state: State,
    some: Option<u32>,
    none: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<i64>,
    texts: Vec<String>,
    numbers: Vec<u8>,
    times: Vec<DateTime>,
    inners: Vec<Inner>,
    maybe: Option<Vec<f64>>,
}

impl CimClass for All {
    const CLASS: &'static str = "PEER_All";
    const KEYS: &'static [&'static str] = &["id"];
}

fn inner() -> impl Strategy<Value = Inner> {
    (any::<String>(), vec(any::<u64>(), 0..3)).prop_map(|(name, sizes)| Inner { name, sizes })
}

prop_compose! {
    fn all()(
        integers in any::<(u8, i8, u16, i16, u32, i32, u64, i64)>(),
        reals in any::<(f32, f64, bool)>(),
        id in nasty_text(),
        character in prop::char::range('!', '\u{d7ff}'),
        octets in vec(any::<u8>(), 0..4),
        datetime in datetime(),
        path in path(),
        embedded in inner(),
        raw in prop_oneof![scalar(), instance().prop_map(Value::from), Just(Value::octets([1, 2]))],
        options in any::<(bool, Option<u32>, Option<i64>, Option<Vec<f64>>)>(),
        lists in (vec(any::<String>(), 0..3), vec(any::<u8>(), 0..3), vec(self::datetime(), 0..3)),
        inners in vec(inner(), 0..3),
    ) -> All {
        let (uint8, sint8, uint16, sint16, uint32, sint32, uint64, sint64) = integers;
        let (real32, real64, boolean) = reals;
        let (running, some, skipped, maybe) = options;
        let (texts, numbers, times) = lists;
        All {
            id, boolean, uint8, sint8, uint16, sint16, uint32, sint32, uint64, sint64, real32, real64,
            character, octets: Bytes(octets), datetime, path, embedded, raw,
            state: if running { State::Running } else { State::StartPending },
            some, none: None, skipped, texts, numbers, times, inners,
            // A server that omits empty lists does not distinguish them from missing ones.
            maybe: maybe.filter(|list| !list.is_empty()),
        }
    }
}

/// Returns a value as a server without types sends it, which also omits empty values. A value without a
/// text form stays unchanged.
fn as_sent(value: &Value) -> Option<Value> {
    match value {
        Value::Array(array) if array.is_empty() => None,
        Value::Array(array) if array.len() == 1 => as_sent(&array.as_slice()[0]),
        Value::Array(array) => {
            let items = array.into_iter().filter_map(as_sent).collect();
            Some(Value::Array(Array::from_values(items).unwrap()))
        }
        Value::DateTime(datetime) => Some(Value::Untyped(
            datetime.to_xs().unwrap_or_else(|| datetime.to_string()),
        )),
        Value::Boolean(flag) => Some(Value::Untyped(flag.to_string().to_uppercase())),
        Value::Real32(real) => Some(Value::Untyped(format!("{real:e}"))),
        Value::Real64(real) => Some(Value::Untyped(format!(" {real} "))),
        Value::Uint64(number) => Some(Value::Untyped(format!("+00{number}"))),
        Value::Sint64(number) => Some(Value::Untyped(number.to_string())),
        Value::Char16(unit) => Some(Value::Untyped(format!("{unit:03}"))),
        other => Some(other.clone()),
    }
}

#[test]
fn marks_declared_keys_and_types_the_fields() {
    let runner = &mut proptest::test_runner::TestRunner::deterministic();
    let mut all = all().new_tree(runner).unwrap().current();
    all.id = "x".to_owned();
    all.skipped = None;
    let instance = Instance::from_struct(&all).unwrap();
    assert_eq!(instance.path().unwrap().to_string(), r#"PEER_All.Id="x""#);
    let types = [
        ("Boolean", CimType::Boolean),
        ("Sint16", CimType::Sint16),
        ("Uint64", CimType::Uint64),
        ("Real32", CimType::Real32),
        ("Character", CimType::Char16),
        ("Octets", CimType::Uint8),
        ("Datetime", CimType::DateTime),
        ("Path", CimType::Reference),
        ("Embedded", CimType::Instance),
        ("State", CimType::String),
    ];
    for (name, cim_type) in types {
        assert_eq!(
            instance.value(name).unwrap().cim_type(),
            Some(cim_type),
            "{name}"
        );
    }
    assert!(matches!(instance.value("Octets"), Some(Value::Octets(_))));
    assert_eq!(instance.value("None"), Some(&Value::Null));
    assert_eq!(instance.value("Skipped"), None);
    let Some(Value::Instance(embedded)) = instance.value("Embedded") else {
        panic!("not embedded")
    };
    assert_eq!(embedded.class(), "Inner");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Service {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "ProcessId")]
    process: u32,
    #[serde(rename = "Tags")]
    tags: Vec<String>,
    #[serde(rename = "Aliases")]
    aliases: Vec<String>,
    #[serde(rename = "Weight", default = "seven")]
    weight: u8,
}

fn seven() -> u8 {
    7
}

#[test]
fn missing_properties_are_errors_or_empty_or_defaults() {
    let instance = Instance::new("Win32_Service")
        .with("name", "winrm")
        .with_null("Tags");
    let error = instance.to_struct::<Service>().unwrap_err();
    assert_eq!(
        (error.property(), error.is_missing()),
        (Some("ProcessId"), true)
    );
    assert_eq!(
        error.to_string(),
        "property ProcessId: missing: expected a value of type uint32"
    );

    let error = instance
        .clone()
        .with("ProcessId", "many")
        .to_struct::<Service>()
        .unwrap_err();
    assert_eq!(
        (error.property(), error.found()),
        (Some("ProcessId"), "many")
    );
    assert!(
        instance
            .clone()
            .with_null("ProcessId")
            .to_struct::<Service>()
            .is_err()
    );

    let service = instance
        .with("ProcessId", Value::Untyped("4".into()))
        .to_struct::<Service>()
        .unwrap();
    assert_eq!((service.process, service.weight), (4, 7));
    assert!(service.tags.is_empty() && service.aliases.is_empty());
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(rename = "Id")]
    id: u64,
    #[serde(rename = "Missing")]
    missing: Vec<u8>,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, Value>,
}

impl CimClass for Flat {
    const CLASS: &'static str = "PEER_Flat";
}

#[test]
fn a_flattened_map_collects_the_other_properties() {
    let sent = Instance::new("A")
        .with("ID", Value::Untyped("5".into()))
        .with("State", "on");
    let flat: Flat = sent.to_struct().unwrap();
    assert_eq!(
        (flat.id, flat.rest.get("State")),
        (5, Some(&Value::from("on")))
    );
    let back = Instance::from_struct(&Flat {
        rest: [("When".into(), time())].into(),
        ..flat
    })
    .unwrap();
    assert_eq!(
        (back.class().as_str(), back.value("When")),
        ("PEER_Flat", Some(&time()))
    );
}

fn time() -> Value {
    Value::DateTime("20130415162843.488171+000".parse().unwrap())
}

#[test]
fn rejects_what_cim_cannot_express() {
    #[derive(Serialize)]
    struct Bad<T>(T);
    #[derive(Serialize)]
    struct With<T> {
        field: T,
    }
    impl<T> CimClass for Bad<T> {
        const CLASS: &'static str = "A";
    }
    impl<T> CimClass for With<T> {
        const CLASS: &'static str = "A";
    }

    let map = std::collections::BTreeMap::from([("a", 1)]);
    assert_eq!(
        Instance::from_struct(&With { field: map })
            .unwrap_err()
            .property(),
        Some("field")
    );
    assert!(Instance::from_struct(&With { field: '🦀' }).is_err());
    assert!(Instance::from_struct(&With { field: (1, "a") }).is_err());
    assert!(Instance::from_struct(&With { field: Some(1u128) }).is_err());
    assert!(
        Instance::from_struct(&Bad(5))
            .unwrap_err()
            .to_string()
            .contains("struct")
    );
    assert!(Instance::from_struct(&Bad(With { field: 5 })).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn structs_round_trip_through_an_instance(all in all()) {
        let instance = Instance::from_struct(&all).unwrap();
        prop_assert_eq!(instance.to_struct::<All>().unwrap(), all);
    }

    #[test]
    fn reads_structs_from_a_server_without_types(all in all()) {
        let typed = Instance::from_struct(&all).unwrap();
        let mut sent = Instance::new("all");
        for property in typed.properties() {
            // A `Value` keeps its wire form, so it is sent in the expected form.
            let value = if property.name() == "Raw" { Some(property.value().clone()) } else { as_sent(property.value()) };
            if let Some(value) = value {
                sent.set(property.name().as_str().to_uppercase(), value);
            }
        }
        prop_assert_eq!(sent.to_struct::<All>().unwrap(), all);
    }
}
