//! Digest login: the password is proven with a hash and never sent (RFC 7616).
//!
//! [`Offer`] is what the server asks, [`Context`] answers it for one message after the other, and
//! [`Login`] is the way of one message through challenges and refusals. Client nonces are passed in.

mod algorithm;
mod context;
mod login;
mod offer;
mod response;

pub use algorithm::DigestAlgorithm;
use context::Context;
pub(crate) use login::{Leg, Login, Memory, Passage, Verdict};
use offer::Offer;
#[cfg(feature = "simulator")]
pub(crate) use response::{Proof, hashed_user, secret_hash};

use std::fmt;

/// What a Digest answer protects: the "quality of protection" (RFC 7616 3.3).
///
/// Complete: RFC 7616 has these, and RFC 2069 none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestQop {
    /// No word about it, as in RFC 2069: neither counted nor bound to the body.
    None,
    /// `auth`: the login, counted, so that no message can be sent twice.
    Auth,
    /// `auth-int`: the body of the message, too.
    AuthInt,
}

impl DigestQop {
    /// The name in headers, if it has one there.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

impl fmt::Display for DigestQop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or("no qop"))
    }
}

/// Who sees to it that the body arrives as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyIntegrity {
    /// TLS does: `auth` is enough, and servers do it better.
    ByTls,
    /// Nobody does, so `auth-int` is taken where it is offered.
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
