//! Property tests of the CIM model: generated values, texts and structs.

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

mod exact;
mod missing;
mod mof;
mod mof_read;
mod mof_round_trip;
mod structs;

/// Usually a value, sometimes a wildcard.
fn field<T: Debug + Clone>(range: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.9, range)
}

/// Usually all digits.
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

/// Texts with all special characters of an object path.
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
            let start = if singleton && keys.is_empty() {
                InstancePath::singleton(class)
            } else {
                InstancePath::new(class)
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

/// A nearly valid text: a part is cut out and another inserted.
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

/// Asserts for every kind of text that a parsed value prints to a text that parses to the same value.
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
    // The failing input is printed, so no file of seeds is needed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn datetimes_round_trip_through_text(datetime in datetime()) {
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
    fn arbitrary_text_does_not_panic_a_parser(text in any::<String>()) {
        read_as_everything(&text)?;
    }

    #[test]
    fn nearly_valid_text_does_not_panic_a_parser(
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
    fn paths_round_trip_through_text(path in path()) {
        let read: InstancePath = path.to_string().parse().unwrap();
        prop_assert!(read.same_instance(&path), "{} {:?} {:?}", path, path, read);
        let has_reference = path.keys().named().iter().any(|key| matches!(key.value, Value::Reference(_)));
        prop_assert!(has_reference || read == path);
        prop_assert_eq!(read.to_string().parse::<InstancePath>().unwrap(), read);
    }

    #[test]
    fn paths_with_different_keys_differ(path in path(), value in scalar(), text in nasty_text()) {
        let path = path.with_key("TheKey", value);
        let other = path.clone().with_key("THEKEY", format!("{text} and more"));
        prop_assert!(!other.same_instance(&path));
        prop_assert!(path.clone().with_key("AnotherLongName", 1u8) != path);
    }

    #[test]
    fn scalars_round_trip_through_json_as_documented(value in scalar()) {
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
    fn instances_round_trip_through_json_except_for_types(instance in instance()) {
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
}
