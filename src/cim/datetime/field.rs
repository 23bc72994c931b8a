//! One field of a datetime: a number or a wildcard, stored in the size of the number.

use std::fmt;
use std::ops::RangeInclusive;

use super::ValueError;

/// A number type with one value (the largest, or the smallest for the offset) outside every field's
/// range. That value represents the wildcard.
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
    /// Validates the range of a field; `None` is a wildcard. `what` names the field in the error, such
    /// as "a month".
    #[inline]
    pub(super) fn new(
        value: Option<T>,
        range: RangeInclusive<T>,
        what: &str,
    ) -> Result<Self, ValueError> {
        match value {
            None => Ok(Self(T::WILDCARD)),
            Some(value) if range.contains(&value) => Ok(Self(value)),
            Some(value) => Err(out_of_range(value, &range, what)),
        }
    }

    pub(super) fn get(self) -> Option<T> {
        (self.0 != T::WILDCARD).then_some(self.0)
    }

    /// Writes the number with leading zeros, or a `*` for each digit.
    pub(super) fn write(self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        match self.get() {
            Some(value) => write!(f, "{value:0width$}"),
            None => write!(f, "{:*<width$}", ""),
        }
    }
}

#[cold]
fn out_of_range<T: Sentinel>(value: T, range: &RangeInclusive<T>, what: &str) -> ValueError {
    let wanted = format!("{what} from {} to {}", range.start(), range.end());
    ValueError::of_phrase(&value.to_string(), wanted)
}

impl Field<u8> {
    pub(super) const ZERO: Self = Self(0);
}

impl Field<u32> {
    pub(super) const ZERO: Self = Self(0);
}
