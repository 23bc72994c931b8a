//! Tests that the types of the model pass through a caller's struct unchanged, in both directions.

use wsman::cim::Property;

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Value);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Transparent {
    value: Instance,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Holder {
    plain: Value,
    maybe: Option<Value>,
    boxed: Box<Value>,
    wrapped: Wrapped,
    list: Vec<Value>,
    instance: Instance,
    instances: Vec<Instance>,
    transparent: Transparent,
    path: InstancePath,
    paths: Vec<InstancePath>,
    time: Option<DateTime>,
}

impl CimClass for Holder {
    const CLASS: &'static str = "Holder";
}

/// Describes what `==` of an instance ignores.
fn details(instance: &Instance) -> Vec<(String, bool, bool)> {
    let detail = |property: &Property| {
        (
            property.name().to_string(),
            property.is_key(),
            property.is_modified(),
        )
    };
    instance.properties().iter().map(detail).collect()
}

fn path() -> InstancePath {
    let path: InstancePath = r#"\\HV01\root\cimv2:Win32_Share.Name="logs""#.parse().unwrap();
    path.with_schema_uri("http://schemas.example/Win32_Share")
}

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_path(path())
        .with_key("Name", "logs")
        .with("Count", untyped("05"))
        .with("Unit", Value::Char16(0xd800))
}

fn untyped(text: &str) -> Value {
    Value::Untyped(text.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_model_keeps_its_types_wherever_it_stands_in_a_struct(
        value in prop_oneof![scalar(), instance().prop_map(Value::from), Just(Value::octets([1, 2])),
            Just(Value::Lossy("a\u{fffd}".into())), Just(untyped("")), Just(Value::Array(Array::new(CimType::Real32)))],
        instance in instance(),
        time in datetime(),
    ) {
        let holder = Holder {
            plain: value.clone(),
            maybe: Some(value.clone()).filter(|value| !value.is_null()),
            boxed: Box::new(value.clone()),
            wrapped: Wrapped(value.clone()),
            list: if value.is_array() { vec![] } else { vec![value.clone(), value] },
            instance: instance.clone(),
            instances: vec![instance.clone(), share()],
            transparent: Transparent { value: instance },
            path: path(),
            paths: vec![path(), path()],
            time: Some(time),
        };
        let written = Instance::from_struct(&holder).unwrap();
        prop_assert_eq!(written.value("plain"), Some(&holder.plain));
        let read: Holder = written.to_struct().unwrap();
        prop_assert_eq!(&read, &holder);
        prop_assert_eq!(read.path.schema_uri(), Some("http://schemas.example/Win32_Share"));
        prop_assert_eq!(read.path.host(), Some("HV01"));
        prop_assert_eq!(details(&read.instances[1]), details(&share()));
        prop_assert_eq!(read.instances[1].path(), share().path());
    }
}

/// serde buffers a struct behind a tag, and so the newtype that announces a value.
#[test]
fn a_buffered_value_takes_the_plain_form() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Share { when: DateTime, size: Value },
    }

    impl CimClass for Tagged {
        const CLASS: &'static str = "Tagged";
    }

    let tagged = Tagged::Share {
        when: "20130415162843.488171+000".parse().unwrap(),
        size: Value::from("5"),
    };
    let written = Instance::from_struct(&tagged).unwrap();
    assert_eq!(written.value("kind"), Some(&Value::from("Share")));
    assert_eq!(written.to_struct::<Tagged>(), Ok(tagged));
}

#[test]
fn an_announced_value_of_the_wrong_type_names_its_property() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Timed {
        when: DateTime,
    }

    let error = Instance::new("A")
        .with("When", untyped("soon"))
        .to_struct::<Timed>();
    let text = error.unwrap_err().to_string();
    assert_eq!(
        text,
        "property when: a text of 4 characters is not a value of type datetime"
    );
    let error = Instance::new("A").to_struct::<Timed>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "property when: missing: expected a value of type datetime"
    );
}
