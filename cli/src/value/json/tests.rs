//! An instance survives the way to JSON and back, with its class.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wsman::cim::{Array, CimType, Class, Interval, Timestamp};
use wsman::{Instance, InstancePath, Value};

use super::read::Flat;
use super::write;

fn class() -> Class {
    let class = Class::new("Thing").with_key("Id", CimType::String);
    let scalars = CimType::ALL
        .into_iter()
        .filter(|cim_type| *cim_type != CimType::Instance);
    scalars.fold(class, |class, cim_type| {
        class
            .with(format!("One_{cim_type}"), cim_type)
            .with_array(format!("Many_{cim_type}"), cim_type)
    })
}

fn there_and_back(instance: &Instance) -> Instance {
    let text = serde_json::to_string(&write::instance(instance)).unwrap();
    let Json::Object(map) = serde_json::from_str(&text).unwrap() else {
        unreachable!()
    };
    Flat::read(&map, None)
        .unwrap()
        .typed(Some(&class()))
        .unwrap()
}

fn scalar(cim_type: CimType) -> BoxedStrategy<Value> {
    let finite = any::<f64>().prop_filter("NaN differs from itself", |real| !real.is_nan());
    match cim_type {
        CimType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        CimType::Uint8 => any::<u8>().prop_map(Value::from).boxed(),
        CimType::Sint8 => any::<i8>().prop_map(Value::from).boxed(),
        CimType::Uint16 => any::<u16>().prop_map(Value::from).boxed(),
        CimType::Sint16 => any::<i16>().prop_map(Value::from).boxed(),
        CimType::Uint32 => any::<u32>().prop_map(Value::from).boxed(),
        CimType::Sint32 => any::<i32>().prop_map(Value::from).boxed(),
        CimType::Uint64 => any::<u64>().prop_map(Value::from).boxed(),
        CimType::Sint64 => any::<i64>().prop_map(Value::from).boxed(),
        CimType::Real32 => any::<f32>()
            .prop_filter("NaN differs from itself", |real| !real.is_nan())
            .prop_map(Value::from)
            .boxed(),
        CimType::Real64 => finite.prop_map(Value::from).boxed(),
        CimType::Char16 => any::<u16>()
            .prop_filter("white space is trimmed", |unit| {
                char::from_u32(u32::from(*unit)).is_none_or(|c| !c.is_whitespace())
            })
            .prop_map(Value::Char16)
            .boxed(),
        CimType::DateTime => prop_oneof![
            (
                1u16..9999,
                1u8..=12,
                1u8..=28,
                0u8..24,
                0u8..60,
                0u8..60,
                0u32..1_000_000
            )
                .prop_map(|(year, month, day, hour, minute, second, micros)| {
                    let time = Timestamp::utc(year, month, day, hour, minute, second).unwrap();
                    Value::from(wsman::cim::DateTime::from(
                        time.with_microsecond(micros).unwrap(),
                    ))
                }),
            Just(Value::from(wsman::cim::DateTime::from(Interval::ZERO))),
            Just(Value::from(
                "20240229******.******+000"
                    .parse::<wsman::cim::DateTime>()
                    .unwrap()
            )),
        ]
        .boxed(),
        CimType::Reference => "[a-z\"\\\\]{0,8}"
            .prop_map(|id| Value::from(InstancePath::new("Thing").with_key("Id", id)))
            .boxed(),
        _ => any::<String>().prop_map(Value::from).boxed(),
    }
}

fn value(cim_type: CimType) -> impl Strategy<Value = Value> {
    option::of(scalar(cim_type)).prop_map(Option::unwrap_or_default)
}

fn array(cim_type: CimType) -> impl Strategy<Value = Value> {
    vec(scalar(cim_type), 0..4).prop_map(move |items| {
        let mut array = Array::new(cim_type);
        items.into_iter().for_each(|item| array.push(item).unwrap());
        Value::Array(array)
    })
}

fn instance() -> impl Strategy<Value = Instance> {
    let types = CimType::ALL
        .into_iter()
        .filter(|cim_type| *cim_type != CimType::Instance);
    let values: Vec<_> = types
        .map(|cim_type| (value(cim_type), array(cim_type)).prop_map(move |pair| (cim_type, pair)))
        .collect();
    (any::<String>(), values).prop_map(|(id, values)| {
        let instance = Instance::new("Thing").with_key("Id", id);
        values
            .into_iter()
            .fold(instance, |instance, (cim_type, (one, many))| {
                instance
                    .with(format!("One_{cim_type}"), one)
                    .with(format!("Many_{cim_type}"), many)
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_instance_survives_the_way_to_json_and_back(instance in instance()) {
        let back = there_and_back(&instance);
        prop_assert_eq!(&back, &instance);
        prop_assert_eq!(back.path().map(|path| path.to_string()), instance.path().map(|path| path.to_string()));
    }
}

#[test]
fn writes_the_forms_that_readers_of_json_keep() {
    let instance = Instance::new("Win32_Share")
        .with_path(r#"root\cimv2:Win32_Share.Name="logs""#.parse().unwrap())
        .with("Name", "logs")
        .with("Type", 0u32)
        .with("Size", u64::MAX)
        .with("Tags", vec!["a"])
        .with("Real", f64::INFINITY)
        .with(
            "At",
            Value::from(
                "20240229123456.500000+060"
                    .parse::<wsman::cim::DateTime>()
                    .unwrap(),
            ),
        )
        .with(
            "For",
            Value::from(
                "00000001020304.000567:000"
                    .parse::<wsman::cim::DateTime>()
                    .unwrap(),
            ),
        )
        .with(
            "Part",
            Value::Instance(Box::new(Instance::new("Part").with("Label", "l"))),
        )
        .with("__Odd", true)
        .with_null("Path");
    assert_eq!(
        Json::Object(write::instance(&instance)),
        json!({
            "__CLASS": "Win32_Share", "__NAMESPACE": "root/cimv2",
            "__PATH": "root\\cimv2:Win32_Share.Name=\"logs\"",
            "Name": "logs", "Type": 0, "Size": "18446744073709551615", "Tags": ["a"], "Real": "INF",
            "At": "2024-02-29T12:34:56.5+01:00", "For": "P1DT2H3M4.000567S",
            "Part": {"__CLASS": "Part", "Label": "l"}, "@__Odd": true, "Path": null,
        })
    );
}

#[test]
fn rejects_what_is_not_an_instance() {
    for (json, part) in [
        (json!({"Name": "a"}), "__CLASS"),
        (json!({"__CLASS": 5}), "__CLASS"),
        (json!({"__CLASS": "Thing", "__PATH": "="}), "path"),
        (json!({"__CLASS": "Thing", "__Odd": 1}), "@__Odd"),
    ] {
        let failure = Flat::read(json.as_object().unwrap(), None).unwrap_err();
        assert!(failure.text().contains(part), "{}", failure.text());
    }
    for (name, json) in [
        ("One_uint8", json!(300)),
        ("One_uint8", json!([1, 2])),
        ("One_string", json!(5)),
        ("One_boolean", json!("perhaps")),
        ("Many_uint8", json!([1, "x"])),
        ("Other", json!(1)),
    ] {
        let json = json!({"__CLASS": "Thing", name: json});
        let flat = Flat::read(json.as_object().unwrap(), None).unwrap();
        let failure = flat.typed(Some(&class())).unwrap_err();
        assert!(failure.text().contains(name), "{}", failure.text());
    }
}
