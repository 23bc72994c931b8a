//! The time in a `Date` header (RFC 9110 5.6.7).

use crate::calendar::seconds_since_epoch;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Parses a date into seconds since 1970-01-01; `None` for anything else. A recipient must accept three
/// forms: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
/// `Sun Nov  6 08:49:37 1994`.
pub(crate) fn seconds_of_http_date(text: &str) -> Option<i64> {
    let text = text.trim();
    let words: Vec<&str> = match text.split_once(", ") {
        Some((_, date)) => date.split([' ', '-']).collect(),
        None => text.split(' ').filter(|word| !word.is_empty()).collect(),
    };
    let (day, month, year, clock) = match words[..] {
        [day, month, year, clock, "GMT"] => (day, month, year, clock),
        [_weekday, month, day, clock, year] => (day, month, year, clock),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = u16::try_from(month).ok()? + 1;
    let mut clock = clock.split(':').map(str::parse::<u8>);
    let mut next = || clock.next()?.ok();
    let time = [next()?, next()?, next()?];
    seconds_since_epoch([year_of(year)?, month, day.parse().ok()?], time)
}

/// Parses a year, which has two digits in the form of RFC 850: those of 1970 to 2069.
fn year_of(text: &str) -> Option<u16> {
    let year = text.parse().ok()?;
    Some(match (text.len(), year) {
        (2, 70..) => year + 1900,
        (2, _) => year + 2000,
        _ => year,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        let seconds = seconds_of_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds, Some(784_111_777));
        let obsolete = "Sunday, 06-Nov-94 08:49:37 GMT";
        assert_eq!(seconds_of_http_date(obsolete), seconds);
        assert_eq!(seconds_of_http_date("Sun Nov  6 08:49:37 1994"), seconds);
        let later = "Wednesday, 06-Nov-30 08:49:37 GMT";
        assert_eq!(seconds_of_http_date(later), Some(1_920_185_377));
        assert_eq!(
            seconds_of_http_date("Thu, 01 Jan 1970 00:00:00 GMT"),
            Some(0)
        );
    }

    #[test]
    fn rejects_an_invalid_date() {
        for wrong in [
            "",
            "Sun, 06 Nov 1994",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 99999999 08:49:37 GMT",
            "784111777",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sunday, 06-Nov-9x 08:49:37 GMT",
            "Sun Nov  6 08:49 1994",
        ] {
            assert_eq!(seconds_of_http_date(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            let _seconds = seconds_of_http_date(&text);
        }
    }
}
