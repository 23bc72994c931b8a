//! `KerberosTime` (RFC 4120 5.2.3): a moment in UTC, in whole seconds.

use std::time::{Duration, SystemTime};

use crate::auth::der::{Der, GENERALIZED_TIME, written};

const DAY: u64 = 86_400;

/// A moment, and its microseconds, as an authenticator tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Since 1970.
    pub(crate) seconds: u64,
    pub(crate) microseconds: u32,
}

impl Stamp {
    /// The same so many seconds later, as another clock shows it.
    pub(crate) fn shifted(self, seconds: i64) -> Option<Self> {
        let seconds = self.seconds.checked_add_signed(seconds)?;
        // No year of five digits.
        (seconds < 253_402_300_800).then_some(Self { seconds, ..self })
    }

    /// That of a moment; one before 1970 is none that a clock shows.
    pub(crate) fn of(moment: SystemTime) -> Self {
        let since = moment.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or(Duration::ZERO);
        Self {
            seconds: since.as_secs(),
            microseconds: since.subsec_micros(),
        }
    }
}

/// A moment, in seconds since 1970.
pub(crate) fn time(seconds: u64) -> Vec<u8> {
    let (year, month, day) = date_of(seconds / DAY);
    let rest = seconds % DAY;
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    written(GENERALIZED_TIME, &[text.as_bytes()])
}

/// The next element, as seconds since 1970.
pub(crate) fn read_time(der: &mut Der<'_>) -> Option<u64> {
    let text = der.next_of(GENERALIZED_TIME)?.content;
    let [digits @ .., b'Z'] = text else {
        return None;
    };
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = std::str::from_utf8(digits.get(from..to)?).ok()?;
        digits.parse::<u64>().ok()
    };
    let days = days_of(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days * DAY + hour * 3600 + minute * 60 + second)
}

/// The year, month and day that lie so many days after 1970 began.
fn date_of(days: u64) -> (u64, u64, u64) {
    // Counted from March of the year 0, so that a leap day is the last day of its year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = match month {
        0..=9 => (month + 3, 0),
        _ => (month - 9, 1),
    };
    (era * 400 + year_of_era + next, month, day)
}

/// The reverse, from 1970 on.
fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = match month {
        3.. => (year, month - 3),
        _ => (year.checked_sub(1)?, month + 9),
    };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_were_written() {
        for (seconds, text) in [
            (0, &b"19700101000000Z"[..]),
            (951_782_400, b"20000229000000Z"),
            (1_795_000_000, b"20261118110640Z"),
            (4_102_444_799, b"20991231235959Z"),
        ] {
            let written = time(seconds);
            assert_eq!(&written[2..], text);
            assert_eq!(read_time(&mut Der(&written)), Some(seconds));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            &b"20260230T00000Z"[..],
            b"20261301000000Z",
            b"19690101000000Z",
            b"20260101240000Z",
            b"20260101000000",
            b"2026010100000\xFFZ",
            b"",
        ] {
            let element = written(GENERALIZED_TIME, &[text]);
            assert_eq!(read_time(&mut Der(&element)), None, "{text:?}");
        }
    }
}
