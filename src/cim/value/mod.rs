//! One CIM value.

mod array;
mod content;
mod display;
mod from;
mod octets;
mod owned;
mod read;
mod same;
mod text;
mod to;
mod typed;
mod types;

pub use array::Array;
pub use from::Scalar;
pub(crate) use read::Char16Text;
#[cfg(feature = "simulator")]
pub(crate) use same::folded;
pub use types::CimType;

use super::{DateTime, Instance, InstancePath};
use crate::secret::Secret;
use crate::white_space::is_blank;

/// A value of a property, key, argument or result.
///
/// A value is typed if its type is known: the caller gave it, `xsi:type` marked it on the wire, or a
/// class added it. Text that a server sent without a type is kept unchanged as [`Value::Untyped`].
/// [`Value::to`] and [`Value::typed_as`] parse it on request, and it is sent back unchanged and without
/// a type. An empty element is `None` for an `Option` of a number, a boolean or a datetime; it keeps
/// its text, so that it is sent back unchanged.
///
/// ```
/// use wsman::cim::{CimType, Value};
/// let off_the_wire = Value::Untyped("42".into());
/// assert_eq!(off_the_wire.to::<u32>()?, 42);
/// assert_eq!(off_the_wire.typed_as(CimType::Uint8)?, Value::Uint8(42));
/// assert!(off_the_wire.to::<bool>().is_err());
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL: the property is present and has no value (`xsi:nil`), which differs from missing.
    #[default]
    Null,
    /// Text of unknown type, as received.
    Untyped(String),
    /// Text in which U+FFFD replaces invalid characters of the server's text, if the session allows
    /// that ([`lossy_text`](crate::SessionBuilder::lossy_text)). Sending it fails, because the server's
    /// text differs.
    Lossy(String),
    /// `boolean`
    Boolean(bool),
    /// `uint8`
    Uint8(u8),
    /// `sint8`
    Sint8(i8),
    /// `uint16`
    Uint16(u16),
    /// `sint16`
    Sint16(i16),
    /// `uint32`
    Uint32(u32),
    /// `sint32`
    Sint32(i32),
    /// `uint64`
    Uint64(u64),
    /// `sint64`
    Sint64(i64),
    /// `real32`
    Real32(f32),
    /// `real64`
    Real64(f64),
    /// `char16`: one UTF-16 code unit, which may be half of a character
    Char16(u16),
    /// `string`
    String(String),
    /// `string` that is not printed, such as a password
    Secret(Secret),
    /// `datetime`
    DateTime(DateTime),
    /// `ref`: the path of another instance
    Reference(Box<InstancePath>),
    /// An embedded instance
    Instance(Box<Instance>),
    /// A `uint8[]` declared an octet string: one base64 text on the wire
    Octets(Vec<u8>),
    /// An array
    Array(Array),
}

impl Value {
    /// Returns the type of the value, or of its elements; `None` for NULL and untyped text.
    pub fn cim_type(&self) -> Option<CimType> {
        Some(match self {
            Value::Null | Value::Untyped(_) | Value::Lossy(_) => return None,
            Value::Boolean(_) => CimType::Boolean,
            Value::Uint8(_) | Value::Octets(_) => CimType::Uint8,
            Value::Sint8(_) => CimType::Sint8,
            Value::Uint16(_) => CimType::Uint16,
            Value::Sint16(_) => CimType::Sint16,
            Value::Uint32(_) => CimType::Uint32,
            Value::Sint32(_) => CimType::Sint32,
            Value::Uint64(_) => CimType::Uint64,
            Value::Sint64(_) => CimType::Sint64,
            Value::Real32(_) => CimType::Real32,
            Value::Real64(_) => CimType::Real64,
            Value::Char16(_) => CimType::Char16,
            Value::String(_) | Value::Secret(_) => CimType::String,
            Value::DateTime(_) => CimType::DateTime,
            Value::Reference(_) => CimType::Reference,
            Value::Instance(_) => CimType::Instance,
            Value::Array(array) => return array.element_type(),
        })
    }

    /// Returns whether the value is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Returns whether the value is an empty element as received, or one of white space. Such an
    /// element is NULL for every type without an empty text.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Value::Untyped(text) if is_blank(text))
    }

    /// Returns whether the value is an array or an octet string.
    pub fn is_array(&self) -> bool {
        matches!(self, Value::Array(_) | Value::Octets(_))
    }

    /// Returns the text of a string, a secret, untyped or lossy text, borrowed; `None` for every other
    /// value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::Untyped(text) | Value::Lossy(text) => Some(text),
            Value::Secret(secret) => Some(secret.expose()),
            _ => None,
        }
    }

    /// Returns the same value, marked as lossy: it holds less than the server sent.
    pub(crate) fn into_lossy(self) -> Self {
        match self {
            Value::String(text) | Value::Untyped(text) => Value::Lossy(text),
            Value::Char16(_) => Value::Lossy(char::REPLACEMENT_CHARACTER.into()),
            other => other,
        }
    }

    /// Returns the elements of an array. A single value is an array of one; NULL is an empty array.
    ///
    /// A server without types sends an array of one exactly like a single value.
    pub fn elements(&self) -> &[Value] {
        match self {
            Value::Null => &[],
            Value::Array(array) => array.as_slice(),
            single => std::slice::from_ref(single),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page holds tens of thousands of values, so their size dominates its memory.
    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Value>() <= 40);
    }

    #[test]
    fn a_single_value_is_an_array_of_one_and_null_is_empty() {
        assert_eq!(Value::from("a").elements(), [Value::from("a")]);
        assert!(Value::Null.elements().is_empty());
        assert!(Value::octets([1]).is_array() && !Value::from("a").is_array());
    }

    #[test]
    fn borrows_only_text() {
        let untyped = Value::Untyped("a".into());
        assert_eq!(untyped.as_str(), Value::from("a").as_str());
        assert_eq!(Value::Char16(65).as_str(), None);
        assert_eq!(untyped.cim_type(), None);
        assert_eq!(Value::from(vec![1i8]).cim_type(), Some(CimType::Sint8));
    }
}
