//! Conversions from Rust values to CIM values.

use crate::cim::{
    Array, CimType, DateTime, Instance, InstancePath, Interval, Name, Timestamp, Value, ValueError,
};
use crate::secret::Secret;

/// A Rust type with one CIM type, so that a list of it has that type even if it is empty. Sealed: the
/// elements of an array must all have its type.
///
/// ```
/// use wsman::cim::{CimType, Value};
/// assert_eq!(Value::from(5u16), Value::Uint16(5));
/// assert_eq!(Value::from(Vec::<u16>::new()).cim_type(), Some(CimType::Uint16));
/// assert_eq!(Value::from(None::<u16>), Value::Null);
/// assert_eq!((1..=3u8).collect::<Value>(), Value::from([1u8, 2, 3]));
/// ```
#[expect(private_bounds, reason = "seals the trait")]
pub trait Scalar: Into<Value> + Sealed {
    /// The CIM type.
    const CIM_TYPE: CimType;
}

/// The types of this crate and of Rust that have a CIM type.
trait Sealed {}

/// Implements `From` and `Scalar` for a type.
macro_rules! scalars {
    ($($rust:ty, $cim:ident, $value:ident => $held:expr;)*) => {$(
        impl From<$rust> for Value {
            fn from($value: $rust) -> Self {
                Value::$cim($held)
            }
        }

        impl Sealed for $rust {}

        impl Scalar for $rust {
            const CIM_TYPE: CimType = CimType::$cim;
        }
    )*};
}

scalars! {
    bool, Boolean, value => value;
    u8, Uint8, value => value;
    i8, Sint8, value => value;
    u16, Uint16, value => value;
    i16, Sint16, value => value;
    u32, Uint32, value => value;
    i32, Sint32, value => value;
    u64, Uint64, value => value;
    i64, Sint64, value => value;
    f32, Real32, value => value;
    f64, Real64, value => value;
    String, String, value => value;
    &str, String, value => value.to_owned();
    &String, String, value => value.clone();
    Name, String, value => value.as_str().to_owned();
    &Name, String, value => value.as_str().to_owned();
    DateTime, DateTime, value => value;
    Timestamp, DateTime, value => DateTime::Timestamp(value);
    Interval, DateTime, value => DateTime::Interval(value);
    InstancePath, Reference, value => Box::new(value);
    Instance, Instance, value => Box::new(value);
}

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        Value::Secret(secret)
    }
}

impl Sealed for Secret {}

impl Scalar for Secret {
    const CIM_TYPE: CimType = CimType::String;
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Value::Array(array)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// Converts `None` to NULL.
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Scalar> FromIterator<T> for Array {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items = items.into_iter().map(Into::into).collect();
        Array::of(Some(T::CIM_TYPE), items)
    }
}

impl<T: Scalar> FromIterator<T> for Value {
    /// Creates an array, which has its type even if it is empty.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Value::Array(items.into_iter().collect())
    }
}

impl<T: Scalar> From<Vec<T>> for Value {
    /// Creates an array, also from bytes; see [`Value::octets`] for an octet string.
    fn from(items: Vec<T>) -> Self {
        Value::Array(items.into_iter().collect())
    }
}

impl<T: Scalar, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Value::Array(items.into_iter().collect())
    }
}

impl<T: Scalar + Clone> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        Value::Array(items.iter().cloned().collect())
    }
}

impl Value {
    /// Creates a `char16`.
    ///
    /// ```
    /// use wsman::cim::Value;
    /// assert_eq!(Value::char16('A')?, Value::Char16(65));
    /// assert!(Value::char16('🦀').is_err());
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails on a character of two UTF-16 code units: a `char16` is one (DSP0004 5.2).
    pub fn char16(character: char) -> Result<Self, ValueError> {
        match u16::try_from(u32::from(character)) {
            Ok(unit) => Ok(Value::Char16(unit)),
            Err(_) => Err(ValueError::new(
                character.to_string(),
                "a value of type char16: a character of one UTF-16 code unit",
            )),
        }
    }

    /// Creates an octet string: a `uint8[]` that the class declares as one, sent as one base64 text.
    ///
    /// A `Vec<u8>` converts to a plain array, with an element for each byte.
    ///
    /// ```
    /// use wsman::cim::Value;
    /// assert_eq!(Value::octets([1, 2]).to::<Vec<u8>>()?, [1, 2]);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn octets(octets: impl Into<Vec<u8>>) -> Self {
        Value::Octets(octets.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_lists_to_typed_arrays() {
        let words = ["a", "b"];
        assert_eq!(Value::from(words), Value::from(&words[..]));
        assert_eq!(
            Value::from(words).elements(),
            [Value::from("a"), "b".into()]
        );
        let none = Value::from(Vec::<InstancePath>::new());
        assert_eq!(none.cim_type(), Some(CimType::Reference));
        assert!(matches!(Value::from(vec![1u8]), Value::Array(_)));
    }

    #[test]
    fn converts_none_to_null() {
        assert_eq!(Value::from(None::<Vec<u8>>), Value::Null);
        assert_eq!(Value::from(Some("a")), Value::from("a".to_owned()));
        assert_eq!(Value::from(Name::new("A")), Value::from("A"));
    }

    #[test]
    fn rejects_a_char16_of_two_code_units() {
        assert_eq!(Value::char16('\u{ffff}'), Ok(Value::Char16(0xffff)));
        assert_eq!(Value::char16('\u{10000}').unwrap_err().found(), "\u{10000}");
    }
}
