//! Converts values to their declared types.

use crate::cim::{Array, CimType, PropertyDecl, Value};
use crate::simulator::model::semantics::{BadValue, CimFailure};

/// Converts a value to the type of its property; NULL stays NULL.
pub(super) fn as_declared(
    decl: &PropertyDecl,
    value: &Value,
    bad: BadValue,
) -> Result<Value, CimFailure> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Octets(_) if decl.array && decl.cim_type == CimType::Uint8 => Ok(value.clone()),
        value if decl.array => {
            let elements = value
                .elements()
                .iter()
                .map(|element| scalar(decl, element, bad));
            let elements = elements.collect::<Result<Vec<_>, _>>()?;
            Ok(Value::Array(Array::of(Some(decl.cim_type), elements)))
        }
        Value::Array(_) | Value::Octets(_) if bad == BadValue::Zero => Ok(Value::Null),
        Value::Array(_) | Value::Octets(_) => Err(CimFailure::TypeMismatch(decl.name.clone())),
        value => scalar(decl, value, bad),
    }
}

fn scalar(decl: &PropertyDecl, value: &Value, bad: BadValue) -> Result<Value, CimFailure> {
    if let Ok(typed) = value.typed_as(decl.cim_type) {
        return Ok(typed);
    }
    let wrapped = match bad {
        BadValue::Refuse => None,
        BadValue::Wrap => value
            .key_text()
            .and_then(|text| wrap(text.trim(), decl.cim_type)),
        BadValue::Zero => Some(wrap("0", decl.cim_type).unwrap_or_default()),
    };
    wrapped.ok_or_else(|| CimFailure::TypeMismatch(decl.name.clone()))
}

/// Cuts an integer to the width of its type, as OMI does (256 as `uint8` is 0).
fn wrap(text: &str, cim_type: CimType) -> Option<Value> {
    let number: i128 = text.parse().ok()?;
    Some(match cim_type {
        CimType::Uint8 => Value::Uint8(number as u8),
        CimType::Sint8 => Value::Sint8(number as i8),
        CimType::Uint16 => Value::Uint16(number as u16),
        CimType::Sint16 => Value::Sint16(number as i16),
        CimType::Uint32 => Value::Uint32(number as u32),
        CimType::Sint32 => Value::Sint32(number as i32),
        CimType::Uint64 => Value::Uint64(number as u64),
        CimType::Sint64 => Value::Sint64(number as i64),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_uint8(text: &str, bad: BadValue) -> Option<Value> {
        let decl = PropertyDecl::new("U8", CimType::Uint8);
        as_declared(&decl, &Value::Untyped(text.into()), bad).ok()
    }

    #[test]
    fn a_number_that_does_not_fit() {
        assert_eq!(as_uint8("255", BadValue::Refuse), Some(Value::Uint8(255)));
        assert_eq!(as_uint8("256", BadValue::Refuse), None);
        assert_eq!(as_uint8("256", BadValue::Wrap), Some(Value::Uint8(0)));
        assert_eq!(as_uint8("abc", BadValue::Wrap), None);
        assert_eq!(as_uint8("abc", BadValue::Zero), Some(Value::Uint8(0)));
    }

    #[test]
    fn one_value_is_an_array_of_one() {
        let decl = PropertyDecl::new("Tags", CimType::String).array();
        let value = as_declared(&decl, &Value::Untyped("a".into()), BadValue::Refuse).unwrap();
        assert_eq!(value, Value::from(vec!["a"]));
        let single = PropertyDecl::new("Tag", CimType::String);
        assert!(as_declared(&single, &value, BadValue::Refuse).is_err());
    }
}
