//! Instances and values to JSON.

use serde_json::{Map, Number, Value as Json};
use wsman::cim::DateTime;
use wsman::{Instance, Value};

use super::{CLASS, NAMESPACE, PATH};

/// Returns the flat form of an instance.
pub(crate) fn instance(instance: &Instance) -> Map<String, Json> {
    let mut map = Map::with_capacity(instance.properties().len() + 3);
    let path = instance.path();
    map.insert(CLASS.into(), instance.class().as_str().into());
    if let Some(namespace) = path.as_ref().and_then(|path| path.namespace()) {
        map.insert(NAMESPACE.into(), namespace.as_str().into());
    }
    if let Some(path) = &path {
        map.insert(PATH.into(), path.to_string().into());
    }
    for property in instance.properties() {
        let name = escaped(property.name().as_str());
        map.insert(name, value(property.value()));
    }
    map
}

/// Puts an `@` in front of a name that could be mistaken for an entry of the form.
pub(crate) fn escaped(name: &str) -> String {
    if name.starts_with("__") {
        format!("@{name}")
    } else {
        name.to_owned()
    }
}

/// Returns a value. Numbers that readers of JSON round are strings.
pub(crate) fn value(value: &Value) -> Json {
    match value {
        Value::Boolean(flag) => (*flag).into(),
        Value::Uint8(number) => (*number).into(),
        Value::Sint8(number) => (*number).into(),
        Value::Uint16(number) => (*number).into(),
        Value::Sint16(number) => (*number).into(),
        Value::Uint32(number) => (*number).into(),
        Value::Sint32(number) => (*number).into(),
        Value::Uint64(number) => number.to_string().into(),
        Value::Sint64(number) => number.to_string().into(),
        Value::Real32(number) => real(number.to_string().parse().unwrap_or(f64::NAN)),
        Value::Real64(number) => real(*number),
        Value::Char16(unit) => match char::from_u32(u32::from(*unit)) {
            Some(character) => character.to_string().into(),
            None => (*unit).into(),
        },
        Value::DateTime(time) => datetime(time).into(),
        Value::Reference(path) => path.to_string().into(),
        Value::Instance(embedded) => Json::Object(instance(embedded)),
        Value::Octets(octets) => octets.iter().map(|&octet| Json::from(octet)).collect(),
        Value::Array(array) => array.into_iter().map(self::value).collect(),
        text => text.as_str().map_or(Json::Null, Json::from),
    }
}

/// Returns a real number, or the XML Schema text of one that JSON does not have.
fn real(number: f64) -> Json {
    match Number::from_f64(number) {
        Some(number) => Json::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "INF".into(),
        None => "-INF".into(),
    }
}

/// Returns RFC 3339 for a point in time, ISO 8601 for an interval, and the CIM text for one with
/// wildcards.
pub(crate) fn datetime(time: &DateTime) -> String {
    time.to_xs().unwrap_or_else(|| time.to_string())
}
