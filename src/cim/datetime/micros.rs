//! The microseconds of a datetime, of which only the first digits may be known.

use std::fmt;

use super::ValueError;
use super::scan::{all_digits, decimal};

/// The number of digits of microseconds.
const DIGITS: u8 = 6;

/// Microseconds with their number of significant digits. Further digits are zero in `value`, so that
/// equal texts are equal values.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Micros {
    value: u32,
    digits: u8,
}

impl Micros {
    pub(super) const ZERO: Self = Self {
        value: 0,
        digits: DIGITS,
    };
    pub(super) const WILDCARD: Self = Self {
        value: 0,
        digits: 0,
    };

    pub(super) fn new(value: Option<u32>) -> Result<Self, ValueError> {
        match value {
            None => Ok(Self::WILDCARD),
            Some(value) if value < 1_000_000 => Ok(Self {
                value,
                digits: DIGITS,
            }),
            Some(value) => Err(ValueError::of_phrase(
                &value.to_string(),
                "a microsecond from 0 to 999999",
            )),
        }
    }

    /// Parses a decimal fraction of a second and truncates it to microseconds.
    pub(super) fn from_fraction(text: &str) -> Option<Self> {
        let known = text.get(..usize::from(DIGITS)).unwrap_or(text);
        Self::from_known(known)
            .filter(|_| all_digits(text))
            .map(|value| Self {
                value,
                ..Self::ZERO
            })
    }

    /// Parses the six characters of CIM: digits, then `*`.
    pub(super) fn from_cim(text: &str) -> Option<Self> {
        let known = text.trim_end_matches('*');
        let digits = u8::try_from(known.len()).ok()?;
        match digits {
            0 => Some(Self::WILDCARD),
            _ => Some(Self {
                value: Self::from_known(known)?,
                digits,
            }),
        }
    }

    /// Parses the first one to six digits.
    fn from_known(digits: &str) -> Option<u32> {
        let missing = u32::from(DIGITS).checked_sub(u32::try_from(digits.len()).ok()?)?;
        decimal::<u32>(digits)?.checked_mul(10u32.pow(missing))
    }

    /// Keeps at most the first `digits` digits.
    pub(super) fn with_digits(self, digits: u8) -> Self {
        let digits = digits.min(self.digits);
        let unit = 10u32.pow(u32::from(DIGITS - digits));
        Self {
            value: self.value / unit * unit,
            digits,
        }
    }

    /// Returns the value if any digit of it is known.
    pub(super) fn get(self) -> Option<u32> {
        (self.digits > 0).then_some(self.value)
    }

    /// Returns the value if every digit of it is known.
    pub(super) fn exact(self) -> Option<u32> {
        (self.digits == DIGITS).then_some(self.value)
    }

    pub(super) fn digits(self) -> u8 {
        self.digits
    }
}

impl fmt::Display for Micros {
    /// Writes the six characters of CIM.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = usize::from(self.digits);
        let unknown = DIGITS - self.digits;
        if known > 0 {
            write!(f, "{:0known$}", self.value / 10u32.pow(u32::from(unknown)))?;
        }
        write!(f, "{:*<1$}", "", usize::from(unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncates_a_fraction_to_microseconds() {
        for (text, micros) in [
            ("5", 500_000),
            ("000567", 567),
            ("1234567", 123_456),
            ("99999999999", 999_999),
        ] {
            assert_eq!(
                Micros::from_fraction(text).unwrap().exact(),
                Some(micros),
                "{text}"
            );
        }
        for text in ["", "12345é", "123456é", "+1", "1 "] {
            assert!(Micros::from_fraction(text).is_none(), "{text}");
        }
    }

    #[test]
    fn writes_unknown_digits_as_stars() {
        let micros = Micros::new(Some(12_345)).unwrap();
        for (digits, text) in [(9, "012345"), (5, "01234*"), (1, "0*****"), (0, "******")] {
            let cut = micros.with_digits(digits);
            assert_eq!(cut.to_string(), text);
            assert!(Micros::from_cim(text) == Some(cut), "{text}");
        }
        assert!(Micros::from_cim("1*3***").is_none());
        assert!(Micros::new(Some(1_000_000)).is_err());
    }
}
