//! CIM values as Rust values.

use super::error::value_of_type;
use super::{CimType, DateTime, Instance, InstancePath, Interval, Timestamp, Value, ValueError};

impl Value {
    /// The value as a Rust type.
    ///
    /// Untyped text is read as that type, leniently: booleans in any case and as `1` and `0`, numbers
    /// with a sign and leading zeros. Typed numbers are converted where that keeps their value. A
    /// single value is a list of one, because a server that sends no types sends it no differently.
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
    /// The value is NULL (unless an `Option` is asked for), of another type, or does not fit.
    pub fn to<T: for<'a> TryFrom<&'a Value, Error = ValueError>>(&self) -> Result<T, ValueError> {
        T::try_from(self)
    }
}

impl TryFrom<&Value> for bool {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Boolean(flag) => Some(*flag),
            Value::Untyped(text) => read_bool(trim(text)),
            _ => None,
        };
        read.ok_or_else(|| value.is_not_of(CimType::Boolean))
    }
}

fn read_bool(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

macro_rules! integers {
    ($($rust:ty, $cim:ident;)*) => {$(
        impl TryFrom<&Value> for $rust {
            type Error = ValueError;

            fn try_from(value: &Value) -> Result<Self, ValueError> {
                let read = match value {
                    Value::$cim(number) => Some(*number),
                    Value::Untyped(text) => trim(text).parse().ok(),
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
            Value::Untyped(text) => {
                read_real(trim(text), |digits| digits.parse().ok(), f32::is_finite)
            }
            other => other.real().and_then(exact_f32),
        };
        read.ok_or_else(|| value.is_not_of(CimType::Real32))
    }
}

impl TryFrom<&Value> for f64 {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::Untyped(text) => {
                read_real(trim(text), |digits| digits.parse().ok(), f64::is_finite)
            }
            other => other.real(),
        };
        read.ok_or_else(|| value.is_not_of(CimType::Real64))
    }
}

impl Value {
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

    /// A number as a real, where that is exact.
    fn real(&self) -> Option<f64> {
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

/// Text of a real. Rust's own names for infinity are not all CIM's, and a number too large for the
/// type is an error, so both are told apart from digits.
fn read_real<T: From<f32> + Copy>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
    is_finite: impl Fn(T) -> bool,
) -> Option<T> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
        return parse(text).filter(|real| is_finite(*real));
    }
    let named = match unsigned {
        _ if text.eq_ignore_ascii_case("nan") => f32::NAN,
        _ if !unsigned.eq_ignore_ascii_case("inf") => return None,
        _ if text.starts_with('-') => f32::NEG_INFINITY,
        _ => f32::INFINITY,
    };
    Some(T::from(named))
}

/// Cuts the white space of XML off both ends.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
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

    /// A `char16` that is a whole character, or a string of one.
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

    /// A datetime, or untyped text in CIM's form or XML Schema's.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        let read = match value {
            Value::DateTime(datetime) => Some(*datetime),
            Value::Untyped(text) => trim(text).parse().ok(),
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
            DateTime::Interval(_) => Err(ValueError::new(
                value.describe(),
                "a value of type datetime that is a point in time",
            )),
        }
    }
}

impl TryFrom<&Value> for Interval {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value.to::<DateTime>()? {
            DateTime::Interval(interval) => Ok(interval),
            DateTime::Timestamp(_) => Err(ValueError::new(
                value.describe(),
                "a value of type datetime that is an interval",
            )),
        }
    }
}

impl TryFrom<&Value> for InstancePath {
    type Error = ValueError;

    /// A reference, or untyped text that is an object path.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Reference(path) => Ok((**path).clone()),
            Value::Untyped(text) => text.parse().map_err(|error: ValueError| {
                let reference = value_of_type(CimType::Reference);
                ValueError::new(error.found(), format!("{reference}: {}", error.wanted()))
            }),
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

    /// NULL is `None`.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => T::try_from(value).map(Some),
        }
    }
}

impl<T: for<'a> TryFrom<&'a Value, Error = ValueError>> TryFrom<&Value> for Vec<T> {
    type Error = ValueError;

    /// The elements of an array or an octet string; a single value is a list of one.
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Err(ValueError::new(value.describe(), "an array")),
            Value::Octets(octets) => {
                let bytes = octets.iter().map(|octet| Value::Uint8(*octet));
                bytes.map(|byte| T::try_from(&byte)).collect()
            }
            value => value.elements().iter().map(T::try_from).collect(),
        }
    }
}
