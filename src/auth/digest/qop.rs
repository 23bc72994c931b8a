//! The quality of protection of Digest.

use std::fmt;

/// The quality of protection of a Digest response: what it covers (RFC 7616 3.3).
///
/// Exhaustive: RFC 7616 defines `auth` and `auth-int`, and RFC 2069 has neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestQop {
    /// Absent, as in RFC 2069: the response has no nonce count and does not cover the body.
    None,
    /// `auth`: the login, with a nonce count against replay.
    Auth,
    /// `auth-int`: the login and the body of the message.
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
