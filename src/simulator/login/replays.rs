//! Detects authenticators that were sent before (RFC 4120 3.2.3).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::auth::negotiate::kerberos::message::Authenticator;
use crate::auth::negotiate::kerberos::time::Stamp;

/// The allowed clock skew, in seconds.
pub(super) const SKEW: u64 = 5 * 60;

/// The limit of remembered authenticators. Beyond it the server refuses tickets, because it could not
/// tell a replay (RFC 4120 3.2.3).
const LIMIT: usize = 1 << 16;

/// The accepted authenticators that a replay could still use.
///
/// A server has one user, so that the time and the sequence number tell them apart. The time alone
/// does not: two connections can log in in the same microsecond.
#[derive(Debug)]
pub(super) struct Replays {
    used: Mutex<BTreeSet<(Stamp, u32)>>,
    limit: usize,
}

impl Default for Replays {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl Replays {
    fn with_limit(limit: usize) -> Self {
        Self {
            used: Mutex::default(),
            limit,
        }
    }

    /// Notes an authenticator whose time is within the clock skew; returns whether it is new.
    pub(super) fn is_new(&self, authenticator: &Authenticator, now: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // From then on they are refused for their time.
        let oldest = Stamp {
            seconds: now.saturating_sub(SKEW),
            microseconds: 0,
        };
        *used = used.split_off(&(oldest, 0));
        used.len() < self.limit && used.insert((authenticator.now, authenticator.sequence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::negotiate::kerberos::{NameKind, PrincipalName};

    const NOW: u64 = 1_795_000_000;

    fn authenticator(seconds: u64, microseconds: u32, sequence: u32) -> Authenticator {
        Authenticator {
            realm: "EXAMPLE.TEST".to_owned(),
            user: PrincipalName::new(NameKind::Principal, &["ops"]),
            checksum: (0, Vec::new()),
            now: Stamp {
                seconds,
                microseconds,
            },
            subkey: None,
            sequence,
        }
    }

    #[test]
    fn only_the_same_authenticator_is_a_replay() {
        let replays = Replays::default();
        let one = authenticator(NOW, 5, 77);
        assert!(replays.is_new(&one, NOW));
        for other in [
            authenticator(NOW, 5, 78),
            authenticator(NOW, 6, 77),
            authenticator(NOW + 1, 5, 77),
        ] {
            assert!(replays.is_new(&other, NOW));
            assert!(!replays.is_new(&other, NOW + SKEW));
        }
        assert!(!replays.is_new(&one, NOW));
        assert!(!replays.is_new(&one, NOW + SKEW));
    }

    #[test]
    fn memory_ends_with_the_clock_skew() {
        let replays = Replays::with_limit(2);
        assert!(replays.is_new(&authenticator(NOW, 0, 1), NOW));
        assert!(replays.is_new(&authenticator(NOW + SKEW, 0, 2), NOW));
        // Full: a replay could not be told.
        let third = authenticator(NOW + 1, 0, 3);
        assert!(!replays.is_new(&third, NOW + SKEW));
        // The first is refused for its time now, and needs no memory.
        assert!(replays.is_new(&third, NOW + SKEW + 1));
        assert!(!replays.is_new(&authenticator(NOW + SKEW, 0, 2), NOW + SKEW + 1));
    }
}
