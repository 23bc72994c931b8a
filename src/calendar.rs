//! The Gregorian calendar, also for the years before it was in use.

/// The days from 1 March of the year 0 to 1 January 1970.
const EPOCH: i64 = 719_468;

/// The seconds of a day; leap seconds are not counted.
pub(crate) const SECONDS_OF_DAY: i64 = 86_400;

/// Returns the number of days of a month. Without a year, February has 29; without a month, the answer
/// is 31.
pub(crate) fn days_in_month(year: Option<u16>, month: Option<u8>) -> u8 {
    match month {
        Some(2) if year.is_none_or(is_leap) => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        _ => 31,
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Returns the days since 1 January 1970.
pub(crate) fn days_since_epoch(year: u16, month: u8, day: u8) -> i64 {
    // Counts the year from March: the leap day is then its last, and five months have 153 days.
    let year = i64::from(year) - i64::from(month < 3);
    let month = (i64::from(month) + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(day) - 1 - EPOCH
}

/// Returns the seconds from 1 January 1970 (UTC) to a date and time; `None` if the date or time is
/// invalid. A leap second counts as the first second of the next minute.
pub(crate) fn seconds_since_epoch(
    [year, month, day]: [u16; 3],
    [hour, minute, second]: [u8; 3],
) -> Option<i64> {
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && year <= 9999;
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !(is_date && is_time) {
        return None;
    }
    let days = days_since_epoch(year, month, day);
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some(days * SECONDS_OF_DAY + seconds)
}

/// Returns the year, month and day that lie this many days after 1 January 1970.
///
/// Returns `None` before the year 0 and after 9999.
pub(crate) fn date_of(days_since_epoch: i64) -> Option<(u16, u8, u8)> {
    let days = days_since_epoch.checked_add(EPOCH)?;
    // Any 400 consecutive years have the same number of days.
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month < 3);
    let year = u16::try_from(year).ok().filter(|year| *year <= 9999)?;
    Some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_every_day_in_order() {
        let mut days = -719_528;
        assert_eq!(date_of(days - 1), None);
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(Some(year), Some(month)) {
                    assert_eq!(days_since_epoch(year, month, day), days);
                    assert_eq!(date_of(days), Some((year, month, day)));
                    days += 1;
                }
            }
        }
        assert_eq!(date_of(days), None);
        assert_eq!(date_of(i64::MAX), None);
        assert_eq!(days_since_epoch(1970, 1, 1), 0);
        assert_eq!(date_of(20_818), Some((2026, 12, 31)));
    }

    #[test]
    fn counts_the_seconds_to_known_days() {
        let midnight = |date| seconds_since_epoch(date, [0; 3]);
        assert_eq!(midnight([1970, 1, 1]), Some(0));
        assert_eq!(midnight([2000, 2, 29]), Some(951_782_400));
        assert_eq!(midnight([2000, 3, 1]), Some(951_868_800));
        assert_eq!(midnight([2049, 12, 31]), Some(2_524_521_600));
        assert_eq!(
            seconds_since_epoch([2026, 11, 21], [7, 51, 19]),
            Some(1_795_247_479)
        );
        for none in [[2000, 0, 1], [2000, 13, 1], [2000, 1, 0], [2000, 1, 32]] {
            assert_eq!(midnight(none), None, "{none:?}");
        }
    }
}
