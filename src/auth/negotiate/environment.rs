//! The clocks and the random source, which the transport provides.

use std::fmt;
use std::time::{Instant, SystemTime};

use super::LoginError;

/// The clocks and the random source of a login.
#[derive(Clone, Copy)]
pub(crate) struct Environment {
    pub(crate) now: fn() -> SystemTime,
    /// The clock that is never set, for terms.
    pub(crate) monotonic: fn() -> Instant,
    /// Fills the bytes with random ones; returns whether it succeeded.
    pub(crate) fill: fn(&mut [u8]) -> bool,
}

impl Environment {
    /// Draws random bytes.
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], LoginError> {
        let mut bytes = [0; N];
        if (self.fill)(&mut bytes) {
            Ok(bytes)
        } else {
            Err(LoginError::new(
                "the random source of the operating system failed",
            ))
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
