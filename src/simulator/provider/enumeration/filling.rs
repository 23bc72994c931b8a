//! Rows that a slow provider finds one after the other.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// The rows found since the enumeration began, at a steady rate.
#[derive(Debug)]
pub(in crate::simulator) struct Filling {
    began: Instant,
    per_second: NonZeroU32,
    taken: u64,
}

impl Filling {
    pub(super) fn begin(per_second: NonZeroU32) -> Self {
        Self {
            began: Instant::now(),
            per_second,
            taken: 0,
        }
    }

    /// Returns how many rows were found and not taken yet.
    pub(in crate::simulator) fn found(&self) -> usize {
        let found =
            self.began.elapsed().as_nanos() * u128::from(self.per_second.get()) / NANOS_PER_SECOND;
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        usize::try_from(found.saturating_sub(self.taken)).unwrap_or(usize::MAX)
    }

    /// Takes rows that were found.
    pub(in crate::simulator) fn take(&mut self, rows: usize) {
        self.taken = self.taken.saturating_add(rows as u64);
    }

    /// Returns when there is a row to take.
    pub(super) fn next_at(&self) -> Instant {
        let nanos = (u128::from(self.taken) + 1) * NANOS_PER_SECOND;
        let nanos = nanos.div_ceil(u128::from(self.per_second.get()));
        self.began + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

const NANOS_PER_SECOND: u128 = 1_000_000_000;
