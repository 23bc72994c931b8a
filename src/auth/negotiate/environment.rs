//! The clock and the random source, which belong to the transport.

use std::fmt;
use std::time::SystemTime;

use super::LoginError;

/// Where a login takes the time and its nonces from.
#[derive(Clone, Copy)]
pub(crate) struct Environment {
    pub(crate) now: fn() -> SystemTime,
    /// Fills the bytes with random ones; returns whether it could.
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
