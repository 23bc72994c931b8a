//! `KerberosTime` (RFC 4120 5.2.3): a time in UTC, in whole seconds.

use std::time::{Duration, SystemTime};

use crate::auth::der::{Der, GENERALIZED_TIME, written};
use crate::calendar::{date_of, seconds_since_epoch};

const DAY: u64 = 86_400;

/// The last day with a year of four digits.
const LAST_DATE: (u16, u8, u8) = (9999, 12, 31);

/// A time with microseconds, as in an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    /// Since 1970.
    pub(crate) seconds: u64,
    pub(crate) microseconds: u32,
}

impl Stamp {
    /// Adds seconds, to convert to another clock.
    pub(crate) fn shifted(self, seconds: i64) -> Option<Self> {
        let seconds = self.seconds.checked_add_signed(seconds)?;
        // The year must have four digits.
        (seconds < 253_402_300_800).then_some(Self { seconds, ..self })
    }

    /// Converts a time; one before 1970 becomes 1970.
    pub(crate) fn of(moment: SystemTime) -> Self {
        let since = moment.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or(Duration::ZERO);
        Self {
            seconds: since.as_secs(),
            microseconds: since.subsec_micros(),
        }
    }
}

/// Encodes a time, in seconds since 1970.
pub(crate) fn time(seconds: u64) -> Vec<u8> {
    let days = i64::try_from(seconds / DAY).unwrap_or(i64::MAX);
    let (year, month, day) = date_of(days).unwrap_or(LAST_DATE);
    let rest = seconds % DAY;
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    written(GENERALIZED_TIME, &[text.as_bytes()])
}

/// Takes a time, in seconds since 1970.
pub(crate) fn read_time(der: &mut Der<'_>) -> Option<u64> {
    let text = der.next_of(GENERALIZED_TIME)?.content;
    let [digits @ .., b'Z'] = text else {
        return None;
    };
    if digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (date, time) = std::str::from_utf8(digits).ok()?.split_at_checked(8)?;
    let date: u32 = date.parse().ok()?;
    let time: u32 = time.parse().ok()?;
    let year = u16::try_from(date / 10_000).ok()?;
    let [month, day] = [date / 100 % 100, date % 100].map(pair);
    let [hour, minute, second] = [time / 10_000, time / 100 % 100, time % 100].map(pair);
    let seconds = seconds_since_epoch([year, month.into(), day.into()], [hour, minute, second])?;
    u64::try_from(seconds).ok()
}

/// Returns two digits of a number.
fn pair(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
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
    fn rejects_an_invalid_time() {
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
