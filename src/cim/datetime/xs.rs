//! The XML Schema forms `xs:dateTime`, `xs:date` and `xs:duration`.

use super::micros::Micros;
use super::scan::Scanner;
use super::{DateTime, Interval, IntervalFields, Timestamp, TimestampFields};

/// The largest offset of a time zone, in minutes.
const MAX_OFFSET: i16 = 14 * 60;

const DAY: u64 = 24 * 60 * 60;

pub(super) fn read(text: &str) -> Option<DateTime> {
    match text.strip_prefix('P') {
        Some(parts) => read_duration(parts).map(DateTime::Interval),
        None => read_date(text).map(DateTime::Timestamp),
    }
}

/// Parses a date, with an optional time.
fn read_date(text: &str) -> Option<Timestamp> {
    let mut scanner = Scanner::new(text);
    let mut fields = TimestampFields {
        year: Some(scanner.number(4)?),
        ..Default::default()
    };
    scanner.literal('-')?;
    fields.month = Some(scanner.number(2)?);
    scanner.literal('-')?;
    fields.day = Some(scanner.number(2)?);
    let mut micros = Micros::WILDCARD;
    if scanner.eat('T') {
        fields.hour = Some(scanner.number(2)?);
        scanner.literal(':')?;
        fields.minute = Some(scanner.number(2)?);
        scanner.literal(':')?;
        fields.second = Some(scanner.number(2)?);
        micros = fraction(&mut scanner)?;
    }
    fields.offset = zone(scanner.rest())?;
    Some(Timestamp::new(fields).ok()?.with_micros(micros))
}

/// Parses the optional fraction of a second.
fn fraction(scanner: &mut Scanner<'_>) -> Option<Micros> {
    if scanner.eat('.') {
        Micros::from_fraction(scanner.digits())
    } else {
        Some(Micros::ZERO)
    }
}

/// Parses a time zone in minutes; without one, the offset is a wildcard.
fn zone(text: &str) -> Option<Option<i16>> {
    match text {
        "" => return Some(None),
        "Z" => return Some(Some(0)),
        _ => (),
    }
    let mut scanner = Scanner::new(text);
    let sign = scanner.sign()?;
    let hours: i16 = scanner.number(2)?;
    scanner.literal(':')?;
    let minutes: i16 = scanner.number(2)?;
    scanner.end()?;
    let offset = hours * 60 + minutes;
    (minutes < 60 && offset <= MAX_OFFSET).then_some(Some(sign * offset))
}

/// Parses the part after the `P`: at least one component in this order, and at least one after a `T`.
/// OMI writes an interval of length zero as a `P` alone.
fn read_duration(text: &str) -> Option<Interval> {
    if text.is_empty() {
        return from_seconds(0);
    }
    let mut scanner = Scanner::new(text);
    let years = part(&mut scanner, 'Y');
    let months = part(&mut scanner, 'M');
    let days = part(&mut scanner, 'D');
    let (mut hours, mut minutes, mut seconds) = (None, None, None);
    if scanner.eat('T') {
        hours = part(&mut scanner, 'H');
        minutes = part(&mut scanner, 'M');
        seconds = part_with_fraction(&mut scanner);
        hours.or(minutes).or(seconds.map(|(whole, _)| whole))?;
    } else {
        years.or(months).or(days)?;
    }
    scanner.end()?;
    // The length of years and months in days depends on the date they are added to.
    if years.unwrap_or(0) > 0 || months.unwrap_or(0) > 0 {
        return None;
    }
    let (seconds, micros) = seconds.unwrap_or((0, Micros::ZERO));
    let total = [(days, DAY), (hours, 60 * 60), (minutes, 60)]
        .into_iter()
        .try_fold(seconds, |total, (count, unit)| {
            total.checked_add(count.unwrap_or(0).checked_mul(unit)?)
        })?;
    Some(from_seconds(total)?.with_micros(micros))
}

/// Reads a whole number before its unit; reads nothing if the unit differs.
fn part(scanner: &mut Scanner<'_>, unit: char) -> Option<u64> {
    let mut ahead = Scanner::new(scanner.rest());
    let number = ahead.digits().parse().ok()?;
    ahead.literal(unit)?;
    *scanner = Scanner::new(ahead.rest());
    Some(number)
}

/// Reads the seconds, the only component that may have a fraction.
fn part_with_fraction(scanner: &mut Scanner<'_>) -> Option<(u64, Micros)> {
    let whole = scanner.digits().parse().ok()?;
    let micros = fraction(scanner)?;
    scanner.literal('S')?;
    Some((whole, micros))
}

/// Returns an interval of whole seconds; fails if it has more days than CIM has digits for.
pub(super) fn from_seconds(total: u64) -> Option<Interval> {
    let small = |number: u64| u8::try_from(number).ok();
    Interval::new(IntervalFields {
        days: Some(u32::try_from(total / DAY).ok()?),
        hours: Some(small(total / 3600 % 24)?),
        minutes: Some(small(total / 60 % 60)?),
        seconds: Some(small(total % 60)?),
        microseconds: Some(0),
    })
    .ok()
}

/// The length of a date with all its components.
const LONGEST: usize = "2024-02-29T11:30:00.000001+01:00".len();

pub(super) fn from_timestamp(timestamp: &Timestamp) -> Option<String> {
    let offset = timestamp
        .offset()
        .filter(|offset| offset.abs() <= MAX_OFFSET)?;
    let mut text = String::with_capacity(LONGEST);
    push_digits(&mut text, 4, timestamp.year()?.into());
    for (mark, part) in [
        ('-', timestamp.month()?),
        ('-', timestamp.day()?),
        ('T', timestamp.hour()?),
        (':', timestamp.minute()?),
        (':', timestamp.second()?),
    ] {
        text.push(mark);
        push_digits(&mut text, 2, part.into());
    }
    text += &fraction_text(timestamp.micros())?;
    match offset.unsigned_abs() {
        0 => text.push('Z'),
        minutes => {
            text.push(if offset < 0 { '-' } else { '+' });
            push_digits(&mut text, 2, (minutes / 60).into());
            text.push(':');
            push_digits(&mut text, 2, (minutes % 60).into());
        }
    }
    Some(text)
}

pub(super) fn from_interval(interval: &Interval) -> Option<String> {
    let seconds = interval.seconds()?;
    let fraction = fraction_text(interval.micros())?;
    let part = |count: u32, unit| match count {
        0 => String::new(),
        _ => format!("{count}{unit}"),
    };
    let days = part(interval.days()?, 'D');
    let mut time = part(interval.hours()?.into(), 'H') + &part(interval.minutes()?.into(), 'M');
    if seconds > 0 || !fraction.is_empty() || (days.is_empty() && time.is_empty()) {
        time += &format!("{seconds}{fraction}S");
    }
    let mark = if time.is_empty() { "" } else { "T" };
    Some(format!("P{days}{mark}{time}"))
}

/// Writes a number with this many digits. `format!` takes ten times as long.
fn push_digits(text: &mut String, count: u32, number: u32) {
    let powers = (0..count).rev().map(|place| 10u32.pow(place));
    text.extend(powers.filter_map(|power| char::from_digit(number / power % 10, 10)));
}

/// Returns a fraction of a second with its point, without trailing zeros; `None` if a digit is unknown.
fn fraction_text(micros: Micros) -> Option<String> {
    let micros = micros.exact()?;
    if micros == 0 {
        return Some(String::new());
    }
    let digits = format!(".{micros:06}");
    Some(
        digits
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_a_duration() {
        for (text, normal) in [
            ("PT36H", "P1DT12H"),
            ("PT90061.5S", "P1DT1H1M1.5S"),
            ("P0Y0M2D", "P2D"),
            ("P0Y", "PT0S"),
            ("P", "PT0S"),
            ("PT0.25S", "PT0.25S"),
            ("P1DT2H3M4.000567S", "P1DT2H3M4.000567S"),
            ("P99999999DT23H59M59.999999S", "P99999999DT23H59M59.999999S"),
        ] {
            assert_eq!(
                read(text).unwrap().to_xs().as_deref(),
                Some(normal),
                "{text}"
            );
        }
    }

    #[test]
    fn rejects_durations_that_cim_cannot_express() {
        for text in [
            "PT",
            "P1DT",
            "P1Y",
            "P1M",
            "P1",
            "P1S",
            "PT1D",
            "PT1M1H",
            "PT.5S",
            "PT1.S",
            "PT1.5M",
            "-P1D",
            "P-1D",
            "P1Dé",
            "P100000000D",
            "P99999999DT24H",
            "PT18446744073709551616S",
            "P18446744073709551615D",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn trims_a_time_and_keeps_its_zone() {
        for text in [
            "2013-04-15T16:28:43.488171Z",
            "2013-04-15T16:28:43.5+14:00",
            "0000-02-29T00:00:00-00:01",
        ] {
            assert_eq!(read(text).unwrap().to_xs().as_deref(), Some(text));
        }
    }

    #[test]
    fn rejects_a_time_out_of_range() {
        for text in [
            "2013-04-31Z",
            "2013-4-1",
            "2013-04-15T",
            "2013-04-15T24:00:00Z",
            "2013-04-15T16:28Z",
            "2013-04-15T16:28:43.Z",
            "2013-04-15T16:28:43z",
            "2013-04-15T16:28:43+14:01",
            "2013-04-15T16:28:43+01:60",
            "2013-04-15T16:28:43+0100",
            "2013-04-15T16:28:43é",
            "12013-04-15",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
