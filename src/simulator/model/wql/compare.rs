//! Compares a value of an instance with a value of a query.

use std::cmp::Ordering;
use std::time::{Duration, SystemTime};

use crate::cim::{DateTime, Value};
use crate::simulator::model::wql::Syntax;

/// A value in a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Integer(i128),
    Real(f64),
    Boolean(bool),
    Null,
}

/// A number, an integer as long as possible.
#[derive(Clone, Copy, Debug)]
enum Number {
    Integer(i128),
    Real(f64),
}

impl Literal {
    pub(super) fn number(text: &str) -> Option<Self> {
        Some(match Number::parse(text)? {
            Number::Integer(number) => Literal::Integer(number),
            Number::Real(number) => Literal::Real(number),
        })
    }

    pub(super) fn as_real(&self) -> Option<f64> {
        self.as_number().map(Number::to_real)
    }

    fn as_number(&self) -> Option<Number> {
        match self {
            Literal::Text(text) => Number::parse(text.trim()),
            Literal::Integer(number) => Some(Number::Integer(*number)),
            Literal::Real(number) => Some(Number::Real(*number)),
            Literal::Boolean(flag) => Some(Number::Integer(i128::from(*flag))),
            Literal::Null => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Literal::Boolean(flag) => Some(*flag),
            Literal::Integer(number) => Some(*number != 0),
            Literal::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Literal::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn as_text(&self) -> Option<String> {
        match self {
            Literal::Text(text) => Some(text.clone()),
            Literal::Integer(number) => Some(number.to_string()),
            Literal::Real(number) => Some(number.to_string()),
            Literal::Boolean(flag) => Some(flag.to_string()),
            Literal::Null => None,
        }
    }

    fn as_datetime(&self) -> Option<DateTime> {
        match self {
            Literal::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Compares a value with a literal; `None` if they are not comparable, as NULL never is.
pub(super) fn compare(value: &Value, literal: &Literal, syntax: Syntax) -> Option<Ordering> {
    if syntax == Syntax::Sfcb {
        return compare_exactly(value, literal);
    }
    match value {
        Value::Boolean(flag) => Some(flag.cmp(&literal.as_boolean()?)),
        Value::DateTime(datetime) => compare_datetimes(datetime, &literal.as_datetime()?),
        Value::Char16(unit) => compare_char16(*unit, literal),
        Value::String(text) | Value::Untyped(text) => {
            Some(compare_texts(text, &literal.as_text()?))
        }
        // Paths are equal or not; they have no order.
        Value::Reference(_) => {
            if value.same_key_value(&Value::Untyped(literal.as_text()?)) {
                Some(Ordering::Equal)
            } else {
                Some(Ordering::Less)
            }
        }
        value => Number::of(value)?.compare(literal.as_number()?),
    }
}

/// Compares as sfcb does: texts with case, and never values of different kinds.
fn compare_exactly(value: &Value, literal: &Literal) -> Option<Ordering> {
    let is_text = matches!(literal, Literal::Text(_));
    match value {
        Value::String(text) | Value::Untyped(text) if is_text => {
            Some(text.cmp(&literal.as_text()?))
        }
        Value::Boolean(_) if !matches!(literal, Literal::Boolean(_)) => None,
        Value::DateTime(_) | Value::Char16(_) | Value::Reference(_) if is_text => {
            compare(value, literal, Syntax::Wmi)
        }
        Value::String(_) | Value::Untyped(_) => None,
        Value::DateTime(_) | Value::Char16(_) | Value::Reference(_) => None,
        _ if is_text => None,
        _ => compare(value, literal, Syntax::Wmi),
    }
}

/// Compares texts without case, as WMI does.
fn compare_texts(a: &str, b: &str) -> Ordering {
    let a = a.chars().flat_map(char::to_lowercase);
    a.cmp(b.chars().flat_map(char::to_lowercase))
}

/// Compares a code unit by its number, or by its character.
fn compare_char16(unit: u16, literal: &Literal) -> Option<Ordering> {
    match literal {
        Literal::Text(text) => {
            let mut units = text.encode_utf16();
            match (units.next(), units.next()) {
                (Some(other), None) => Some(unit.cmp(&other)),
                _ => None,
            }
        }
        literal => Number::Integer(i128::from(unit)).compare(literal.as_number()?),
    }
}

/// Compares points in time by the moment, and intervals by length. Values with wildcards are equal
/// or not comparable.
fn compare_datetimes(a: &DateTime, b: &DateTime) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    match (a, b) {
        (DateTime::Timestamp(a), DateTime::Timestamp(b)) => {
            let (a, b) = (SystemTime::try_from(*a), SystemTime::try_from(*b));
            Some(a.ok()?.cmp(&b.ok()?))
        }
        (DateTime::Interval(a), DateTime::Interval(b)) => {
            let (a, b) = (Duration::try_from(*a), Duration::try_from(*b));
            Some(a.ok()?.cmp(&b.ok()?))
        }
        _ => None,
    }
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(number) => Some(Number::Integer(number)),
            Err(_) => text
                .parse()
                .ok()
                .filter(|real: &f64| real.is_finite())
                .map(Number::Real),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        Some(Number::Integer(match value {
            Value::Uint8(n) => i128::from(*n),
            Value::Sint8(n) => i128::from(*n),
            Value::Uint16(n) => i128::from(*n),
            Value::Sint16(n) => i128::from(*n),
            Value::Uint32(n) => i128::from(*n),
            Value::Sint32(n) => i128::from(*n),
            Value::Uint64(n) => i128::from(*n),
            Value::Sint64(n) => i128::from(*n),
            // Uses the shortest text of a real32, which is the intended number: 0.1, not
            // 0.10000000149.
            Value::Real32(n) => return n.to_string().parse().ok().map(Number::Real),
            Value::Real64(n) => return Some(Number::Real(*n)),
            _ => return None,
        }))
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => Some(a.cmp(&b)),
            (a, b) => a.to_real().partial_cmp(&b.to_real()),
        }
    }

    fn to_real(self) -> f64 {
        match self {
            Number::Integer(number) => number as f64,
            Number::Real(number) => number,
        }
    }
}
