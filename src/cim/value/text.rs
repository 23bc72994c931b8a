//! Values as text: in selectors, in XML and in errors.

use std::fmt::{Debug, Write};

use crate::cim::error::text_of_length;
use crate::cim::{InstancePath, Value, ValueError};
use crate::secret::HIDDEN;

impl Value {
    /// Returns the text of a value as a key in a selector (DSP0226 5.1.2.2); `None` for a value without
    /// a text form.
    pub(crate) fn key_text(&self) -> Option<String> {
        match self {
            Value::String(text) | Value::Untyped(text) => Some(text.clone()),
            Value::Secret(secret) => Some(secret.expose().to_owned()),
            Value::DateTime(datetime) => Some(datetime.to_string()),
            Value::Char16(unit) => Some(char16_text(*unit)),
            _ => {
                let mut text = String::new();
                self.push_text(&mut text).then_some(text)
            }
        }
    }

    /// Writes a boolean, an integer or a real in the form of XML Schema; returns `false` for any other
    /// value.
    pub(crate) fn push_text(&self, out: &mut String) -> bool {
        match self {
            Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Uint8(value) => push_digits(out, u64::from(*value)),
            Value::Sint8(value) => push_signed(out, i64::from(*value)),
            Value::Uint16(value) => push_digits(out, u64::from(*value)),
            Value::Sint16(value) => push_signed(out, i64::from(*value)),
            Value::Uint32(value) => push_digits(out, u64::from(*value)),
            Value::Sint32(value) => push_signed(out, i64::from(*value)),
            Value::Uint64(value) => push_digits(out, *value),
            Value::Sint64(value) => push_signed(out, *value),
            Value::Real32(value) => return push_real(out, f64::from(*value), value),
            Value::Real64(value) => return push_real(out, *value, value),
            _ => return false,
        }
        true
    }

    /// Returns whether the value is anything but an infinite or NaN real.
    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Value::Real32(real) => real.is_finite(),
            Value::Real64(real) => real.is_finite(),
            _ => true,
        }
    }

    /// Returns whether two keys have the same value.
    ///
    /// Selectors carry no types, and servers print the same value differently (`true` and `TRUE`).
    /// Typed values are therefore equal if they print the same, and untyped text equals any value that
    /// it parses to.
    pub(crate) fn same_key_value(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Reference(a), Value::Reference(b)) => a.is_same_reference(b),
            (Value::Reference(path), text) | (text, Value::Reference(path)) => {
                let read = text.as_str().map(str::parse::<InstancePath>);
                read.is_some_and(|read| read.is_ok_and(|read| read.is_same_reference(path)))
            }
            (a, b) => a.prints_as(b) || a.reads_as(b) || b.reads_as(a),
        }
    }

    fn prints_as(&self, other: &Value) -> bool {
        match (self.as_str(), other.as_str()) {
            (Some(a), Some(b)) => a == b,
            _ => self
                .key_text()
                .is_some_and(|text| other.key_text() == Some(text)),
        }
    }

    /// Returns whether this is untyped text that parses to the other, typed value.
    pub(super) fn reads_as(&self, typed: &Value) -> bool {
        match (self, typed.cim_type()) {
            (Value::Untyped(_), Some(cim_type)) => self.typed_as(cim_type).as_ref() == Ok(typed),
            _ => false,
        }
    }

    /// Creates the error for the value where `wanted` was expected. It prints the kind of the value alone,
    /// because a log may keep the error.
    pub(crate) fn is_not(&self, wanted: impl Into<String>) -> ValueError {
        ValueError::of_kind(&self.describe(), self.kind(), wanted)
    }

    /// Returns what the value is, without the value itself.
    fn kind(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Untyped(text) | Value::Lossy(text) => text_of_length("a text", text),
            Value::String(text) => text_of_length("a string", text),
            Value::Secret(_) => "a secret".to_owned(),
            Value::DateTime(_) => "a datetime".to_owned(),
            Value::Reference(_) => "a reference".to_owned(),
            Value::Instance(_) | Value::Octets(_) | Value::Array(_) => self.describe(),
            scalar => scalar
                .cim_type()
                .map_or_else(String::new, |cim_type| cim_type.wanted()),
        }
    }

    /// Returns a short text of the value.
    pub(crate) fn describe(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Reference(path) => path.to_string(),
            Value::Instance(instance) => format!("an instance of {}", instance.class()),
            Value::Octets(_) => "an octet string".to_owned(),
            Value::Array(array) => format!("an array of {}", array.len()),
            Value::Lossy(text) => text.clone(),
            Value::Secret(_) => HIDDEN.to_owned(),
            scalar => scalar.key_text().unwrap_or_default(),
        }
    }
}

/// Returns the character (DSP0230), or the number of a code unit that XML cannot carry. The number has
/// at least two digits, so that it is not read as the character of a digit.
fn char16_text(unit: u16) -> String {
    match char::from_u32(u32::from(unit)) {
        Some(character) if !character.is_control() && unit < 0xfffe => character.to_string(),
        _ => format!("{unit:02}"),
    }
}

fn push_signed(out: &mut String, number: i64) {
    if number < 0 {
        out.push('-');
    }
    push_digits(out, number.unsigned_abs());
}

/// Writes a number without the machinery of `fmt`, which costs several times as much as the digits.
fn push_digits(out: &mut String, number: u64) {
    let (mut digits, mut rest, mut length) = ([0; 20], number, 0);
    for digit in &mut digits {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    let digits = digits.iter().take(length).rev();
    out.extend(digits.map(|digit| char::from(*digit)));
}

/// Returns the shortest text that parses to the same real; uses the names of XML Schema for infinity
/// and NaN.
fn push_real(out: &mut String, value: f64, shortest: &dyn Debug) -> bool {
    if value.is_nan() {
        out.push_str("NaN");
        return true;
    }
    if value.is_infinite() {
        out.push_str(if value > 0.0 { "INF" } else { "-INF" });
        return true;
    }
    write!(out, "{shortest:?}").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untyped(text: &str) -> Value {
        Value::Untyped(text.to_owned())
    }

    #[test]
    fn writes_scalars_as_key_text() {
        let texts = [
            (Value::from(true), "true"),
            (Value::from(-5i8), "-5"),
            (Value::from(0u8), "0"),
            (Value::from(10u16), "10"),
            (Value::from(-32_768i16), "-32768"),
            (Value::from(4_294_967_295u32), "4294967295"),
            (Value::from(-2_147_483_648i32), "-2147483648"),
            (Value::from(u64::MAX), "18446744073709551615"),
            (Value::from(i64::MIN), "-9223372036854775808"),
            (Value::from(0.1f32), "0.1"),
            (Value::from(1e16f64), "1e16"),
            (Value::from(f64::NEG_INFINITY), "-INF"),
            (Value::from(f32::NAN), "NaN"),
            (Value::from(" a\\"), " a\\"),
            (Value::Char16(65), "A"),
            (Value::Char16(0xd800), "55296"),
            (Value::Char16(5), "05"),
        ];
        for (value, text) in texts {
            assert_eq!(value.key_text().as_deref(), Some(text));
        }
        for other in [Value::Null, Value::octets([1]), Value::from(vec!["a"])] {
            assert_eq!(other.key_text(), None);
        }
    }

    #[test]
    fn only_numbers_and_booleans_push_text() {
        let mut out = String::from("<");
        assert!(Value::from(1.5f32).push_text(&mut out));
        assert!(!Value::from("a").push_text(&mut out) && !Value::Null.push_text(&mut out));
        assert_eq!(out, "<1.5");
    }

    #[test]
    fn compares_keys_by_their_text_or_parsed_value() {
        let same = [
            (Value::from(5u8), Value::from(5i64)),
            (Value::from(5u8), untyped("+05")),
            (Value::from(true), untyped("TRUE")),
            (Value::from(0.1f32), Value::from(0.1f64)),
            (Value::from("a"), untyped("a")),
            (Value::Char16(65), untyped("65")),
            (
                InstancePath::new("A").with_key("K", 1u8).into(),
                Value::from("a.k=1"),
            ),
        ];
        for (a, b) in same {
            assert!(a.same_key_value(&b) && b.same_key_value(&a), "{a:?} {b:?}");
        }
        let other = [
            (Value::from("a"), untyped("A")),
            (Value::from(5u8), untyped("5 and more")),
            (Value::Null, Value::Null),
            (InstancePath::new("A").into(), Value::from("B")),
            (InstancePath::new("A").into(), Value::from(true)),
        ];
        for (a, b) in other {
            assert!(
                !a.same_key_value(&b) && !b.same_key_value(&a),
                "{a:?} {b:?}"
            );
        }
    }

    #[test]
    fn describes_values_briefly_in_errors() {
        assert_eq!(Value::Null.describe(), "NULL");
        assert_eq!(Value::from(vec![1u8, 2]).describe(), "an array of 2");
        assert_eq!(Value::octets([1]).describe(), "an octet string");
    }
}
