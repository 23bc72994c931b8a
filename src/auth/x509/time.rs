//! The times in a certificate (RFC 5280 4.1.2.5).

use crate::auth::der::{Element, GENERALIZED_TIME};
use crate::calendar::seconds_since_epoch;

const UTC_TIME: u8 = 0x17;

/// Parses seconds since 1970-01-01; `None` if the form is not the one that certificates must have.
pub(super) fn seconds(time: &Element<'_>) -> Option<i64> {
    let digits = time.content.strip_suffix(b"Z")?;
    let (century, digits) = match time.tag {
        // Two-digit years mean 1950 to 2049.
        UTC_TIME if digits.first()? < &b'5' => (2000, digits),
        UTC_TIME => (1900, digits),
        GENERALIZED_TIME => {
            let (century, digits) = digits.split_at_checked(2)?;
            (u16::from(number(century)?) * 100, digits)
        }
        _ => return None,
    };
    let (pairs, rest) = digits.as_chunks::<2>();
    let [year, month, day, hour, minute, second] = pairs else {
        return None;
    };
    if !rest.is_empty() {
        return None;
    }
    let date = [
        century + u16::from(number(year)?),
        number(month)?.into(),
        number(day)?.into(),
    ];
    seconds_since_epoch(date, [number(hour)?, number(minute)?, number(second)?])
}

fn number(digits: &[u8]) -> Option<u8> {
    let are_digits = digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok()?;
    text.parse().ok().filter(|_| are_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Option<i64> {
        seconds(&Element {
            tag,
            content: text.as_bytes(),
            whole: &[],
        })
    }

    #[test]
    fn both_forms() {
        assert_eq!(read(UTC_TIME, "941106084937Z"), Some(784_111_777));
        assert_eq!(read(GENERALIZED_TIME, "19941106084937Z"), Some(784_111_777));
        assert_eq!(read(UTC_TIME, "491231000000Z"), Some(2_524_521_600));
        assert!(read(GENERALIZED_TIME, "99991231235959Z").is_some());
    }

    #[test]
    fn rejects_an_invalid_time() {
        for wrong in [
            "",
            "Z",
            "941106084937",
            "9411060849Z",
            "94110608493é",
            "+1110608493Z",
        ] {
            assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
            assert_eq!(read(GENERALIZED_TIME, wrong), None, "{wrong}");
        }
        assert_eq!(read(0x0C, "941106084937Z"), None);
    }
}
