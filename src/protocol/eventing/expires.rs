//! The expiration of a subscription.

use std::time::{Duration, SystemTime};

use crate::cim::DateTime;
use crate::protocol::header::parse_duration;

/// The expiration of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expires {
    In(Duration),
    At(SystemTime),
    /// Neither a valid duration nor a valid point in time, such as a negative duration.
    Unreadable,
}

impl Expires {
    /// Reads a duration or a point in time.
    pub(super) fn parse(text: &str) -> Self {
        if let Some(duration) = parse_duration(text) {
            return Expires::In(duration);
        }
        let time = text.parse::<DateTime>().ok();
        let time = time.and_then(|time| SystemTime::try_from(time).ok());
        time.map_or(Expires::Unreadable, Expires::At)
    }
}
