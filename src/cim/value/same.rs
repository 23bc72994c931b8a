//! Compares keys that servers spell differently.

use std::time::{Duration, SystemTime};

use super::read::FromText;
use crate::cim::{DateTime, InstancePath, Value};

impl Value {
    /// Returns whether two keys mean the same value in any server's spelling. Text is compared without
    /// case (MS-WSMV 3.1.4.1.2) and without trailing white space, numbers and booleans by value,
    /// datetimes by moment, and references by target.
    ///
    /// An untyped text beside another may be a number, a boolean or a datetime. A string is read as one
    /// of these only beside a value of that type.
    pub(crate) fn means_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Reference(a), Value::Reference(b)) => a.same_instance(b),
            (Value::Reference(path), text) | (text, Value::Reference(path)) => {
                let read = text.as_str().map(str::parse::<InstancePath>);
                read.is_some_and(|read| read.is_ok_and(|read| read.same_instance(path)))
            }
            (Value::Untyped(a), Value::Untyped(b)) => {
                same_text(a, b) || same_moment_text(a, b) || same_boolean(a, b) || same_number(a, b)
            }
            (Value::Untyped(a) | Value::String(a), Value::Untyped(b) | Value::String(b)) => {
                same_text(a, b) || same_moment_text(a, b)
            }
            (Value::Untyped(text) | Value::String(text), typed)
            | (typed, Value::Untyped(text) | Value::String(text)) => {
                let read = typed.cim_type().and_then(|own| Value::of_text(text, own));
                read.is_some_and(|read| read.same_typed(typed)) || self.same_key_value(other)
            }
            (a, b) => a.same_typed(b),
        }
    }

    fn same_typed(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::DateTime(a), Value::DateTime(b)) => same_moment(a, b),
            (a, b) => {
                let same_real = || a.real().is_some_and(|real| b.real() == Some(real));
                a.same_key_value(b) || same_real()
            }
        }
    }
}

/// Folds the case of a text (Unicode, one character at a time).
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    // Converts to capitals first, so that ß and ẞ are SS and every sigma is the same.
    let lower = text.chars().flat_map(char::to_lowercase);
    let upper = lower.flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase)
}

fn same_text(a: &str, b: &str) -> bool {
    folded(a.trim_end()).eq(folded(b.trim_end()))
}

fn same_boolean(a: &str, b: &str) -> bool {
    let (a, b) = (bool::from_text(a), bool::from_text(b));
    a.is_some() && a == b
}

fn same_number(a: &str, b: &str) -> bool {
    match (a.trim().parse::<i128>(), b.trim().parse::<i128>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => {
            let (a, b) = (f64::from_text(a), f64::from_text(b));
            a.is_some() && a == b
        }
    }
}

fn same_moment_text(a: &str, b: &str) -> bool {
    match (DateTime::from_text(a), DateTime::from_text(b)) {
        (Some(a), Some(b)) => same_moment(&a, &b),
        _ => false,
    }
}

/// Compares moments. A datetime with wildcards only matches an equal one.
fn same_moment(a: &DateTime, b: &DateTime) -> bool {
    match (a, b) {
        (a, b) if a == b => true,
        (DateTime::Timestamp(a), DateTime::Timestamp(b)) => {
            let (a, b) = (SystemTime::try_from(*a), SystemTime::try_from(*b));
            matches!((a, b), (Ok(a), Ok(b)) if a == b)
        }
        (DateTime::Interval(a), DateTime::Interval(b)) => {
            let (a, b) = (Duration::try_from(*a), Duration::try_from(*b));
            matches!((a, b), (Ok(a), Ok(b)) if a == b)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untyped(text: &str) -> Value {
        Value::Untyped(text.to_owned())
    }

    fn moment(text: &str) -> Value {
        Value::DateTime(text.parse().unwrap())
    }

    #[test]
    fn matches_different_spellings_of_one_value() {
        for (a, b) in [
            (untyped("1"), untyped("true")),
            (untyped("FALSE"), untyped("0")),
            (untyped("7"), untyped("07")),
            (untyped("+7"), untyped(" 7 ")),
            (untyped("1.50"), untyped("1.5")),
            (untyped("1e3"), untyped("1000")),
            (untyped("{ABC}"), untyped("{abc}")),
            (untyped("logs "), untyped("LOGS")),
            (untyped("PC\\Ops Ünï"), untyped("pc\\OPS ÜNÏ")),
            (untyped("Straße"), Value::from("STRASSE")),
            (untyped("ΣΊΣΥΦΟΣ"), untyped("σίσυφος")),
            (Value::from("a"), Value::from("A ")),
            (Value::from(7u32), untyped("007")),
            (Value::from(7u32), Value::from(7i64)),
            (Value::from(2u8), Value::from(2.0f64)),
            (Value::from(0.1f32), Value::from(0.1f64)),
            (Value::from(true), untyped("1")),
            (Value::from(true), Value::from("TRUE")),
            (Value::Char16(65), untyped("65")),
            (
                untyped("20240229123456.000000+060"),
                untyped("2024-02-29T11:34:56Z"),
            ),
            (
                moment("20240229123456.000000+060"),
                moment("2024-02-29T11:34:56Z"),
            ),
            (moment("PT60S"), untyped("PT1M")),
            (moment("P1D"), Value::from("00000001000000.000000:000")),
            (moment("20240229******.******+000"), moment("2024-02-29Z")),
            (
                InstancePath::new("A").with_key("K", "x").into(),
                untyped(r#"\\PC\root\a:a.k="X""#),
            ),
        ] {
            assert!(a.means_same(&b) && b.means_same(&a), "{a:?} {b:?}");
        }
    }

    #[test]
    fn rejects_different_values() {
        for (a, b) in [
            (untyped("a"), untyped("b")),
            (untyped(" a"), untyped("a")),
            (untyped("1"), untyped("2")),
            (untyped("2"), untyped("true")),
            (Value::from("07"), Value::from("7")),
            (Value::from("1"), untyped("true")),
            (untyped("9007199254740992"), untyped("9007199254740993")),
            (Value::from(u64::MAX), Value::from(-1i64)),
            (Value::from(true), Value::from(1u8)),
            (Value::from(true), untyped("no")),
            (Value::Null, Value::Null),
            (Value::Null, untyped("")),
            (
                untyped("20240229123456.000000+060"),
                untyped("2024-02-29T12:34:56Z"),
            ),
            (
                moment("20240229******.******+000"),
                moment("2024-02-29T00:00:00Z"),
            ),
            (moment("PT0S"), moment("1970-01-01T00:00:00Z")),
            (
                InstancePath::new("A").with_key("K", "x").into(),
                untyped("A.K=\"y\""),
            ),
            (InstancePath::new("A").into(), untyped("B")),
        ] {
            assert!(!a.means_same(&b) && !b.means_same(&a), "{a:?} {b:?}");
        }
    }
}
