//! Tests that any instance of the model round-trips in each form.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    EncodeContext, ResourceUriPrefix, WireForm, read_envelope, write_envelope, write_instance,
};
use crate::cim::{
    Array, CimClass, CimType, DateTime, Instance, InstancePath, Interval, IntervalFields, Name,
    Timestamp, TimestampFields, Value,
};
use crate::xml::Limits;

/// Normalises what the wire cannot distinguish: an array of one reads as a single value.
fn read_back(value: &Value) -> Value {
    match value {
        Value::Array(array) => {
            let items: Vec<Value> = array.as_slice().iter().map(read_back).collect();
            match <[Value; 1]>::try_from(items) {
                Ok([only]) => only,
                Err(items) => Value::Array(Array::of(array.element_type(), items)),
            }
        }
        Value::Instance(instance) => Value::Instance(Box::new(read_back_all(instance))),
        other => other.clone(),
    }
}

fn read_back_all(instance: &Instance) -> Instance {
    let mut back = Instance::new(instance.class());
    for property in instance.properties() {
        back.set(property.name(), read_back(property.value()));
    }
    back
}

fn round_trip(instance: &Instance, form: WireForm) -> Instance {
    round_trip_expecting(instance, form, None)
}

/// Does the same after an instance with the same names was registered.
fn round_trip_expecting(
    instance: &Instance,
    form: WireForm,
    expected: Option<&Instance>,
) -> Instance {
    let context = EncodeContext {
        form,
        precise_arrays: true,
        prefix: &ResourceUriPrefix::Dmtf,
        namespace: None,
        class: None,
    };
    let bytes =
        write_envelope(|_| Ok(()), |w| write_instance(w, instance, context)).expect("written");
    let read = read_envelope(&bytes, Limits::default(), |body, first, _| {
        if let Some(expected) = expected {
            body.instances.expect(expected);
        }
        body.instance(first)
    });
    read.expect("read").1.expect("no fault")
}

/// Generates characters of XML 1.0.
fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[\\t\\n\\r -\u{d7ff}\u{e000}-\u{fffd}🦀-🦈]{0,12}")
        .expect("a pattern")
}

fn timestamp() -> impl Strategy<Value = DateTime> {
    (
        0u16..=9999,
        1u8..=12,
        1u8..=28,
        0u8..24,
        0u8..60,
        0u32..1_000_000,
        -720i16..=840,
    )
        .prop_map(|(year, month, day, hour, minute, microsecond, offset)| {
            let fields = TimestampFields {
                year: Some(year),
                month: Some(month),
                day: Some(day),
                hour: Some(hour),
                minute: Some(minute),
                second: Some(59),
                microsecond: Some(microsecond),
                offset: Some(offset),
            };
            DateTime::from(Timestamp::new(fields).expect("in range"))
        })
}

fn interval() -> impl Strategy<Value = DateTime> {
    (
        proptest::option::of(0u32..=99_999_999),
        0u8..24,
        0u8..60,
        0u32..1_000_000,
    )
        .prop_map(|(days, hours, minutes, microseconds)| {
            let fields = IntervalFields {
                days,
                hours: Some(hours),
                minutes: Some(minutes),
                seconds: Some(1),
                microseconds: Some(microseconds),
            };
            DateTime::from(Interval::new(fields).expect("in range"))
        })
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
        any::<f32>()
            .prop_filter("NaN is not itself", |x| !x.is_nan())
            .prop_map(Value::from),
        any::<f64>()
            .prop_filter("NaN is not itself", |x| !x.is_nan())
            .prop_map(Value::from),
        (0x20u16..0xd800).prop_map(Value::Char16),
        text().prop_map(Value::String),
        text().prop_map(Value::Untyped),
        timestamp().prop_map(Value::DateTime),
        interval().prop_map(Value::DateTime),
        vec(any::<u8>(), 0..9).prop_map(Value::Octets),
        path().prop_map(|path| Value::Reference(Box::new(path))),
    ]
}

fn path() -> impl Strategy<Value = InstancePath> {
    (name(), vec((name(), text()), 1..3)).prop_map(|(class, keys)| {
        keys.into_iter()
            .fold(InstancePath::new(class), |path, (name, text)| {
                // A selector that spans lines is trimmed, as MS-WSMV prints them.
                path.with_key(name, Value::Untyped(text.replace(['\n', '\r'], " ")))
            })
    })
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,8}"
}

fn array() -> impl Strategy<Value = Value> {
    let of = |items: Vec<Value>| {
        Array::from_values(items)
            .map(Value::Array)
            .expect("one type")
    };
    prop_oneof![
        vec(any::<u32>().prop_map(Value::from), 1..4).prop_map(of),
        vec(text().prop_map(Value::String), 1..4).prop_map(of),
        vec(text().prop_map(Value::Untyped), 1..4).prop_map(of),
        vec(timestamp().prop_map(Value::DateTime), 1..3).prop_map(of),
        vec(
            flat().prop_map(|instance| Value::Instance(Box::new(instance))),
            1..3
        )
        .prop_map(of),
        Just(Value::Array(Array::untyped())),
    ]
}

fn flat() -> impl Strategy<Value = Instance> {
    (name(), vec((name(), scalar()), 1..4)).prop_map(|(class, properties)| with(&class, properties))
}

fn instance() -> impl Strategy<Value = Instance> {
    let embedded = flat().prop_map(|instance| Value::Instance(Box::new(instance)));
    let value = prop_oneof![6 => scalar(), 2 => array(), 1 => embedded, 1 => Just(Value::Null)];
    (name(), vec((name(), value), 0..6)).prop_map(|(class, properties)| with(&class, properties))
}

fn with(class: &str, properties: Vec<(String, Value)>) -> Instance {
    let mut instance = Instance::new(class);
    for (name, value) in properties {
        instance.set(name, value);
    }
    instance
}

/// A caller's own struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Service {
    name: String,
    started: bool,
    exit_code: u32,
    offset: i64,
    load: f64,
    letter: char,
    installed: DateTime,
    owner: InstancePath,
    description: Option<String>,
    process: Option<u64>,
    dependencies: Vec<String>,
    ports: Vec<u16>,
    part: Part,
    parts: Vec<Part>,
}

/// The struct that is embedded in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Part {
    label: String,
    size: i16,
}

impl CimClass for Service {
    const CLASS: &'static str = "PEER_Service";
    const KEYS: &'static [&'static str] = &["Name"];
}

fn part() -> impl Strategy<Value = Part> {
    (text(), any::<i16>()).prop_map(|(label, size)| Part { label, size })
}

prop_compose! {
    fn service()(
        name in text(),
        (started, exit_code, offset, process) in any::<(bool, u32, i64, Option<u64>)>(),
        load in any::<f64>().prop_filter("NaN is not itself", |x| !x.is_nan()),
        letter in prop::char::range('!', '\u{d7ff}'),
        installed in timestamp(),
        owner in path(),
        description in proptest::option::of(text()),
        dependencies in vec(text(), 0..4),
        ports in vec(any::<u16>(), 0..4),
        part in part(),
        parts in vec(self::part(), 0..3),
    ) -> Service {
        Service {
            name, started, exit_code, offset, load, letter, installed, owner, description, process,
            dependencies, ports, part, parts,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn instances_round_trip(instance in instance()) {
        for form in [WireForm::Windows, WireForm::Omi, WireForm::Openwsman] {
            let back = round_trip(&instance, form);
            prop_assert_eq!(&back, &read_back_all(&instance), "{:?}", form);
        }
    }

    #[test]
    fn expected_names_do_not_change_the_result(instance in instance(), expected in instance()) {
        let back = round_trip_expecting(&instance, WireForm::Windows, Some(&expected));
        prop_assert_eq!(names(&back), names(&instance));
        prop_assert_eq!(back, read_back_all(&instance));
    }

    #[test]
    fn structs_round_trip_over_the_wire(service in service()) {
        let instance = Instance::from_struct(&service).expect("written");
        for form in [WireForm::Windows, WireForm::Omi, WireForm::Openwsman] {
            let back: Service = round_trip(&instance, form).to_struct().expect("read");
            prop_assert_eq!(&back, &service, "{:?}", form);
        }
    }

    #[test]
    fn arbitrary_bytes_do_not_panic_the_reader(bytes in vec(any::<u8>(), 0..200), text in any::<String>()) {
        let _ = super::Message::read(&bytes);
        let _ = super::Message::read(text.as_bytes());
    }

    #[test]
    fn altered_messages_do_not_panic_the_reader(
        instance in instance(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let context = EncodeContext {
            form: WireForm::Windows,
            precise_arrays: true,
            prefix: &ResourceUriPrefix::Dmtf,
            namespace: None,
            class: None,
        };
        let written = write_envelope(|_| Ok(()), |w| write_instance(w, &instance, context));
        let mut bytes = written.expect("written");
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
            prop_assert!(super::Message::read(&bytes).is_err());
        } else {
            bytes[at] = byte;
            let _ = super::Message::read(&bytes);
        }
    }
}

/// Compares the names as printed, because name comparison ignores case.
fn names(instance: &Instance) -> Vec<String> {
    let names = instance.properties().iter().map(|property| property.name());
    let names = std::iter::once(instance.class()).chain(names);
    names.map(Name::to_string).collect()
}

#[test]
fn finds_many_names_in_any_order() {
    let numbered = |number: u32| (format!("Name{number}"), Value::from(number));
    let sent = with("A", (0..100).map(numbered).collect());
    let other_way = with("a", (20..120).rev().map(numbered).collect());
    for expected in [None, Some(&sent), Some(&other_way)] {
        let back = round_trip_expecting(&sent, WireForm::Windows, expected);
        assert_eq!(names(&back), names(&sent));
        assert_eq!(back, sent);
    }
}

#[test]
fn a_reference_defaults_to_the_namespace_of_its_referrer() {
    let namespace = "root/cimv2".parse().expect("a namespace");
    let context = EncodeContext {
        form: WireForm::Windows,
        precise_arrays: false,
        prefix: &ResourceUriPrefix::Wmi,
        namespace: Some(&namespace),
        class: None,
    };
    let inner = InstancePath::new("Part").with_key("Id", "1");
    let link = InstancePath::new("Link").with_key("To", inner.clone());
    let instance = Instance::new("Thing")
        .with("Part", inner)
        .with("Link", link);
    let bytes = write_envelope(|_| Ok(()), |w| write_instance(w, &instance, context));
    let read = read_envelope(
        &bytes.expect("written"),
        Limits::default(),
        |body, first, _| body.instance(first),
    );
    let read = read.expect("read").1.expect("no fault");
    let part: InstancePath = read.get("Part").expect("a path");
    assert_eq!(part.namespace(), Some(&namespace));
    let link: InstancePath = read.get("Link").expect("a path");
    assert_eq!(link.namespace(), Some(&namespace));
    let Some(Value::Reference(of_key)) = link.key("To") else {
        panic!("{link} has no reference as its key");
    };
    assert_eq!(of_key.namespace(), Some(&namespace));
}

#[test]
fn arrays_of_each_type_round_trip() {
    for cim_type in CimType::ALL {
        let item = match cim_type {
            CimType::Boolean => Value::Boolean(true),
            CimType::Reference => {
                Value::from(InstancePath::new("Other").with_key("Id", Value::Untyped("1".into())))
            }
            CimType::Instance => Value::from(Instance::new("Part").with("Label", "x")),
            CimType::DateTime => Value::DateTime("20240229123456.789012+060".parse().expect("one")),
            _ => Value::Untyped("65".into())
                .typed_as(cim_type)
                .expect("a number"),
        };
        let array = Array::from_values(vec![item.clone(), item]).expect("one type");
        let instance = Instance::new("Thing").with(Name::new("List"), Value::Array(array));
        for form in [WireForm::Windows, WireForm::Omi, WireForm::Openwsman] {
            assert_eq!(round_trip(&instance, form), instance, "{cim_type} {form:?}");
        }
    }
}

#[test]
fn a_key_in_a_reference_keeps_its_white_space() {
    let switch = |key: &str| {
        let path = InstancePath::new("CIM_Switch").with_key("Id", key);
        Instance::new("CIM_Lamp").with("Switch", Value::Reference(Box::new(path)))
    };
    let read = |key: &str| {
        let back = round_trip(&switch(key), WireForm::default());
        let Some(Value::Reference(path)) = back.value("Switch") else {
            panic!("no reference: {back:?}");
        };
        path.key("Id")
            .and_then(|value| value.as_str().map(str::to_owned))
    };
    for key in ["x", " x ", "x\n", "\nx", "a\nb", "\t\nx y"] {
        assert_eq!(read(key).as_deref(), Some(key), "{key:?}");
    }
    // MS-WSMV prints some values on lines of their own.
    assert_eq!(read("\n  root/cimv2\n  ").as_deref(), Some("root/cimv2"));
}
