//! Parses the 25 characters of CIM (DSP0004 5.2.4): `yyyymmddhhmmss.mmmmmmsutc` for a point in time,
//! `ddddddddhhmmss.mmmmmm:000` for an interval.

use super::micros::Micros;
use super::scan::{Scanner, decimal};
use super::{DateTime, Interval, IntervalFields, Timestamp, TimestampFields};

/// The length of both forms.
const LENGTH: usize = 25;

pub(super) fn read(text: &str) -> Option<DateTime> {
    if text.len() != LENGTH {
        return None;
    }
    match text.strip_suffix(":000") {
        Some(interval) => read_interval(interval).map(DateTime::Interval),
        None => read_timestamp(text).map(DateTime::Timestamp),
    }
}

fn read_timestamp(text: &str) -> Option<Timestamp> {
    let mut scanner = Scanner::new(text);
    let fields = TimestampFields {
        year: field(&mut scanner, 4)?,
        month: field(&mut scanner, 2)?,
        day: field(&mut scanner, 2)?,
        hour: field(&mut scanner, 2)?,
        minute: field(&mut scanner, 2)?,
        second: field(&mut scanner, 2)?,
        ..TimestampFields::default()
    };
    let micros = micros(&mut scanner)?;
    let offset = offset(&mut scanner)?;
    scanner.end()?;
    let timestamp = Timestamp::new(TimestampFields { offset, ..fields }).ok()?;
    Some(timestamp.with_micros(micros))
}

fn read_interval(text: &str) -> Option<Interval> {
    let mut scanner = Scanner::new(text);
    let fields = IntervalFields {
        days: field(&mut scanner, 8)?,
        hours: field(&mut scanner, 2)?,
        minutes: field(&mut scanner, 2)?,
        seconds: field(&mut scanner, 2)?,
        microseconds: None,
    };
    let micros = micros(&mut scanner)?;
    scanner.end()?;
    Some(Interval::new(fields).ok()?.with_micros(micros))
}

/// Reads a field of `width` digits, or of as many `*`.
fn field<T: TryFrom<u32>>(scanner: &mut Scanner<'_>, width: usize) -> Option<Option<T>> {
    let text = scanner.take(width)?;
    if text.bytes().all(|byte| byte == b'*') {
        return Some(None);
    }
    decimal(text).map(Some)
}

fn micros(scanner: &mut Scanner<'_>) -> Option<Micros> {
    scanner.literal('.')?;
    Micros::from_cim(scanner.take(6)?)
}

fn offset(scanner: &mut Scanner<'_>) -> Option<Option<i16>> {
    let sign = scanner.sign()?;
    let minutes: Option<i16> = field(scanner, 3)?;
    Some(minutes.map(|minutes| sign * minutes))
}
