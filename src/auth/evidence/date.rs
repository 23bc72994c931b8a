//! The time in a `Date` header (RFC 9110 5.6.7).

use crate::calendar::seconds_since_epoch;

/// Parses the form that servers must send, such as `Sun, 06 Nov 1994 08:49:37 GMT`, into seconds
/// since 1970-01-01; `None` for anything else.
pub(crate) fn seconds_of_http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = text.trim().split_once(", ")?;
    let mut words = date.split(' ');
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let year = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<u8>);
    let mut next = || clock.next()?.ok();
    let time = [next()?, next()?, next()?];
    seconds_since_epoch([year, u16::try_from(month).ok()? + 1, day], time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        let seconds = seconds_of_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds, Some(784_111_777));
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
