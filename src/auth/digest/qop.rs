//! What a Digest answer protects.

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
