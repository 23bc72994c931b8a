//! The CIM model, held against values, texts and structs that nobody chose.

// Clippy knows a test by its attribute, and most of this file is what tests are made of.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde::{Deserialize, Serialize};
use wsman::cim::{
    Array, CimClass, CimType, DateTime, Instance, InstancePath, Interval, IntervalFields,
    Namespace, Timestamp, TimestampFields, Value,
};

// ---- what the tests are made of ----

/// Mostly a value, sometimes a wildcard.
fn field<T: Debug + Clone>(range: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.9, range)
}

/// All digits most of the time.
fn digits() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(6u8), 1 => 0u8..=6]
}

fn timestamp() -> impl Strategy<Value = DateTime> {
    let date = (field(0u16..=9999), field(1u8..=12), field(1u8..=31));
    let time = (field(0u8..24), field(0u8..60), field(0u8..60));
    let rest = (0u32..1_000_000, digits(), field(-999i16..=999));
    (date, time, rest).prop_filter_map(
        "no such day",
        |(date, time, (microsecond, digits, offset))| {
            let timestamp = Timestamp::new(TimestampFields {
                year: date.0,
                month: date.1,
                day: date.2,
                hour: time.0,
                minute: time.1,
                second: time.2,
                microsecond: Some(microsecond),
                offset,
            });
            Some(timestamp.ok()?.with_microsecond_digits(digits).into())
        },
    )
}

fn interval() -> impl Strategy<Value = DateTime> {
    let time = (field(0u8..24), field(0u8..60), field(0u8..60));
    (field(0u32..=99_999_999), time, 0u32..1_000_000, digits()).prop_map(
        |(days, time, micros, digits)| {
            let interval = Interval::new(IntervalFields {
                days,
                hours: time.0,
                minutes: time.1,
                seconds: time.2,
                microseconds: Some(micros),
            });
            interval.unwrap().with_microsecond_digits(digits).into()
        },
    )
}

fn datetime() -> impl Strategy<Value = DateTime> {
    prop_oneof![timestamp(), interval()]
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,8}"
}

/// Texts with everything that means something in an object path.
fn nasty_text() -> impl Strategy<Value = String> {
    prop_oneof![
        r#"[\\"'.,:=@/ é🦀\n0-9A-Za-z-]{0,12}"#,
        any::<String>(),
        Just("TRUE".to_owned())
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        any::<u16>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Real64(f64::INFINITY)),
        Just(Value::Real32(f32::NEG_INFINITY)),
        any::<u16>().prop_map(Value::Char16),
        nasty_text().prop_map(Value::from),
        nasty_text().prop_map(Value::Untyped),
        datetime().prop_map(Value::from),
    ]
}

fn path() -> impl Strategy<Value = InstancePath> {
    let leaf = path_with(scalar().boxed()).boxed();
    let key = prop_oneof![6 => scalar(), 1 => leaf.prop_map(Value::from)];
    path_with(key.boxed())
}

fn path_with(key: BoxedStrategy<Value>) -> impl Strategy<Value = InstancePath> {
    let keys = vec((name(), key), 0..4);
    (
        option::of("[a-z]{1,5}(/[a-z0-9_]{1,5}){0,2}"),
        name(),
        keys,
        any::<bool>(),
    )
        .prop_map(|(namespace, class, keys, singleton)| {
            let start = match singleton && keys.is_empty() {
                true => InstancePath::singleton(class),
                false => InstancePath::new(class),
            };
            let path = keys
                .into_iter()
                .fold(start, |path, (name, value)| path.with_key(name, value));
            match namespace {
                Some(namespace) => path.in_namespace(namespace.parse().unwrap()),
                None => path,
            }
        })
}

fn instance() -> impl Strategy<Value = Instance> {
    let array = vec(any::<u32>(), 0..3).prop_map(Value::from);
    let value = prop_oneof![4 => scalar(), 1 => array, 1 => Just(Value::Null)];
    (name(), vec((name(), value), 0..4)).prop_map(|(class, properties)| {
        properties
            .into_iter()
            .fold(Instance::new(class), |instance, (name, value)| {
                instance.with(name, value)
            })
    })
}

/// A text that is nearly right: one with a piece cut out of it and another put in.
fn nearly(text: String, start: usize, end: usize, piece: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = start.min(characters.len());
    let end = end.clamp(start, characters.len());
    characters[..start]
        .iter()
        .copied()
        .chain(piece.chars())
        .chain(characters[end..].iter().copied())
        .collect()
}

/// Asserts for every kind of text that what is read, if it is, prints as what reads the same.
fn read_as_everything(text: &str) -> Result<(), TestCaseError> {
    if let Ok(datetime) = text.parse::<DateTime>() {
        prop_assert_eq!(datetime.to_string().parse::<DateTime>().unwrap(), datetime);
    }
    if let Ok(path) = text.parse::<InstancePath>() {
        prop_assert_eq!(path.to_string().parse::<InstancePath>().unwrap(), path);
    }
    if let Ok(namespace) = text.parse::<Namespace>() {
        prop_assert_eq!(namespace.as_str().parse::<Namespace>().unwrap(), namespace);
    }
    let untyped = Value::Untyped(text.to_owned());
    for cim_type in CimType::ALL {
        match untyped.typed_as(cim_type) {
            Ok(value) => prop_assert_eq!(value.cim_type(), Some(cim_type)),
            Err(error) => prop_assert!(error.wanted().contains(cim_type.as_str())),
        }
    }
    Ok(())
}

proptest! {
    // The failing input is printed; a file of seeds would only be left lying about.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_datetime_survives_its_text(datetime in datetime()) {
        let text = datetime.to_string();
        prop_assert_eq!(text.len(), 25);
        prop_assert_eq!(text.contains('*'), datetime.has_wildcards());
        prop_assert_eq!(text.parse::<DateTime>().unwrap(), datetime);
        let beyond_xs = match datetime {
            DateTime::Timestamp(timestamp) => timestamp.offset().is_some_and(|offset| offset.abs() > 840),
            DateTime::Interval(_) => false,
        };
        match datetime.to_xs() {
            Some(xs) => prop_assert_eq!(xs.parse::<DateTime>().unwrap(), datetime),
            None => prop_assert!(datetime.has_wildcards() || beyond_xs),
        }
    }

    #[test]
    fn no_text_breaks_a_parser(text in any::<String>()) {
        read_as_everything(&text)?;
    }

    #[test]
    fn no_text_that_is_nearly_right_breaks_a_parser(
        datetime in datetime(),
        xs in any::<bool>(),
        path in path(),
        at in (0usize..30, 0usize..30),
        piece in r#"([é🦀*0-9TPZ:.+\\"'=,@-]|\PC){0,3}"#,
    ) {
        let datetime = datetime.to_xs().filter(|_| xs).unwrap_or_else(|| datetime.to_string());
        read_as_everything(&nearly(datetime, at.0, at.0.max(at.1), &piece))?;
        read_as_everything(&nearly(path.to_string(), at.0, at.0.max(at.1), &piece))?;
    }

    #[test]
    fn any_path_survives_its_text(path in path()) {
        let read: InstancePath = path.to_string().parse().unwrap();
        prop_assert!(read.same_instance(&path), "{} {:?} {:?}", path, path, read);
        prop_assert_eq!(&read, &path);
        prop_assert_eq!(read.to_string().parse::<InstancePath>().unwrap(), read);
    }

    #[test]
    fn another_key_is_another_instance(path in path(), value in scalar(), text in nasty_text()) {
        let path = path.with_key("TheKey", value);
        let other = path.clone().with_key("THEKEY", format!("{text} and more"));
        prop_assert!(!other.same_instance(&path));
        prop_assert!(path.clone().with_key("AnotherLongName", 1u8) != path);
    }

    #[test]
    fn any_scalar_survives_json_as_documented(value in scalar()) {
        let read: Value = serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap();
        match (&value, &read) {
            (Value::Boolean(_) | Value::String(_), _) => prop_assert_eq!(&read, &value),
            (Value::Real64(real), _) if real.is_finite() => prop_assert_eq!(&read, &value),
            (Value::Real32(real), Value::Real64(wide)) => prop_assert_eq!(*wide as f32, *real),
            (Value::Untyped(text), Value::String(read)) => prop_assert_eq!(read, text),
            (typed, Value::Untyped(_)) => {
                prop_assert_eq!(&read.typed_as(typed.cim_type().unwrap()).unwrap(), typed);
            }
            (typed, Value::String(text)) => {
                let text = Value::Untyped(text.clone());
                prop_assert_eq!(&text.typed_as(typed.cim_type().unwrap()).unwrap(), typed);
            }
            _ => prop_assert!(false, "{value:?} became {read:?}"),
        }
    }

    #[test]
    fn any_instance_survives_json_but_for_its_types(instance in instance()) {
        let json = serde_json::to_string(&instance).unwrap();
        let read: Instance = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read.class(), instance.class());
        let names = |instance: &Instance| -> Vec<String> {
            instance.properties().iter().map(|property| property.name().to_string()).collect()
        };
        prop_assert_eq!(names(&read), names(&instance));
        for property in instance.properties() {
            let value = read.value(property.name().as_str()).unwrap();
            prop_assert_eq!(value.is_null(), property.value().is_null());
            prop_assert_eq!(value.elements().len(), property.value().elements().len());
        }
    }

    #[test]
    fn a_struct_survives_an_instance(all in all()) {
        let instance = Instance::from_struct(&all).unwrap();
        prop_assert_eq!(instance.to_struct::<All>().unwrap(), all);
    }

    #[test]
    fn a_struct_is_read_from_a_server_that_sends_no_types(all in all()) {
        let typed = Instance::from_struct(&all).unwrap();
        let mut sent = Instance::new("all");
        for property in typed.properties() {
            // A `Value` stays as it was sent, so there it is sent as it should stay.
            let value = match property.name() == "Raw" {
                true => Some(property.value().clone()),
                false => as_sent(property.value()),
            };
            if let Some(value) = value {
                sent.set(property.name().as_str().to_uppercase(), value);
            }
        }
        prop_assert_eq!(sent.to_struct::<All>().unwrap(), all);
    }
}

// ---- structs ----

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

/// A struct with every type there is.
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
            // An empty list and none at all are the same to a server that leaves empty lists out.
            maybe: maybe.filter(|list| !list.is_empty()),
        }
    }
}

/// A value as a server sends it that marks no types and leaves out what is empty; what has no text
/// of its own stays.
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
fn declared_keys_select_and_fields_have_their_types() {
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
fn what_is_missing_is_named_or_empty_or_the_default() {
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
        "property ProcessId: missing, and should be a value of type uint32"
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
fn a_flattened_map_takes_the_rest() {
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
fn what_cim_cannot_say_is_refused() {
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
