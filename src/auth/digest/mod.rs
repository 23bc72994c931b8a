//! Digest login: the password is proven with a hash and never sent (RFC 7616).
//!
//! [`Offer`] is the server's challenge, [`Context`] answers it for message after message, and
//! [`Login`] runs the exchange of one message. The caller provides the client nonces.

mod algorithm;
mod context;
mod login;
mod offer;
mod qop;
mod response;

pub use algorithm::DigestAlgorithm;
use context::Context;
pub(crate) use login::{Caution, Exchange, Expiry, Login, Memory, ServerFacts, Step, Verdict};
use offer::Offer;
pub use qop::DigestQop;
#[cfg(feature = "simulator")]
pub(crate) use response::{Proof, hashed_user, secret_hash};

/// The protection of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyIntegrity {
    /// TLS protects it: `auth` is enough, and more servers support it.
    ByTls,
    /// Nothing protects it, so the client uses `auth-int` if the server offers it.
    Wanted,
}

/// The parts of a message that Digest protects.
#[derive(Clone, Copy)]
pub(crate) struct Protected<'a> {
    pub(crate) method: &'a str,
    /// The request target as it is sent: path and query.
    pub(crate) uri: &'a str,
    pub(crate) body: &'a [u8],
}

#[cfg(test)]
mod tests;
