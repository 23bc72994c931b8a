//! Why a login cannot go on, and the one way to call `sspi`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::subscriber::{NoSubscriber, with_default};

/// A login cannot go on: a token of the server's is none, or a signature is wrong.
#[derive(Debug)]
pub(crate) struct LoginError(String);

impl LoginError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Calls `sspi` with nobody listening, because it traces what it seals; and it may give up on bytes of
/// the network in ways that must not end the program.
pub(super) fn quietly<T>(work: impl FnOnce() -> Result<T, sspi::Error>) -> Result<T, LoginError> {
    let called = || with_default(NoSubscriber::new(), work);
    match catch_unwind(AssertUnwindSafe(called)) {
        Ok(done) => done.map_err(|error| LoginError(error.description)),
        Err(_) => Err(LoginError::new("the token of the server makes no sense")),
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoginError {}
