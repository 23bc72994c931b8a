//! Times and sizes with units.

use std::str::FromStr;
use std::time::Duration;

/// A time such as `30s`; without a unit, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

/// A size such as `500KB`; without a unit, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u32);

impl FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, unit) = split(text);
        let number: u32 = number
            .parse()
            .map_err(|_| "invalid time: expected a number and ms, s, m or h")?;
        let time = match unit {
            "ms" => Duration::from_millis(number.into()),
            "" | "s" => Duration::from_secs(number.into()),
            "m" => Duration::from_secs(u64::from(number) * 60),
            "h" => Duration::from_secs(u64::from(number) * 3600),
            _ => return Err("invalid time unit: expected ms, s, m or h"),
        };
        if time.is_zero() {
            Err("invalid time: must be greater than zero")
        } else {
            Ok(Self(time))
        }
    }
}

impl FromStr for Size {
    type Err = &'static str;

    /// Reads `KB` as 1024 bytes, as WinRM's `MaxEnvelopeSizekb` does.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, unit) = split(text);
        let number: u32 = number
            .parse()
            .map_err(|_| "invalid size: expected a number and B, KB or MB")?;
        let scale = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1024,
            "m" | "mb" | "mib" => 1024 * 1024,
            _ => return Err("invalid size unit: expected B, KB or MB"),
        };
        match number.checked_mul(scale) {
            Some(0) => Err("invalid size: must be greater than zero"),
            Some(bytes) => Ok(Self(bytes)),
            None => Err("invalid size: larger than 4 GB"),
        }
    }
}

fn split(text: &str) -> (&str, &str) {
    let unit_at = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(unit_at.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        let time = |text: &str| text.parse::<Time>().map(|time| time.0);
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(time("3h"), Ok(Duration::from_secs(10_800)));
        assert_eq!(time("7"), Ok(Duration::from_secs(7)));
        for wrong in ["", "s", "-1s", "1.5s", "3d", "0s", "99999999999s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_has_a_unit() {
        let size = |text: &str| text.parse::<Size>().map(|size| size.0);
        assert_eq!(size("500KB"), Ok(512_000));
        assert_eq!(size("512000"), Ok(512_000));
        assert_eq!(size("1mb"), Ok(1 << 20));
        for wrong in ["", "KB", "-1", "1.5MB", "1TB", "0", "5000MB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
