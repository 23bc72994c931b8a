//! The Gregorian calendar, also for the years before it was in use.

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;

/// How many days a month has; without a year, as many as in a leap year, and without a month, 31.
pub(super) fn days_in_month(year: Option<u16>, month: Option<u8>) -> u8 {
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

/// Days from the first of January 1970.
pub(super) fn days_since_epoch(year: u16, month: u8, day: u8) -> i64 {
    // A year that begins in March has its leap day at its end, and months of 153 days in five.
    let year = i64::from(year) - i64::from(month < 3);
    let month = (i64::from(month) + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(day) - 1 - EPOCH
}

/// The year, month and day that many days from the first of January 1970.
///
/// `None` before the year 0 and after 9999.
pub(super) fn date_of(days_since_epoch: i64) -> Option<(u16, u8, u8)> {
    let days = days_since_epoch.checked_add(EPOCH)?;
    // 400 years have the same number of days wherever they begin.
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
    fn every_day_of_cim_follows_the_one_before() {
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
    }
}
