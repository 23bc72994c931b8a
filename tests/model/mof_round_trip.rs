//! Reads MOF that the writer wrote, and any text.

use proptest::prelude::*;
use wsman::cim::mof::{Mof, MofReader};
use wsman::cim::{CimType, Class, Instance, Name, PropertyDecl, Value};

use super::{datetime, instance, nasty_text, path};

/// Declares a property that has the type of a value.
fn declaration(name: &Name, value: &Value) -> PropertyDecl {
    match value {
        Value::Octets(_) => PropertyDecl::new(name.clone(), CimType::Uint8).array(),
        Value::Array(array) => {
            let element = array.element_type().unwrap_or(CimType::String);
            PropertyDecl::new(name.clone(), element).array()
        }
        other => PropertyDecl::new(name.clone(), other.cim_type().unwrap_or(CimType::String)),
    }
}

/// Returns what the writer keeps of a value.
fn kept(value: &Value) -> Value {
    match value {
        Value::Untyped(text) => Value::from(text.as_str()),
        Value::Real32(real) if !real.is_finite() => Value::Null,
        Value::Real64(real) if !real.is_finite() => Value::Null,
        Value::Octets(octets) => {
            let length = u32::try_from(octets.len()).unwrap() + 4;
            let all = length.to_be_bytes().into_iter().chain(octets.clone());
            Value::from(all.collect::<Vec<u8>>())
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read_back(
        inner in instance(),
        path in path(),
        time in datetime(),
        text in nasty_text(),
    ) {
        let made = inner
            .clone()
            .with("Peer", path)
            .with("Time", time)
            .with("Text", text)
            .with("Part", Instance::new("Acme_Part").with("Name", "x\"\\\n"));
        let class = made.properties().iter().fold(Class::new(made.class().clone()), |class, p| {
            class.with_property(declaration(p.name(), p.value()))
        });
        let part = Class::new("Acme_Part").with("Name", CimType::String);
        let namespace: wsman::cim::Namespace = "root/x".parse().unwrap();
        let reader = MofReader::new()
            .namespace(namespace.clone())
            .known_class(namespace.clone(), class)
            .known_class(namespace, part);
        let mof = reader.text(&made.to_mof());
        let mof = mof.map_err(|error| TestCaseError::fail(format!("{error}\n{}", made.to_mof())))?;
        let read = mof.instances().next().unwrap();
        prop_assert_eq!(read.class(), made.class());
        for property in made.properties() {
            let value = read.value(property.name().as_str()).unwrap_or(&Value::Null);
            let kept = kept(property.value());
            if let Value::Reference(path) = &kept {
                // The text of a path does not tell a reference in a key from a string.
                prop_assert_eq!(value.to_string(), path.to_string());
                continue;
            }
            prop_assert_eq!(value, &kept, "{}", property.name());
        }
    }

    #[test]
    fn any_text_is_read_or_is_an_error_with_a_place(
        text in "(class |instance of |A|\\{|\\}|;|\\[|\\]|:|=|\"|'|\\\\|uint8 |ref |#pragma |7|-|\\$| |\n){0,40}",
    ) {
        if let Err(error) = Mof::parse(&text) {
            prop_assert!(error.line() >= 1 && error.column() >= 1, "{}", error);
            let lines = text.lines().count() + 1;
            prop_assert!(error.line() as usize <= lines, "{}", error);
        }
    }
}
