//! Compares what the client read with the repository.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use wsman::cim::Keys;
use wsman::{Instance, InstancePath, Value};

/// Panics unless the client read this instance.
#[track_caller]
pub(crate) fn assert_same(read: &Json, kept: &Instance) {
    assert_eq!(read["class"], kept.class().as_str(), "{read}");
    if let Err(difference) = same_properties(read, kept) {
        panic!("{difference}: {read} is not {kept:?}");
    }
}

/// Panics unless the client read these instances, in any order.
#[track_caller]
pub(crate) fn assert_same_rows(read: &Json, kept: &[Instance]) {
    let rows = read.as_array().unwrap();
    assert_eq!(rows.len(), kept.len(), "{read}");
    for instance in kept {
        let of_class = |row: &&Json| row["class"] == instance.class().as_str();
        let mut rows = rows.iter().filter(of_class);
        let found = rows.any(|row| same_properties(row, instance).is_ok());
        assert!(found, "{instance:?} is not in {read}");
    }
}

/// Returns whether the client read these properties with these values; a NULL property may be missing.
pub(crate) fn same_properties(read: &Json, kept: &Instance) -> Result<(), String> {
    let read = read["properties"].as_object().ok_or("no properties")?;
    let known = kept.properties().iter().map(|property| property.name());
    let mut names: BTreeSet<&str> = known.map(|name| name.as_str()).collect();
    names.extend(read.keys().map(String::as_str));
    for name in names {
        let kept = kept.value(name).unwrap_or(&Value::Null);
        let read = read.get(name).and_then(Json::as_array);
        let read: Vec<&Json> = read.into_iter().flatten().collect();
        if !same_values(&read, kept) {
            return Err(format!("{name} is not {kept:?}"));
        }
    }
    Ok(())
}

/// Returns whether the elements of a property have its value: one for each value of an array.
fn same_values(read: &[&Json], kept: &Value) -> bool {
    match kept {
        Value::Null => matches!(read, [] | [Json::Null]),
        Value::Array(array) if array.is_empty() => matches!(read, [] | [Json::Null]),
        Value::Array(array) => {
            let pairs = || read.iter().zip(array.as_slice());
            read.len() == array.len() && pairs().all(|(read, kept)| same(read, kept))
        }
        single => matches!(read, [read] if same(read, single)),
    }
}

fn same(read: &Json, kept: &Value) -> bool {
    match kept {
        Value::Reference(path) => same_path(read, path),
        Value::Instance(part) => same_properties(read, part).is_ok(),
        scalar => read.as_str().is_some_and(|read| same_text(read, scalar)),
    }
}

fn same_text(read: &str, kept: &Value) -> bool {
    let is_number = |kept: i128| read.parse() == Ok(kept);
    match kept {
        Value::String(kept) => read == kept,
        Value::Boolean(kept) => read.eq_ignore_ascii_case(&kept.to_string()),
        Value::Uint8(kept) => is_number((*kept).into()),
        Value::Sint8(kept) => is_number((*kept).into()),
        Value::Uint16(kept) => is_number((*kept).into()),
        // OMI writes the number of a character, the others the character.
        Value::Char16(kept) => is_number((*kept).into()) || read.encode_utf16().eq([*kept]),
        Value::Sint16(kept) => is_number((*kept).into()),
        Value::Uint32(kept) => is_number((*kept).into()),
        Value::Sint32(kept) => is_number((*kept).into()),
        Value::Uint64(kept) => is_number((*kept).into()),
        Value::Sint64(kept) => is_number((*kept).into()),
        Value::Real32(kept) => read.parse() == Ok(*kept),
        Value::Real64(kept) => read.parse() == Ok(*kept),
        Value::DateTime(kept) => read == kept.to_string(),
        other => panic!("{other:?} is in no test"),
    }
}

/// Returns whether the client read this path; its namespace may be missing.
pub(crate) fn same_path(read: &Json, kept: &InstancePath) -> bool {
    let Keys::Named(keys) = kept.keys() else {
        panic!("{kept} has no keys");
    };
    let Some(selectors) = read["selectors"].as_object() else {
        return false;
    };
    let named = selectors.keys().filter(|name| *name != "__cimnamespace");
    let has = |name: &str, value: &Value| selectors.get(name).is_some_and(|read| same(read, value));
    read["reference"] == kept.class().as_str()
        && named.count() == keys.len()
        && keys.iter().all(|key| has(key.name.as_str(), &key.value))
}
