//! Digest login: the password is proven with a hash and never sent (RFC 7616).
//!
//! [`Offer`] is what the server asks, [`Context`] answers it for one message after the other, and
//! [`Login`] is the way of one message through challenges and refusals. Client nonces are passed in.

mod algorithm;
mod context;
mod login;
mod offer;
mod qop;
mod response;

pub use algorithm::DigestAlgorithm;
use context::Context;
pub(crate) use login::{Caution, Leg, Login, Memory, Passage, Verdict};
use offer::Offer;
pub use qop::DigestQop;
#[cfg(feature = "simulator")]
pub(crate) use response::{Proof, hashed_user, secret_hash};

/// What protects the body on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyIntegrity {
    /// TLS does: `auth` is enough, and servers support it better.
    ByTls,
    /// Nothing does, so `auth-int` is used where it is offered.
    Wanted,
}

/// A message as far as Digest protects it.
#[derive(Clone, Copy)]
pub(crate) struct Protected<'a> {
    pub(crate) method: &'a str,
    /// The request target as it is sent: path and query.
    pub(crate) uri: &'a str,
    pub(crate) body: &'a [u8],
}

#[cfg(test)]
mod tests;
