//! The clock and the random source of the simulated servers.

use std::time::SystemTime;

use crate::auth::negotiate::Environment;

pub(super) fn environment() -> Environment {
    Environment {
        now: SystemTime::now,
        fill: |bytes| getrandom::fill(bytes).is_ok(),
    }
}
