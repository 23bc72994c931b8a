//! Conversions to and from the times of the standard library.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use super::micros::Micros;
use super::xs::from_seconds;
use super::{DateTime, Interval, Timestamp, TimestampFields, ValueError};
use crate::calendar::{date_of, days_since_epoch};

/// Creates the error of a datetime, which is the value of a property and not printed.
fn not(datetime: &impl Display, wanted: &str) -> ValueError {
    ValueError::of_kind(&datetime.to_string(), "a datetime".to_owned(), wanted)
}

impl TryFrom<Interval> for Duration {
    type Error = ValueError;

    /// # Errors
    ///
    /// Fails if the interval has wildcards.
    fn try_from(interval: Interval) -> Result<Self, ValueError> {
        duration_of(&interval).ok_or_else(|| not(&interval, "an interval without wildcards"))
    }
}

fn duration_of(interval: &Interval) -> Option<Duration> {
    let hours = u64::from(interval.days()?) * 24 + u64::from(interval.hours()?);
    let minutes = hours * 60 + u64::from(interval.minutes()?);
    let seconds = minutes * 60 + u64::from(interval.seconds()?);
    let micros = interval.micros().exact()?;
    Some(Duration::from_secs(seconds) + Duration::from_micros(micros.into()))
}

impl TryFrom<DateTime> for Duration {
    type Error = ValueError;

    /// # Errors
    ///
    /// Fails on a point in time, and on wildcards.
    fn try_from(datetime: DateTime) -> Result<Self, ValueError> {
        match datetime {
            DateTime::Interval(interval) => interval.try_into(),
            DateTime::Timestamp(_) => Err(not(&datetime, "an interval")),
        }
    }
}

impl TryFrom<Duration> for Interval {
    type Error = ValueError;

    /// Truncates to microseconds.
    ///
    /// # Errors
    ///
    /// Fails if the duration is longer than 99999999 days.
    fn try_from(duration: Duration) -> Result<Self, ValueError> {
        let micros = Micros::new(Some(duration.subsec_micros()))?;
        from_seconds(duration.as_secs())
            .map(|interval| interval.with_micros(micros))
            .ok_or_else(|| ValueError::new(format!("{duration:?}"), "at most 99999999 days"))
    }
}

impl TryFrom<Duration> for DateTime {
    type Error = ValueError;

    /// Truncates to microseconds.
    ///
    /// # Errors
    ///
    /// Fails if the duration is longer than 99999999 days.
    fn try_from(duration: Duration) -> Result<Self, ValueError> {
        Interval::try_from(duration).map(DateTime::Interval)
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = ValueError;

    /// # Errors
    ///
    /// Fails if the point in time has wildcards, or if the system's clock cannot represent it.
    fn try_from(timestamp: Timestamp) -> Result<Self, ValueError> {
        if timestamp.has_wildcards() {
            let wanted = "a point in time without wildcards";
            return Err(not(&timestamp, wanted));
        }
        system_time_of(&timestamp).ok_or_else(|| not(&timestamp, "a time of this system's clock"))
    }
}

fn system_time_of(timestamp: &Timestamp) -> Option<SystemTime> {
    let days = days_since_epoch(timestamp.year()?, timestamp.month()?, timestamp.day()?);
    let hours = days * 24 + i64::from(timestamp.hour()?);
    let minutes = hours * 60 + i64::from(timestamp.minute()?) - i64::from(timestamp.offset()?);
    let seconds = minutes * 60 + i64::from(timestamp.second()?);
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let second = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    second?.checked_add(Duration::from_micros(timestamp.micros().exact()?.into()))
}

impl TryFrom<DateTime> for SystemTime {
    type Error = ValueError;

    /// # Errors
    ///
    /// Fails on an interval, on wildcards, and on a time that the system's clock cannot represent.
    fn try_from(datetime: DateTime) -> Result<Self, ValueError> {
        match datetime {
            DateTime::Timestamp(timestamp) => timestamp.try_into(),
            DateTime::Interval(_) => Err(not(&datetime, "a point in time")),
        }
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = ValueError;

    /// Converts to UTC and truncates to microseconds.
    ///
    /// # Errors
    ///
    /// Fails if the year is not within 0 to 9999.
    fn try_from(time: SystemTime) -> Result<Self, ValueError> {
        timestamp_of(time)
            .ok_or_else(|| ValueError::new(format!("{time:?}"), "a time in the years 0 to 9999"))
    }
}

fn timestamp_of(time: SystemTime) -> Option<Timestamp> {
    let nanos = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).ok()?,
        Err(error) => -i128::try_from(error.duration().as_nanos()).ok()?,
    };
    // Always rounds towards the past, so that a time before 1970 is not rounded up.
    let micros = nanos.div_euclid(1000);
    let seconds = i64::try_from(micros.div_euclid(1_000_000)).ok()?;
    let (year, month, day) = date_of(seconds.div_euclid(86_400))?;
    let of_day = seconds.rem_euclid(86_400);
    let small = |number: i64| u8::try_from(number).ok();
    Timestamp::new(TimestampFields {
        year: Some(year),
        month: Some(month),
        day: Some(day),
        hour: Some(small(of_day / 3600)?),
        minute: Some(small(of_day / 60 % 60)?),
        second: Some(small(of_day % 60)?),
        microsecond: Some(u32::try_from(micros.rem_euclid(1_000_000)).ok()?),
        offset: Some(0),
    })
    .ok()
}

impl TryFrom<SystemTime> for DateTime {
    type Error = ValueError;

    /// Converts to UTC and truncates to microseconds.
    ///
    /// # Errors
    ///
    /// Fails if the year is not within 0 to 9999.
    fn try_from(time: SystemTime) -> Result<Self, ValueError> {
        Timestamp::try_from(time).map(DateTime::Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datetime(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn converts_a_duration_and_back() {
        let longest = datetime("99999999235959.999999:000");
        let duration = Duration::try_from(longest).unwrap();
        assert_eq!(duration.as_secs(), 99_999_999 * 86_400 + 86_399);
        assert_eq!(DateTime::try_from(duration).unwrap(), longest);
        assert!(Interval::try_from(duration + Duration::from_micros(1)).is_err());
        assert!(Interval::try_from(Duration::MAX).is_err());
        let cut = Interval::try_from(Duration::from_nanos(1_999)).unwrap();
        assert_eq!(cut.microseconds(), Some(1));
    }

    #[test]
    fn converts_a_system_time_and_back() {
        for (text, seconds) in [
            ("20010909014640.000000+000", 1_000_000_000),
            ("19700101010000.000000+060", 0),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(
                SystemTime::try_from(datetime(text)).unwrap(),
                time,
                "{text}"
            );
        }
        for text in [
            "20130415162843.488171+000",
            "19691231235959.999999+000",
            "16010101000000.000001+000",
        ] {
            let time = SystemTime::try_from(datetime(text)).unwrap();
            assert_eq!(DateTime::try_from(time).unwrap(), datetime(text));
        }
    }

    #[test]
    fn rejects_inexact_conversions() {
        for text in [
            "2005-02-15Z",
            "2005-02-15T00:00:00",
            "20130415162843.48817*+000",
            "PT0S",
        ] {
            assert!(SystemTime::try_from(datetime(text)).is_err(), "{text}");
        }
        for text in ["2013-04-15T16:28:43Z", "00000001******.******:000"] {
            assert!(Duration::try_from(datetime(text)).is_err(), "{text}");
        }
    }
}
