//! Parses typed values from text.

use crate::cim::{CimType, DateTime, InstancePath, Value};
use crate::white_space::trim;

/// A type that is parsed leniently from text on the wire, as [`Value::to`] describes.
pub(super) trait FromText: Sized {
    /// Parses the value; `None` if the text is invalid for the type.
    fn from_text(text: &str) -> Option<Self>;
}

/// How to read the text of a `char16`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Char16Text {
    /// As the character, or as a number of two digits or more.
    #[default]
    Character,
    /// Always as a number, as OMI writes it.
    Number,
}

impl Value {
    /// Parses a `char16`; `None` if the text is invalid.
    pub(crate) fn of_char16(text: &str, form: Char16Text) -> Option<Value> {
        match form {
            Char16Text::Character => read_char16(text),
            Char16Text::Number => u16::from_text(text)
                .map(Value::Char16)
                .or_else(|| read_char16(text)),
        }
    }

    /// Parses a text as a type; `None` if the text is invalid for the type.
    pub(crate) fn of_text(text: &str, cim_type: CimType) -> Option<Value> {
        fn read<T: FromText>(text: &str, value: fn(T) -> Value) -> Option<Value> {
            T::from_text(text).map(value)
        }
        match cim_type {
            CimType::Boolean => read(text, Value::Boolean),
            CimType::Uint8 => read(text, Value::Uint8),
            CimType::Sint8 => read(text, Value::Sint8),
            CimType::Uint16 => read(text, Value::Uint16),
            CimType::Sint16 => read(text, Value::Sint16),
            CimType::Uint32 => read(text, Value::Uint32),
            CimType::Sint32 => read(text, Value::Sint32),
            CimType::Uint64 => read(text, Value::Uint64),
            CimType::Sint64 => read(text, Value::Sint64),
            CimType::Real32 => read(text, Value::Real32),
            CimType::Real64 => read(text, Value::Real64),
            CimType::Char16 => read_char16(text),
            CimType::DateTime => read(text, Value::DateTime),
            CimType::String => Some(Value::String(text.to_owned())),
            CimType::Reference => text.parse::<InstancePath>().ok().map(Value::from),
            CimType::Instance => None,
        }
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Option<Self> {
        match trim(text) {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

macro_rules! parsed {
    ($($rust:ty)*) => {$(
        impl FromText for $rust {
            fn from_text(text: &str) -> Option<Self> {
                trim(text).parse().ok()
            }
        }
    )*};
}

parsed! { u8 i8 u16 i16 u32 i32 u64 i64 DateTime }

impl FromText for f32 {
    fn from_text(text: &str) -> Option<Self> {
        read_real(trim(text), |digits| digits.parse().ok(), f32::is_finite)
    }
}

impl FromText for f64 {
    fn from_text(text: &str) -> Option<Self> {
        read_real(trim(text), |digits| digits.parse().ok(), f64::is_finite)
    }
}

/// Parses a real. Rust accepts names for infinity that CIM does not have, and a number too large for
/// the type is an error; the digits tell both from valid text.
fn read_real<T: From<f32> + Copy>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
    is_finite: impl Fn(T) -> bool,
) -> Option<T> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
        return parse(text).filter(|real| is_finite(*real));
    }
    if text.eq_ignore_ascii_case("nan") {
        return Some(T::from(f32::NAN));
    }
    let infinity = if text.starts_with('-') {
        f32::NEG_INFINITY
    } else {
        f32::INFINITY
    };
    unsigned
        .eq_ignore_ascii_case("inf")
        .then(|| T::from(infinity))
}

/// Parses a `char16`: one character, or the number of its code unit as OMI writes it. A single digit is
/// a character.
fn read_char16(text: &str) -> Option<Value> {
    let mut characters = text.chars();
    let first = characters.next()?;
    match characters.next() {
        None => Value::char16(first).ok(),
        Some(_) => u16::from_text(text).map(Value::Char16),
    }
}
