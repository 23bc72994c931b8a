//! The limits of what a server, a KDC and a file may make a login read.
//!
//! `docs/logging-in.md` lists them, and a test compares both.

#![cfg_attr(not(feature = "negotiate"), allow(dead_code))]

/// The limits of what a server or a KDC may send during a login.
///
/// A limit of 0 fails [`build`](crate::SessionBuilder::build) with [`Error::Config`](crate::Error::Config).
///
/// ```
/// use wsman::auth::LoginLimits;
/// use wsman::{Credentials, Session};
///
/// let mut limits = LoginLimits::default();
/// limits.steps = 4;
/// limits.kdc_answer_bytes = 256 << 10;
/// let session = Session::builder("https://host.example:5986/wsman")
///     .credentials(Credentials::basic("ops", "hunter2"))
///     .login_limits(limits)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginLimits {
    /// The maximum steps of a login of the connection: NTLM, Kerberos or Negotiate. NTLM has two.
    pub steps: usize,
    /// The maximum bytes of a server's token, in a login of the connection. In Base64 it is part of a header.
    pub token_bytes: usize,
    /// The maximum bytes of a `WWW-Authenticate` header. A longer one fails a login of the connection;
    /// Digest and Basic ignore it. [`head_limit`](crate::SessionBuilder::head_limit) limits all headers
    /// together.
    pub header_bytes: usize,
    /// The maximum challenges of an answer, and parameters of each. The client ignores the rest.
    pub challenges: usize,
    /// The maximum bytes of a nonce, a realm or an opaque value of Digest, which the client sends back.
    /// The client ignores a challenge with a longer one.
    pub digest_bytes: usize,
    /// The maximum bytes of the answer of a KDC. Over UDP an answer never has more than 65,535.
    pub kdc_answer_bytes: usize,
    /// The maximum messages to KDCs for one ticket. Two are usual, and each realm on the way to that of
    /// the service needs one more.
    pub ticket_messages: usize,
}

impl LoginLimits {
    /// A token in Base64 fits a header, and that fits the head of an answer.
    pub(crate) const DEFAULT: Self = Self {
        steps: 8,
        token_bytes: 32 << 10,
        header_bytes: 48 << 10,
        challenges: 32,
        digest_bytes: 4096,
        kdc_answer_bytes: 1 << 20,
        ticket_messages: 8,
    };

    /// Returns the limits with their names.
    fn named(&self) -> [(&'static str, usize); 7] {
        let Self {
            steps,
            token_bytes,
            header_bytes,
            challenges,
            digest_bytes,
            kdc_answer_bytes,
            ticket_messages,
        } = *self;
        [
            ("steps", steps),
            ("token_bytes", token_bytes),
            ("header_bytes", header_bytes),
            ("challenges", challenges),
            ("digest_bytes", digest_bytes),
            ("kdc_answer_bytes", kdc_answer_bytes),
            ("ticket_messages", ticket_messages),
        ]
    }

    /// Returns the name of a limit that permits nothing.
    pub(crate) fn zero(&self) -> Option<&'static str> {
        let mut limits = self.named().into_iter();
        limits.find_map(|(name, limit)| (limit == 0).then_some(name))
    }
}

impl Default for LoginLimits {
    /// 8 steps, tokens of 32,768 bytes in headers of 49,152, 32 challenges with values of 4,096 bytes, and 8
    /// answers of KDCs of 1 MiB: more than any login needs.
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The parts of a Kerberos name.
pub(crate) const NAME_PARTS: usize = 16;

/// The bytes of a part of a Kerberos name, and of a realm: hosts and users have shorter ones.
pub(crate) const NAME_BYTES: usize = 1024;

/// The keys of a keytab.
pub(crate) const KEYTAB_KEYS: usize = 65_536;
