//! The login attempts of an exchange.

use std::fmt;

use super::{DigestAlgorithm, DigestQop, LoginProblem};

/// A login that the server refused, for [`IncomingMessage::tried`](crate::transport::IncomingMessage::tried).
///
/// ```
/// use wsman::auth::{DigestAlgorithm, DigestQop, LoginAttempt};
///
/// let (algorithm, qop) = (DigestAlgorithm::Sha256, DigestQop::Auth);
/// let attempt = LoginAttempt::Digest { algorithm, qop };
/// assert_eq!(attempt.to_string(), "Digest (SHA-256, auth)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginAttempt {
    /// The user name and the password, unencrypted by the scheme itself.
    Basic,
    /// The response to a challenge.
    Digest {
        /// The hash algorithm.
        algorithm: DigestAlgorithm,
        /// The quality of protection.
        qop: DigestQop,
    },
    /// The certificate of the TLS connection.
    Certificate,
    /// NTLM, refused at this step: 1 is the negotiation, 2 the proof of the password.
    Ntlm {
        /// The number of the client's message that was refused.
        step: u8,
    },
    /// A ticket of the system's cache, refused at this step. At step 1, the server rejected the
    /// ticket.
    TicketCache {
        /// The number of the client's message that was refused.
        step: u8,
    },
    /// A Kerberos ticket.
    Kerberos,
    /// Negotiate offered no Kerberos, for this reason.
    WithoutKerberos(KerberosObstacle),
    /// Nothing was sent: the server sent no Digest challenge, or none that the client supports.
    DigestNotOffered,
}

impl LoginAttempt {
    /// The name of the scheme.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Digest { .. } | Self::DigestNotOffered => "Digest",
            Self::Certificate => "Certificate",
            Self::Ntlm { .. } => "NTLM",
            Self::Kerberos | Self::TicketCache { .. } | Self::WithoutKerberos(_) => "Kerberos",
        }
    }
}

/// Why Kerberos was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KerberosObstacle {
    /// The URL names the server by its address, and a service principal needs a host name.
    Address,
    /// The user name has no realm, and there is no default realm.
    NoRealm,
    /// The `krb5.conf` of the system is invalid.
    InvalidKrb5Conf,
    /// The client got no ticket; the reason, if it is known.
    NoTicket(Option<LoginProblem>),
}

impl fmt::Display for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic => f.write_str("Basic"),
            Self::Certificate => f.write_str("a client certificate"),
            Self::Digest { algorithm, qop } => write!(f, "Digest ({algorithm}, {qop})"),
            Self::Ntlm { step } => write!(f, "NTLM (refused at step {step} of 2)"),
            Self::TicketCache { step } => {
                write!(f, "a ticket of the system (refused at step {step})")
            }
            Self::Kerberos => f.write_str("Kerberos"),
            Self::WithoutKerberos(obstacle) => write!(f, "no Kerberos ({obstacle})"),
            Self::DigestNotOffered => f.write_str("Digest (the server offered no supported form)"),
        }
    }
}

impl fmt::Display for KerberosObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("the URL has no host name of the server"),
            Self::NoRealm => f.write_str("the user has no realm"),
            Self::InvalidKrb5Conf => f.write_str("krb5.conf is invalid"),
            Self::NoTicket(Some(problem)) => write!(f, "no ticket: {problem}"),
            Self::NoTicket(None) => f.write_str("no ticket"),
        }
    }
}
