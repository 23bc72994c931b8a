//! The CIM type `datetime`: a point in time or an interval (DSP0004 5.2.4).

mod field;
mod interval;
mod micros;
mod scan;
mod std_time;
mod text;
mod timestamp;
mod xs;

use std::fmt;
use std::str::FromStr;

use super::error::ValueError;
pub use interval::{Interval, IntervalFields};
pub use timestamp::{Timestamp, TimestampFields};

/// A value of the CIM type `datetime`: a point in time or an interval (DSP0004 5.2.4).
///
/// Exhaustive: the type has these two forms, so a `match` needs no wildcard.
///
/// Parses every form that servers send: the 25 characters of CIM, `xs:dateTime`, `xs:date`,
/// `xs:duration` and the bare `0` that Intel AMT sends for an interval. Prints the 25 characters of
/// CIM, with `*` for unknown digits.
///
/// Equality compares the fields: `+000` and `+060` differ even where both name the same moment.
///
/// ```
/// use wsman::cim::DateTime;
///
/// let boot: DateTime = "2013-04-15T16:28:43.488171Z".parse()?;
/// assert_eq!(boot.to_string(), "20130415162843.488171+000");
/// assert_eq!(boot, "20130415162843.488171+000".parse()?);
///
/// let uptime: DateTime = "P1DT2H3M4.5S".parse()?;
/// assert_eq!(uptime.to_string(), "00000001020304.500000:000");
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateTime {
    /// A point in time.
    Timestamp(Timestamp),
    /// An interval.
    Interval(Interval),
}

impl DateTime {
    /// Returns whether this is an interval.
    pub const fn is_interval(&self) -> bool {
        matches!(self, DateTime::Interval(_))
    }

    /// Returns whether any field or any microsecond digit is unknown.
    pub fn has_wildcards(&self) -> bool {
        match self {
            DateTime::Timestamp(timestamp) => timestamp.has_wildcards(),
            DateTime::Interval(interval) => interval.has_wildcards(),
        }
    }

    /// Returns the text in XML Schema: an `xs:dateTime` or an `xs:duration`.
    ///
    /// Returns `None` if there are wildcards, or if the offset exceeds the 14 hours of XML Schema. Such
    /// a value has only the CIM text.
    ///
    /// ```
    /// use wsman::cim::{DateTime, Interval};
    ///
    /// let time: DateTime = "20130415162843.488000+120".parse()?;
    /// assert_eq!(time.to_xs().as_deref(), Some("2013-04-15T16:28:43.488+02:00"));
    /// assert_eq!(DateTime::from(Interval::ZERO).to_xs().as_deref(), Some("PT0S"));
    ///
    /// let day: DateTime = "20130415******.******+000".parse()?;
    /// assert_eq!(day.to_xs(), None);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    pub fn to_xs(&self) -> Option<String> {
        match self {
            DateTime::Timestamp(timestamp) => xs::from_timestamp(timestamp),
            DateTime::Interval(interval) => xs::from_interval(interval),
        }
    }
}

impl From<Timestamp> for DateTime {
    fn from(timestamp: Timestamp) -> Self {
        DateTime::Timestamp(timestamp)
    }
}

impl From<Interval> for DateTime {
    fn from(interval: Interval) -> Self {
        DateTime::Interval(interval)
    }
}

impl FromStr for DateTime {
    type Err = ValueError;

    /// Parses any of the forms listed at [`DateTime`]. Surrounding XML white space is ignored.
    ///
    /// # Errors
    ///
    /// Fails if the text has none of these forms, or if a field is out of its range.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let bare = text.trim_matches([' ', '\t', '\r', '\n']);
        text::read(bare)
            .or_else(|| xs::read(bare))
            .or_else(|| (bare == "0").then_some(Interval::ZERO.into()))
            .ok_or_else(|| ValueError::new(text, "a value of type datetime"))
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateTime::Timestamp(timestamp) => timestamp.fmt(f),
            DateTime::Interval(interval) => interval.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_small() {
        assert!(size_of::<DateTime>() <= 24, "{}", size_of::<DateTime>());
    }

    #[test]
    fn parses_every_form() {
        for (text, cim) in [
            ("20130415162843.488171+000", "20130415162843.488171+000"),
            ("20130415162843.488***-060", "20130415162843.488***-060"),
            ("2013-04-15T16:28:43Z", "20130415162843.000000+000"),
            (
                "2013-04-15T16:28:43.4881719+05:30",
                "20130415162843.488171+330",
            ),
            ("2013-04-15T16:28:43.5-01:00", "20130415162843.500000-060"),
            ("2013-04-15T16:28:43", "20130415162843.000000+***"),
            ("2013-04-15T16:28:43+01:00", "20130415162843.000000+060"),
            ("2005-02-15Z", "20050215******.******+000"),
            ("2005-02-15", "20050215******.******+***"),
            ("00000001020304.000567:000", "00000001020304.000567:000"),
            ("********020304.******:000", "********020304.******:000"),
            ("P1DT2H3M4.000567S", "00000001020304.000567:000"),
            (" PT0S\n", "00000000000000.000000:000"),
            ("0", "00000000000000.000000:000"),
        ] {
            let datetime: DateTime = text.parse().unwrap();
            assert_eq!(datetime.to_string(), cim, "{text}");
            assert_eq!(cim.parse::<DateTime>().unwrap(), datetime, "{text}");
        }
    }

    #[test]
    fn rejects_every_other_form() {
        for text in [
            "",
            "1",
            "*",
            "20130415162843.488171",
            "20130415162843.488171+0000",
            "20131315162843.488171+000",
            "20130230162843.488171+000",
            "2013041*162843.488171+000",
            "20130415162843.4*8171+000",
            "201304151628430488171+000",
            "+0130415162843.488171+000",
            "00000001020304.000567:001",
            "00000001240000.000000:000",
            "20130415162843.48817é+00",
            "2013041516284é.48817+000",
        ] {
            let error = text.parse::<DateTime>().unwrap_err();
            assert_eq!(error.wanted(), "a value of type datetime", "{text}");
        }
    }
}
