//! The datetime form for a point in time.

use std::fmt;

use super::ValueError;
use super::field::Field;
use super::micros::Micros;
use crate::calendar::days_in_month;

/// The fields for creating a [`Timestamp`]; `None` is a wildcard.
///
/// Exhaustive: DSP0004 5.2.4 defines no other field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimestampFields {
    /// The year, 0 to 9999.
    pub year: Option<u16>,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month, from 1.
    pub day: Option<u8>,
    /// The hour, 0 to 23.
    pub hour: Option<u8>,
    /// The minute, 0 to 59.
    pub minute: Option<u8>,
    /// The second, 0 to 59.
    pub second: Option<u8>,
    /// The microsecond, 0 to 999999.
    pub microsecond: Option<u32>,
    /// Minutes ahead of UTC, -999 to 999.
    pub offset: Option<i16>,
}

/// A point in time, in which any field may be a wildcard (DSP0004 5.2.4).
///
/// The time is local: `offset` holds the minutes it is ahead of UTC.
///
/// ```
/// use wsman::cim::Timestamp;
///
/// let time = Timestamp::utc(2013, 4, 15, 16, 28, 43)?.with_microsecond(488_171)?;
/// assert_eq!(time.to_string(), "20130415162843.488171+000");
/// assert_eq!((time.year(), time.offset()), (Some(2013), Some(0)));
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    micros: Micros,
    year: Field<u16>,
    offset: Field<i16>,
    month: Field<u8>,
    day: Field<u8>,
    hour: Field<u8>,
    minute: Field<u8>,
    second: Field<u8>,
}

impl Timestamp {
    /// Creates a point in time from its fields.
    ///
    /// # Errors
    ///
    /// Fails if a field is out of its range or the month has no such day. Without a year, February has
    /// 29 days.
    ///
    /// ```
    /// use wsman::cim::{Timestamp, TimestampFields};
    ///
    /// let noon = TimestampFields { hour: Some(12), ..TimestampFields::default() };
    /// assert_eq!(Timestamp::new(noon)?.to_string(), "********12****.******+***");
    ///
    /// let error = Timestamp::utc(2013, 2, 29, 0, 0, 0).unwrap_err();
    /// assert_eq!(error.to_string(), "29 is not a day of the month from 1 to 28");
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn new(fields: TimestampFields) -> Result<Self, ValueError> {
        let month = Field::new(fields.month, 1..=12, "a month")?;
        let last_day = days_in_month(fields.year, fields.month);
        Ok(Self {
            year: Field::new(fields.year, 0..=9999, "a year")?,
            month,
            day: Field::new(fields.day, 1..=last_day, "a day of the month")?,
            hour: Field::new(fields.hour, 0..=23, "an hour")?,
            minute: Field::new(fields.minute, 0..=59, "a minute")?,
            second: Field::new(fields.second, 0..=59, "a second")?,
            micros: Micros::new(fields.microsecond)?,
            offset: offset_field(fields.offset)?,
        })
    }

    /// Creates a whole second in UTC.
    ///
    /// # Errors
    ///
    /// Fails if there is no such date or time.
    pub fn utc(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Result<Self, ValueError> {
        Self::new(TimestampFields {
            year: Some(year),
            month: Some(month),
            day: Some(day),
            hour: Some(hour),
            minute: Some(minute),
            second: Some(second),
            microsecond: Some(0),
            offset: Some(0),
        })
    }

    /// Returns the same date and time with an offset of `offset` minutes ahead of UTC, without
    /// conversion.
    ///
    /// # Errors
    ///
    /// Fails if the offset is not within -999 to 999.
    ///
    /// ```
    /// use wsman::cim::Timestamp;
    ///
    /// let time = Timestamp::utc(2013, 4, 15, 16, 28, 43)?.with_offset(-300)?;
    /// assert_eq!(time.to_string(), "20130415162843.000000-300");
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn with_offset(self, offset: i16) -> Result<Self, ValueError> {
        Ok(Self {
            offset: offset_field(Some(offset))?,
            ..self
        })
    }

    /// Returns the same second with this microsecond.
    ///
    /// # Errors
    ///
    /// Fails if the microsecond is not within 0 to 999999.
    pub fn with_microsecond(self, microsecond: u32) -> Result<Self, ValueError> {
        Ok(Self {
            micros: Micros::new(Some(microsecond))?,
            ..self
        })
    }

    /// Keeps at most the first `digits` of the six microsecond digits and makes the others wildcards.
    /// With 0, all are wildcards.
    ///
    /// ```
    /// use wsman::cim::Timestamp;
    ///
    /// let time = Timestamp::utc(2013, 4, 15, 16, 28, 43)?.with_microsecond(488_171)?;
    /// assert_eq!(time.with_microsecond_digits(3).to_string(), "20130415162843.488***+000");
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    #[must_use]
    pub fn with_microsecond_digits(self, digits: u8) -> Self {
        self.with_micros(self.micros.with_digits(digits))
    }

    pub(super) fn with_micros(self, micros: Micros) -> Self {
        Self { micros, ..self }
    }

    /// Returns the year, 0 to 9999.
    pub fn year(&self) -> Option<u16> {
        self.year.get()
    }

    /// Returns the month, 1 to 12.
    pub fn month(&self) -> Option<u8> {
        self.month.get()
    }

    /// Returns the day of the month, from 1.
    pub fn day(&self) -> Option<u8> {
        self.day.get()
    }

    /// Returns the hour, 0 to 23.
    pub fn hour(&self) -> Option<u8> {
        self.hour.get()
    }

    /// Returns the minute, 0 to 59.
    pub fn minute(&self) -> Option<u8> {
        self.minute.get()
    }

    /// Returns the second, 0 to 59.
    pub fn second(&self) -> Option<u8> {
        self.second.get()
    }

    /// Returns the microsecond, 0 to 999999. Unknown digits read as zero; `None` if all are unknown.
    pub fn microsecond(&self) -> Option<u32> {
        self.micros.get()
    }

    /// Returns how many of the six microsecond digits are known.
    pub fn microsecond_digits(&self) -> u8 {
        self.micros.digits()
    }

    /// Returns the minutes ahead of UTC, -999 to 999.
    pub fn offset(&self) -> Option<i16> {
        self.offset.get()
    }

    pub(super) fn micros(&self) -> Micros {
        self.micros
    }

    /// Returns whether any field or any microsecond digit is unknown.
    pub fn has_wildcards(&self) -> bool {
        let small = [self.month, self.day, self.hour, self.minute, self.second];
        self.year().is_none()
            || small.iter().any(|field| field.get().is_none())
            || self.micros.exact().is_none()
            || self.offset().is_none()
    }
}

fn offset_field(offset: Option<i16>) -> Result<Field<i16>, ValueError> {
    Field::new(offset, -999..=999, "an offset in minutes")
}

impl fmt::Display for Timestamp {
    /// Writes the 25 characters of CIM: `yyyymmddhhmmss.mmmmmmsutc`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.year.write(f, 4)?;
        for field in [self.month, self.day, self.hour, self.minute, self.second] {
            field.write(f, 2)?;
        }
        write!(f, ".{}", self.micros)?;
        match self.offset() {
            Some(offset) => write!(f, "{offset:+04}"),
            None => f.write_str("+***"),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_fields_out_of_range() {
        let none = TimestampFields::default();
        for wrong in [
            TimestampFields {
                year: Some(10_000),
                ..none
            },
            TimestampFields {
                year: Some(u16::MAX),
                ..none
            },
            TimestampFields {
                month: Some(0),
                ..none
            },
            TimestampFields {
                month: Some(13),
                ..none
            },
            TimestampFields {
                day: Some(0),
                ..none
            },
            TimestampFields {
                day: Some(32),
                ..none
            },
            TimestampFields {
                month: Some(2),
                day: Some(30),
                ..none
            },
            TimestampFields {
                hour: Some(24),
                ..none
            },
            TimestampFields {
                minute: Some(60),
                ..none
            },
            TimestampFields {
                second: Some(u8::MAX),
                ..none
            },
            TimestampFields {
                microsecond: Some(1_000_000),
                ..none
            },
            TimestampFields {
                offset: Some(1000),
                ..none
            },
            TimestampFields {
                offset: Some(i16::MIN),
                ..none
            },
        ] {
            assert!(Timestamp::new(wrong).is_err(), "{wrong:?}");
        }
        let leap_day = TimestampFields {
            month: Some(2),
            day: Some(29),
            ..none
        };
        assert!(Timestamp::new(leap_day).is_ok());
        assert!(
            Timestamp::new(TimestampFields {
                year: Some(2000),
                ..leap_day
            })
            .is_ok()
        );
        assert!(
            Timestamp::new(TimestampFields {
                year: Some(1900),
                ..leap_day
            })
            .is_err()
        );
    }

    #[test]
    fn treats_an_unknown_digit_as_a_wildcard() {
        let time = Timestamp::utc(2013, 4, 15, 16, 28, 43).unwrap();
        let time = time.with_microsecond(488_171).unwrap();
        assert!(!time.has_wildcards());
        let cut = time.with_microsecond_digits(2);
        assert!(cut.has_wildcards());
        assert_eq!(
            (cut.microsecond(), cut.microsecond_digits()),
            (Some(480_000), 2)
        );
        assert_eq!(time.with_microsecond_digits(0).microsecond(), None);
        assert_eq!(cut.with_microsecond_digits(6), cut);
    }
}
