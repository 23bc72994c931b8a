//! The lifetime of a subscription, and when to renew it.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::Terms;
use crate::protocol::Expires;

/// The lifetime of a subscription.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    ends: Instant,
    /// When to renew it.
    pub(super) due: Instant,
}

/// The shortest time between two messages that make or renew a subscription, whatever lifetime the
/// server grants.
pub(super) const SHORTEST_RENEWAL: Duration = Duration::from_secs(1);

/// The longest time in calculations, so that no clock overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Lifetime {
    /// Makes the lifetime that the server has just granted.
    ///
    /// It is renewed after two thirds, which leaves time for another attempt. A lifetime that is already
    /// over or unreadable is replaced by the requested one, because the clock of the server differs. It
    /// is then renewed no more often than events are pulled.
    pub(super) fn new(granted: Expires, terms: &Terms) -> Self {
        let (left, shortest) = match time_left(granted, terms.expires) {
            Some(left) => (left, SHORTEST_RENEWAL),
            None => (terms.expires, terms.max_latency.max(SHORTEST_RENEWAL)),
        };
        let left = left.min(LONGEST);
        let now = Instant::now();
        Self {
            ends: now + left,
            due: now + (left * 2 / 3).max(shortest.min(LONGEST)),
        }
    }

    /// Returns the same lifetime, to renew after half of the remaining time.
    pub(super) fn postponed(self) -> Self {
        let now = Instant::now();
        let left = self.ends.saturating_duration_since(now);
        Self {
            due: now + (left / 2).max(SHORTEST_RENEWAL),
            ..self
        }
    }
}

/// Returns how long a subscription lasts from now; `None` if it is over.
///
/// A point in time is of the server's clock, which may be ahead, so it is capped at the requested
/// lifetime.
fn time_left(granted: Expires, asked: Duration) -> Option<Duration> {
    let left = match granted {
        Expires::In(left) => left,
        Expires::At(time) => time.duration_since(SystemTime::now()).ok()?.min(asked),
        Expires::Unreadable => return None,
    };
    Some(left).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Duration = Duration::from_secs(600);

    fn terms(max_latency: Duration) -> Terms {
        Terms {
            expires: ASKED,
            max_latency,
            ..Terms::default()
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Returns the seconds until the renewal, rounded, because the system clock advances during the test.
    fn due(granted: Expires, terms: &Terms) -> u64 {
        let now = Instant::now();
        let due = Lifetime::new(granted, terms).due - now;
        (due + Duration::from_millis(500)).as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lifetime_is_renewed_after_two_thirds_and_never_within_a_second() {
        let terms = terms(seconds(1));
        for (granted, expected) in [
            (seconds(600), 400),
            (seconds(9), 6),
            (Duration::from_nanos(1), 1),
            (Duration::MAX, 365 * 24 * 60 * 60 * 2 / 3),
        ] {
            assert_eq!(due(Expires::In(granted), &terms), expected, "{granted:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lapsed_lifetime_counts_as_the_one_that_was_asked_for() {
        let now = SystemTime::now();
        let year = seconds(365 * 24 * 60 * 60);
        for granted in [
            Expires::In(Duration::ZERO),
            Expires::Unreadable,
            Expires::At(SystemTime::UNIX_EPOCH),
            Expires::At(now - seconds(3600)),
            Expires::At(now),
            // A clock that is ahead.
            Expires::At(now + seconds(3600)),
            Expires::At(now + year * 5000),
        ] {
            assert_eq!(due(granted, &terms(seconds(1))), 400, "{granted:?}");
        }
        let right = Expires::At(now + seconds(300));
        assert_eq!(due(right, &terms(seconds(1))), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lapsed_lifetime_is_renewed_no_faster_than_the_pace() {
        let short = |max_latency| Terms {
            expires: Duration::ZERO,
            ..terms(max_latency)
        };
        let lapsed = Expires::In(Duration::ZERO);
        assert_eq!(due(lapsed, &short(Duration::ZERO)), 1);
        assert_eq!(due(lapsed, &short(seconds(20))), 20);
        let year = 365 * 24 * 60 * 60;
        assert_eq!(due(lapsed, &short(Duration::MAX)), year);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_is_not_tried_again_within_a_second() {
        let mut lifetime = Lifetime::new(Expires::In(seconds(12)), &terms(seconds(1)));
        let mut waits = Vec::new();
        for _ in 0..5 {
            lifetime = lifetime.postponed();
            let wait = lifetime.due - Instant::now();
            waits.push(wait.as_millis());
            tokio::time::advance(wait).await;
        }
        assert_eq!(waits, [6000, 3000, 1500, 1000, 1000]);
    }
}
