//! Days to seconds: what `Date` headers and certificates say of time.

/// The seconds from the first of January 1970 to a year, month and day with an hour, minute and second
/// of it, in UTC; `None` if there is no such time. A leap second counts as the second after it.
pub(crate) fn seconds_since_epoch(
    [year, month, day]: [u16; 3],
    [hour, minute, second]: [u8; 3],
) -> Option<i64> {
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && year <= 9999;
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !(is_date && is_time) {
        return None;
    }
    // A year that begins in March has its leap day at its end, and months of 153 days in five.
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = year - i64::from(month < 3);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = year * 365 + leap_days + ((month + 9) % 12 * 153 + 2) / 5 + day - 1 - EPOCH;
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some(days * 86_400 + seconds)
}

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_known() {
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
