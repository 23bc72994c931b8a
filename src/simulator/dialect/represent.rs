//! Instances as a server returns them: which properties, in which order, in which form.

use crate::cim::{Array, Instance, InstancePath, Keys, Name, Property, Value};
use crate::protocol::{PARAMETERS, RETURN_VALUE};
use crate::simulator::dialect::Dialect;
use crate::simulator::model::method::MethodReply;
use crate::simulator::model::semantics::Found;

/// Converts an instance for the answer. With `types`, values keep their types and have an
/// `xsi:type`; with `empty_arrays`, an empty array differs from a missing one.
pub(in crate::simulator) fn represent(
    dialect: Dialect,
    found: &Found,
    types: bool,
    empty_arrays: bool,
) -> Instance {
    let mut shown = Instance::new(found.schema.name.clone());
    for (name, value) in properties(dialect, found) {
        if let Some(value) = shown_value(dialect, value, types, empty_arrays) {
            shown.push_read(Property::read(name, value));
        }
    }
    shown
}

/// Converts the return value and the out parameters of a method: OMI puts the return value first,
/// Windows last; openwsman sorts them all and omits NULL.
pub(in crate::simulator) fn represent_outputs(
    dialect: Dialect,
    reply: &MethodReply,
    types: bool,
    empty_arrays: bool,
) -> Instance {
    let outputs = reply.outputs.properties().iter();
    let mut all: Vec<_> = outputs
        .map(|output| (output.name().as_str(), output.value()))
        .filter(|(_, value)| dialect != Dialect::Openwsman || !value.is_null())
        .collect();
    if !reply.return_value.is_null() {
        let at = if dialect == Dialect::Omi {
            0
        } else {
            all.len()
        };
        all.insert(at, (RETURN_VALUE, &reply.return_value));
    }
    if dialect == Dialect::Openwsman {
        all.sort_by_key(|(name, _)| *name);
    }
    all.into_iter().fold(
        Instance::new(PARAMETERS),
        |shown, (name, value)| match shown_value(dialect, value.clone(), types, empty_arrays) {
            Some(value) => shown.with(name, value),
            None => shown,
        },
    )
}

/// Converts a value, if the server can represent it.
fn shown_value(dialect: Dialect, value: Value, types: bool, empty_arrays: bool) -> Option<Value> {
    let value = if types {
        value
    } else {
        untyped(dialect, value)
    };
    carried(value, empty_arrays)
}

/// Lists the properties: openwsman returns those that were set, sorted, without NULL arrays; the
/// others return all that the class declares.
fn properties(dialect: Dialect, found: &Found) -> Vec<(Name, Value)> {
    let declared = found.schema.properties.iter().map(|decl| {
        let value = found.instance.value(decl.name.as_str());
        (decl, value)
    });
    if dialect != Dialect::Openwsman {
        let all = declared.map(|(decl, value)| {
            let value = value.cloned().unwrap_or_default();
            (decl.name.clone(), value)
        });
        return all.collect();
    }
    let set = declared.filter_map(|(decl, value)| {
        let shown = value.filter(|value| !(decl.array && value.is_null()))?;
        Some((decl.name.clone(), shown.clone()))
    });
    let mut set: Vec<_> = set.collect();
    set.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    set
}

/// Reduces a value to what the wire can represent: no NULL in an array, and an empty array only
/// with `empty_arrays`.
fn carried(value: Value, empty_arrays: bool) -> Option<Value> {
    let Value::Array(array) = value else {
        return Some(value);
    };
    let element_type = array.element_type();
    let items: Vec<Value> = array
        .into_vec()
        .into_iter()
        .filter(|item| !item.is_null())
        .collect();
    (empty_arrays || !items.is_empty()).then(|| Value::Array(Array::of(element_type, items)))
}

/// Converts a value without its type into text of the server's form.
fn untyped(dialect: Dialect, value: Value) -> Value {
    match value {
        Value::Instance(instance) => {
            let mut shown = Instance::new(instance.class());
            for property in instance.properties() {
                shown.set(property.name(), untyped(dialect, property.value().clone()));
            }
            Value::Instance(Box::new(shown))
        }
        Value::Array(array) => {
            let items = array
                .into_vec()
                .into_iter()
                .map(|item| untyped(dialect, item));
            Value::Array(Array::of(None, items.collect()))
        }
        Value::Octets(octets) if dialect == Dialect::Openwsman => {
            let items = octets.iter().map(|octet| Value::Untyped(octet.to_string()));
            Value::Array(Array::of(None, items.collect()))
        }
        Value::Reference(path) if dialect == Dialect::Omi => {
            Value::Reference(Box::new(without_namespace(&path)))
        }
        value => match text(dialect, &value) {
            Some(text) => Value::Untyped(text),
            None => value,
        },
    }
}

/// Returns a path as OMI does, without its namespace.
pub(in crate::simulator) fn without_namespace(path: &InstancePath) -> InstancePath {
    match path.keys() {
        Keys::Named(keys) => keys
            .iter()
            .fold(InstancePath::new(path.class()), |path, key| {
                path.with_key(key.name.clone(), key.value.clone())
            }),
        Keys::Class | Keys::Singleton => InstancePath::singleton(path.class()),
    }
}

/// Returns the text of a scalar; `None` for a value that keeps its own form.
fn text(dialect: Dialect, value: &Value) -> Option<String> {
    match (dialect, value) {
        (Dialect::Omi, Value::Boolean(flag)) => Some(flag.to_string().to_ascii_uppercase()),
        (Dialect::Omi, Value::Char16(unit)) => Some(unit.to_string()),
        (Dialect::Omi, Value::Real64(real)) => Some(fifteen_digits(*real)),
        (Dialect::Omi, Value::DateTime(datetime)) => datetime.to_xs(),
        (Dialect::Openwsman, Value::DateTime(datetime)) => Some(datetime.to_string()),
        // WinRM writes dates in separate elements.
        (Dialect::Windows, Value::DateTime(_)) => None,
        (_, value) => value.key_text(),
    }
}

/// Formats a real number with fifteen digits, as OMI does, and `inf` in lower case.
fn fifteen_digits(real: f64) -> String {
    if !real.is_finite() {
        return real.to_string().to_ascii_lowercase();
    }
    let rounded = format!("{real:.14e}").parse().unwrap_or(real);
    Value::Real64(rounded).key_text().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omi_writes_values_its_own_way() {
        let text = |value: Value| super::text(Dialect::Omi, &value).unwrap();
        assert_eq!(text(Value::Boolean(true)), "TRUE");
        assert_eq!(text(Value::Char16(8364)), "8364");
        assert_eq!(
            text(Value::Real64(std::f64::consts::PI)),
            "3.14159265358979"
        );
        assert_eq!(text(Value::Real64(f64::INFINITY)), "inf");
        assert_eq!(
            text(
                "20240229123456.789012+000"
                    .parse::<crate::cim::DateTime>()
                    .unwrap()
                    .into()
            ),
            "2024-02-29T12:34:56.789012Z"
        );
    }

    #[test]
    fn an_array_loses_what_the_wire_cannot_carry() {
        let with_null = Array::from_values(vec![Value::Null, 1u8.into()]).unwrap();
        assert_eq!(
            carried(Value::Array(with_null), false),
            Some(Value::from(vec![1u8]))
        );
        assert_eq!(carried(Value::from(Vec::<u8>::new()), false), None);
        assert!(carried(Value::from(Vec::<u8>::new()), true).is_some());
    }
}
