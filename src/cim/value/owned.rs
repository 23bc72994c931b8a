//! Conversions from an owned value; text, lists, paths and instances are moved out of it.

use std::time::{Duration, SystemTime};

use crate::cim::{DateTime, Instance, InstancePath, Interval, Timestamp, Value, ValueError};

/// Implements `TryFrom<Value>` by the conversion of a borrowed value.
macro_rules! by_reference {
    ($($rust:ty),* $(,)?) => {$(
        impl TryFrom<Value> for $rust {
            type Error = ValueError;

            fn try_from(value: Value) -> Result<Self, ValueError> {
                Self::try_from(&value)
            }
        }
    )*};
}

by_reference!(
    bool, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, char, DateTime, Timestamp, Interval,
    SystemTime, Duration,
);

impl TryFrom<Value> for String {
    type Error = ValueError;

    fn try_from(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::String(text) | Value::Untyped(text) | Value::Lossy(text) => Ok(text),
            other => Self::try_from(&other),
        }
    }
}

impl TryFrom<Value> for InstancePath {
    type Error = ValueError;

    fn try_from(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Reference(path) => Ok(*path),
            other => Self::try_from(&other),
        }
    }
}

impl TryFrom<Value> for Instance {
    type Error = ValueError;

    fn try_from(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Instance(instance) => Ok(*instance),
            other => Self::try_from(&other),
        }
    }
}

impl<T: TryFrom<Value, Error = ValueError>> TryFrom<Value> for Option<T> {
    type Error = ValueError;

    /// NULL is `None`, and so is an empty element for every type that cannot be parsed from it.
    fn try_from(value: Value) -> Result<Self, ValueError> {
        if value.is_null() {
            return Ok(None);
        }
        let is_blank = value.is_blank();
        match T::try_from(value) {
            Err(_) if is_blank => Ok(None),
            read => read.map(Some),
        }
    }
}

impl<T: TryFrom<Value, Error = ValueError>> TryFrom<Value> for Vec<T> {
    type Error = ValueError;

    /// Accepts the elements of an array or an octet string; a single value is a list of one.
    fn try_from(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Err(value.is_not("an array")),
            Value::Array(array) => array.into_vec().into_iter().map(T::try_from).collect(),
            Value::Octets(octets) => {
                let bytes = octets.into_iter().map(Value::Uint8);
                bytes.map(T::try_from).collect()
            }
            single => Ok(vec![T::try_from(single)?]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::Array;

    /// Every conversion gives what that of a borrowed value gives.
    fn agrees<T>(values: &[Value])
    where
        T: TryFrom<Value, Error = ValueError> + for<'a> TryFrom<&'a Value, Error = ValueError>,
        T: PartialEq + std::fmt::Debug,
    {
        for value in values {
            assert_eq!(T::try_from(value.clone()), T::try_from(value), "{value:?}");
        }
    }

    #[test]
    fn owned_and_borrowed_values_convert_alike() {
        let path = InstancePath::new("A").with_key("K", 1u8);
        let untyped = |text: &str| Value::Untyped(text.to_owned());
        let nullable = Array::from_values(vec![Value::from(1u8), Value::Null]).unwrap();
        let values = [
            Value::Null,
            untyped(""),
            untyped("1"),
            untyped("x"),
            untyped("A.K=1"),
            untyped("20240229123456.789012+000"),
            untyped("PT1M"),
            Value::Lossy("a".into()),
            Value::from("a"),
            Value::from(1u8),
            Value::from(-1i64),
            Value::from(0.5f64),
            Value::from(true),
            Value::Char16(65),
            Value::from(path),
            Value::from(Instance::new("A")),
            Value::octets([1, 2]),
            Value::from(vec!["a", "b"]),
            Value::from(nullable),
        ];
        agrees::<bool>(&values);
        agrees::<u8>(&values);
        agrees::<i64>(&values);
        agrees::<f32>(&values);
        agrees::<char>(&values);
        agrees::<String>(&values);
        agrees::<DateTime>(&values);
        agrees::<Timestamp>(&values);
        agrees::<Interval>(&values);
        agrees::<SystemTime>(&values);
        agrees::<Duration>(&values);
        agrees::<InstancePath>(&values);
        agrees::<Instance>(&values);
        agrees::<Option<u8>>(&values);
        agrees::<Option<String>>(&values);
        agrees::<Vec<u8>>(&values);
        agrees::<Vec<String>>(&values);
        agrees::<Vec<Option<u8>>>(&values);
        agrees::<Option<Vec<u8>>>(&values);
    }
}
