//! Conversions from CIM values to Rust values.

use std::time::{Duration, SystemTime};

use super::read::FromText;
use crate::cim::{
    CimType, DateTime, Instance, InstancePath, Interval, Timestamp, Value, ValueError,
};

impl Value {
    /// Converts the value to a Rust type.
    ///
    /// Untyped text is parsed leniently: booleans in any case and as `1` and `0`, numbers with a sign
    /// and leading zeros. Typed numbers are converted if that keeps their value. A single value is a
    /// list of one, because a server without types sends both alike.
    ///
    /// ```
    /// use wsman::cim::Value;
    /// assert_eq!(Value::from(5u64).to::<u8>()?, 5);
    /// assert_eq!(Value::Untyped("TRUE".into()).to::<Vec<bool>>()?, [true]);
    /// assert_eq!(Value::Null.to::<Option<u8>>()?, None);
    /// assert!(Value::from("5").to::<u8>().is_err());
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the value is NULL (except for an `Option`), of another type, or out of range.
    pub fn to<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(&self) -> Result<T, ValueError> {
        T::try_from(self)
    }
}

impl TryFrom<&Value> for bool {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Boolean(flag) => Some(*flag),
            Value::Untyped(text) => Self::from_text(text),
            _ => None,
        };
        read.ok_or_else(|| value.is_not_of(CimType::Boolean))
    }
}

macro_rules! integers {
    ($($rust:ty, $cim:ident;)*) => {$(
        impl TryFrom<&Value> for $rust {
            type Error = ValueError;

            fn try_from(value: &Value) -> Result<Self, ValueError> {
                let read = match value {
                    Value::$cim(number) => Some(*number),
                    Value::Untyped(text) => Self::from_text(text),
                    other => other.integer().and_then(|number| number.try_into().ok()),
                };
                read.ok_or_else(|| value.is_not_of(CimType::$cim))
            }
        }
    )*};
}

integers! {
    u8, Uint8;
    i8, Sint8;
    u16, Uint16;
    i16, Sint16;
    u32, Uint32;
    i32, Sint32;
    u64, Uint64;
    i64, Sint64;
}

impl TryFrom<&Value> for f32 {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Real32(real) => Some(*real),
            Value::Untyped(text) => Self::from_text(text),
            other => other.real().and_then(exact_f32),
        };
        read.ok_or_else(|| value.is_not_of(CimType::Real32))
    }
}

impl TryFrom<&Value> for f64 {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Untyped(text) => Self::from_text(text),
            other => other.real(),
        };
        read.ok_or_else(|| value.is_not_of(CimType::Real64))
    }
}

impl Value {
    /// Returns whether both are integers of the same value.
    pub(super) fn is_same_integer(&self, other: &Value) -> bool {
        self.integer()
            .is_some_and(|own| other.integer() == Some(own))
    }

    fn integer(&self) -> Option<i128> {
        Some(match self {
            Value::Uint8(number) => i128::from(*number),
            Value::Sint8(number) => i128::from(*number),
            Value::Uint16(number) => i128::from(*number),
            Value::Sint16(number) => i128::from(*number),
            Value::Uint32(number) => i128::from(*number),
            Value::Sint32(number) => i128::from(*number),
            Value::Uint64(number) => i128::from(*number),
            Value::Sint64(number) => i128::from(*number),
            _ => return None,
        })
    }

    /// Converts a number to a real if that is exact.
    pub(super) fn real(&self) -> Option<f64> {
        match self {
            Value::Real32(real) => Some(f64::from(*real)),
            Value::Real64(real) => Some(*real),
            other => other.integer().and_then(exact_f64),
        }
    }
}

fn exact_f64(number: i128) -> Option<f64> {
    let real = number as f64;
    (real as i128 == number).then_some(real)
}

fn exact_f32(real: f64) -> Option<f32> {
    let narrow = real as f32;
    (real.is_nan() || f64::from(narrow) == real).then_some(narrow)
}

impl TryFrom<&Value> for String {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| value.is_not_of(CimType::String))
    }
}

impl TryFrom<&Value> for char {
    type Error = ValueError;

    /// Accepts a `char16` that is a whole character, and a string of one character.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Char16(unit) => char::from_u32(u32::from(*unit)),
            Value::Untyped(_) => return value.typed_as(CimType::Char16)?.to(),
            Value::String(text) => only_char(text),
            _ => None,
        };
        read.ok_or_else(|| value.is_not_of(CimType::Char16))
    }
}

fn only_char(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

impl TryFrom<&Value> for DateTime {
    type Error = ValueError;

    /// Accepts a datetime, and untyped text in the form of CIM or XML Schema.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::DateTime(datetime) => Some(*datetime),
            Value::Untyped(text) => Self::from_text(text),
            _ => None,
        };
        read.ok_or_else(|| value.is_not_of(CimType::DateTime))
    }
}

impl TryFrom<&Value> for Timestamp {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value.to::<DateTime>()? {
            DateTime::Timestamp(timestamp) => Ok(timestamp),
            DateTime::Interval(_) => Err(value.is_not("a point in time")),
        }
    }
}

impl TryFrom<&Value> for Interval {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value.to::<DateTime>()? {
            DateTime::Interval(interval) => Ok(interval),
            DateTime::Timestamp(_) => Err(value.is_not("an interval")),
        }
    }
}

impl TryFrom<&Value> for Duration {
    type Error = ValueError;

    /// Accepts an interval without wildcards.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        value.to::<Interval>()?.try_into()
    }
}

impl TryFrom<&Value> for SystemTime {
    type Error = ValueError;

    /// Accepts a point in time without wildcards.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        value.to::<Timestamp>()?.try_into()
    }
}

impl TryFrom<&Value> for InstancePath {
    type Error = ValueError;

    /// Accepts a reference, and untyped text that is an object path.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Reference(path) => Ok((**path).clone()),
            Value::Untyped(text) if !value.is_blank() => {
                text.parse().map_err(|error: ValueError| {
                    let reference = CimType::Reference.wanted();
                    ValueError::of_text(text, format!("{reference}: {}", error.wanted()))
                })
            }
            _ => Err(value.is_not_of(CimType::Reference)),
        }
    }
}

impl TryFrom<&Value> for Instance {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Instance(instance) => Ok((**instance).clone()),
            _ => Err(value.is_not_of(CimType::Instance)),
        }
    }
}

impl TryFrom<&Value> for Value {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        Ok(value.clone())
    }
}

impl<T: for<'a> TryFrom<&'a Value, Error = ValueError>> TryFrom<&Value> for Option<T> {
    type Error = ValueError;

    /// NULL is `None`, and so is an empty element for every type that cannot be parsed from it.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => match T::try_from(value) {
                Err(_) if value.is_blank() => Ok(None),
                read => read.map(Some),
            },
        }
    }
}

impl<T: for<'a> TryFrom<&'a Value, Error = ValueError>> TryFrom<&Value> for Vec<T> {
    type Error = ValueError;

    /// Accepts the elements of an array or an octet string; a single value is a list of one.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Err(value.is_not("an array")),
            Value::Octets(octets) => {
                let bytes = octets.iter().map(|octet| Value::Uint8(*octet));
                bytes.map(|byte| T::try_from(&byte)).collect()
            }
            value => value.elements().iter().map(T::try_from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untyped(text: &str) -> Value {
        Value::Untyped(text.to_owned())
    }

    #[test]
    fn parses_untyped_text_leniently() {
        for text in ["true", "TRUE", " True\n", "1"] {
            assert_eq!(untyped(text).to::<bool>(), Ok(true), "{text}");
        }
        for text in ["5", "+5", "005", "\t5\r\n"] {
            assert_eq!(untyped(text).to::<u8>(), Ok(5), "{text}");
        }
        for (text, real) in [("1e3", 1000.0), (" .5 ", 0.5), ("-inf", f64::NEG_INFINITY)] {
            assert_eq!(untyped(text).to::<f64>(), Ok(real), "{text}");
        }
        assert!(untyped("NaN").to::<f32>().unwrap().is_nan());
        assert_eq!(untyped(" a ").to::<String>(), Ok(" a ".to_owned()));
    }

    #[test]
    fn reads_an_empty_element_as_null_except_for_text() {
        fn is_null<T>(text: &str) -> bool
        where
            T: for<'a> TryFrom<&'a Value, Error = ValueError>,
        {
            let refused = untyped(text).to::<T>();
            let said = refused.err().map(|error| error.to_string());
            assert!(said.is_some_and(|said| said.starts_with("empty: expected")));
            untyped(text).to::<Option<T>>().unwrap().is_none()
        }
        for text in ["", " ", "\r\n\t"] {
            assert!(is_null::<bool>(text) && is_null::<u8>(text) && is_null::<i64>(text));
            assert!(is_null::<f32>(text) && is_null::<f64>(text) && is_null::<DateTime>(text));
            assert!(is_null::<SystemTime>(text) && is_null::<Duration>(text));
            assert!(is_null::<InstancePath>(text) && is_null::<Vec<u32>>(text));
            assert_eq!(untyped(text).to(), Ok(Some(text.to_owned())));
            let rows = Value::from(crate::cim::Array::from_values(vec![untyped(text)]).unwrap());
            assert_eq!(rows.to::<Vec<Option<u8>>>(), Ok(vec![None]));
        }
        assert!(
            Value::from("").to::<Option<u8>>().is_err(),
            "a string is no number"
        );
    }

    #[test]
    fn rejects_text_of_another_type() {
        for text in ["", "yes", "2"] {
            assert!(untyped(text).to::<bool>().is_err(), "{text}");
        }
        for text in ["", "256", "-1", "1.0", "0x1", "1 2"] {
            assert!(untyped(text).to::<u8>().is_err(), "{text}");
        }
        for text in ["", "e5", "infinity", "1e39", "+nan", "1,5"] {
            assert!(untyped(text).to::<f32>().is_err(), "{text}");
        }
    }

    #[test]
    fn converts_numbers_without_loss() {
        assert_eq!(Value::from(200u64).to::<u8>(), Ok(200));
        assert!(Value::from(200u64).to::<i8>().is_err());
        assert_eq!(Value::from(1u64 << 60).to::<f64>(), Ok((1u64 << 60) as f64));
        assert!(Value::from(u64::MAX).to::<f64>().is_err());
        assert_eq!(Value::from(0.5f64).to::<f32>(), Ok(0.5));
        assert!(Value::from(0.1f64).to::<f32>().is_err());
        assert!(Value::from(1.0f64).to::<u8>().is_err());
        assert!(Value::from(true).to::<u8>().is_err());
    }

    #[test]
    fn reads_arrays_octets_and_single_values_as_lists() {
        assert_eq!(Value::from(vec![1u32, 2]).to::<Vec<u8>>(), Ok(vec![1, 2]));
        assert_eq!(Value::octets([1, 2]).to::<Vec<u16>>(), Ok(vec![1, 2]));
        assert_eq!(untyped("a").to::<Vec<String>>(), Ok(vec!["a".to_owned()]));
        assert!(Value::Null.to::<Vec<u8>>().is_err());
        assert_eq!(Value::Null.to::<Option<Vec<u8>>>(), Ok(None));
        let items = vec![Value::from(1u8), Value::Null];
        let array = Value::from(crate::cim::Array::from_values(items).unwrap());
        assert_eq!(array.to::<Vec<Option<u8>>>(), Ok(vec![Some(1), None]));
    }

    #[test]
    fn strings_and_characters_are_only_themselves() {
        assert!(Value::from(5u8).to::<String>().is_err());
        assert_eq!(Value::Char16(65).to::<char>(), Ok('A'));
        assert_eq!(untyped("065").to::<char>(), Ok('A'));
        assert!(Value::Char16(0xd800).to::<char>().is_err());
        assert!(untyped("55296").to::<char>().is_err());
        assert!(Value::from("ab").to::<char>().is_err());
    }

    #[test]
    fn a_point_in_time_is_no_interval() {
        let (interval, time) = (untyped(" PT1M "), untyped("1970-01-01T00:01:00Z"));
        let minute = Duration::from_secs(60);
        assert_eq!(interval.to::<Duration>(), Ok(minute));
        assert_eq!(time.to(), Ok(SystemTime::UNIX_EPOCH + minute));
        assert!(interval.to::<Timestamp>().is_err() && time.to::<Interval>().is_err());
        assert!(Value::from("PT1M").to::<DateTime>().is_err());
    }

    #[test]
    fn names_the_fault_of_an_invalid_path() {
        let error = untyped("A=\"x\"").to::<InstancePath>().unwrap_err();
        assert!(error.wanted().starts_with("a value of type reference: "));
        assert!(Value::from("A").to::<InstancePath>().is_err());
    }
}
