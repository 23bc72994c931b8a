//! The clocks and the random source of the simulated servers.

use std::time::{Instant, SystemTime};

use crate::auth::negotiate::Environment;

pub(super) fn environment() -> Environment {
    Environment {
        now: SystemTime::now,
        monotonic: Instant::now,
        fill: |bytes| getrandom::fill(bytes).is_ok(),
    }
}
