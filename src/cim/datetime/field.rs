//! One field of a datetime: a number or a wildcard, without the room that an `Option` takes.

use std::fmt;
use std::ops::RangeInclusive;

use super::ValueError;

/// A type whose largest (for the offset: smallest) number is out of every field's range, and so can
/// stand for the wildcard.
pub(super) trait Sentinel: Copy + PartialOrd + fmt::Display {
    const WILDCARD: Self;
}

impl Sentinel for u8 {
    const WILDCARD: Self = u8::MAX;
}

impl Sentinel for u16 {
    const WILDCARD: Self = u16::MAX;
}

impl Sentinel for u32 {
    const WILDCARD: Self = u32::MAX;
}

impl Sentinel for i16 {
    const WILDCARD: Self = i16::MIN;
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Field<T>(T);

impl<T: Sentinel> Field<T> {
    /// A field that is in its range, or a wildcard; `what` names it in the error, as in "a month".
    pub(super) fn new(
        value: Option<T>,
        range: RangeInclusive<T>,
        what: &str,
    ) -> Result<Self, ValueError> {
        match value {
            None => Ok(Self(T::WILDCARD)),
            Some(value) if range.contains(&value) => Ok(Self(value)),
            Some(value) => {
                let wanted = format!("{what} from {} to {}", range.start(), range.end());
                Err(ValueError::new(value.to_string(), wanted))
            }
        }
    }

    pub(super) fn get(self) -> Option<T> {
        (self.0 != T::WILDCARD).then_some(self.0)
    }

    /// Writes the number with leading zeros, or as many `*`.
    pub(super) fn write(self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        match self.get() {
            Some(value) => write!(f, "{value:0width$}"),
            None => write!(f, "{:*<width$}", ""),
        }
    }
}

impl Field<u8> {
    pub(super) const ZERO: Self = Self(0);
}

impl Field<u32> {
    pub(super) const ZERO: Self = Self(0);
}
