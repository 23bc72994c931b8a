//! The datetime form for an interval.

use std::fmt;

use super::ValueError;
use super::field::Field;
use super::micros::Micros;

/// The fields for creating an [`Interval`]; `None` is a wildcard.
///
/// Exhaustive: DSP0004 5.2.4 defines no other field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntervalFields {
    /// Days, 0 to 99999999.
    pub days: Option<u32>,
    /// Hours, 0 to 23.
    pub hours: Option<u8>,
    /// Minutes, 0 to 59.
    pub minutes: Option<u8>,
    /// Seconds, 0 to 59.
    pub seconds: Option<u8>,
    /// Microseconds, 0 to 999999.
    pub microseconds: Option<u32>,
}

/// An interval of time, in which any field may be a wildcard (DSP0004 5.2.4).
///
/// ```
/// use std::time::Duration;
/// use wsman::cim::Interval;
///
/// let interval = Interval::try_from(Duration::from_secs(90_061))?;
/// assert_eq!(interval.to_string(), "00000001010101.000000:000");
/// assert_eq!(Duration::try_from(interval)?.as_secs(), 90_061);
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    days: Field<u32>,
    micros: Micros,
    hours: Field<u8>,
    minutes: Field<u8>,
    seconds: Field<u8>,
}

impl Interval {
    /// The interval of length zero.
    pub const ZERO: Self = Self {
        days: Field::<u32>::ZERO,
        hours: Field::<u8>::ZERO,
        minutes: Field::<u8>::ZERO,
        seconds: Field::<u8>::ZERO,
        micros: Micros::ZERO,
    };

    /// Creates an interval from its fields.
    ///
    /// # Errors
    ///
    /// Fails if a field is out of its range.
    ///
    /// ```
    /// use wsman::cim::{Interval, IntervalFields};
    ///
    /// let days = IntervalFields { days: Some(30), ..IntervalFields::default() };
    /// assert_eq!(Interval::new(days)?.to_string(), "00000030******.******:000");
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn new(fields: IntervalFields) -> Result<Self, ValueError> {
        Ok(Self {
            days: Field::new(fields.days, 0..=99_999_999, "a number of days")?,
            hours: Field::new(fields.hours, 0..=23, "a number of hours")?,
            minutes: Field::new(fields.minutes, 0..=59, "a number of minutes")?,
            seconds: Field::new(fields.seconds, 0..=59, "a number of seconds")?,
            micros: Micros::new(fields.microseconds)?,
        })
    }

    /// Keeps at most the first `digits` of the six microsecond digits and makes the others wildcards.
    /// With 0, all are wildcards.
    #[must_use]
    pub fn with_microsecond_digits(self, digits: u8) -> Self {
        self.with_micros(self.micros.with_digits(digits))
    }

    pub(super) fn with_micros(self, micros: Micros) -> Self {
        Self { micros, ..self }
    }

    /// Days, 0 to 99999999.
    pub fn days(&self) -> Option<u32> {
        self.days.get()
    }

    /// Hours, 0 to 23.
    pub fn hours(&self) -> Option<u8> {
        self.hours.get()
    }

    /// Minutes, 0 to 59.
    pub fn minutes(&self) -> Option<u8> {
        self.minutes.get()
    }

    /// Seconds, 0 to 59.
    pub fn seconds(&self) -> Option<u8> {
        self.seconds.get()
    }

    /// Returns the microseconds, 0 to 999999. Unknown digits read as zero; `None` if all are unknown.
    pub fn microseconds(&self) -> Option<u32> {
        self.micros.get()
    }

    /// Returns how many of the six microsecond digits are known.
    pub fn microsecond_digits(&self) -> u8 {
        self.micros.digits()
    }

    pub(super) fn micros(&self) -> Micros {
        self.micros
    }

    /// Returns whether any field or any microsecond digit is unknown.
    pub fn has_wildcards(&self) -> bool {
        let small = [self.hours, self.minutes, self.seconds];
        self.days().is_none()
            || small.iter().any(|field| field.get().is_none())
            || self.micros.exact().is_none()
    }
}

impl fmt::Display for Interval {
    /// Writes the 25 characters of CIM: `ddddddddhhmmss.mmmmmm:000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.days.write(f, 8)?;
        for field in [self.hours, self.minutes, self.seconds] {
            field.write(f, 2)?;
        }
        write!(f, ".{}:000", self.micros)
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_fields_out_of_range() {
        let none = IntervalFields::default();
        for wrong in [
            IntervalFields {
                days: Some(100_000_000),
                ..none
            },
            IntervalFields {
                days: Some(u32::MAX),
                ..none
            },
            IntervalFields {
                hours: Some(24),
                ..none
            },
            IntervalFields {
                minutes: Some(60),
                ..none
            },
            IntervalFields {
                seconds: Some(60),
                ..none
            },
            IntervalFields {
                microseconds: Some(u32::MAX),
                ..none
            },
        ] {
            assert!(Interval::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn zero_has_no_wildcards_until_a_digit_is_cut() {
        assert_eq!(Interval::ZERO.to_string(), "00000000000000.000000:000");
        assert!(!Interval::ZERO.has_wildcards());
        let cut = Interval::ZERO.with_microsecond_digits(5);
        assert!(cut.has_wildcards());
        assert_eq!(cut.to_string(), "00000000000000.00000*:000");
    }
}
