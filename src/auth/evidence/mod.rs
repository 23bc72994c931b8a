//! Explains a failed login from the evidence.
//!
//! The transport collects the evidence ([`LoginEvidence`]). The likely causes follow from it, from
//! the offers and from the attempts. The text of a server's answer is ignored.

mod cause;
mod date;
mod judge;

use std::fmt;

pub use cause::LoginCause;
pub(crate) use date::seconds_of_http_date;
pub(crate) use judge::{Refused, judge};

use super::LoginAttempt;
use crate::shown::Shown;

/// What a transport knows of a message and its answer, besides the answer itself.
///
/// Empty if the transport collects no evidence, as in a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginEvidence {
    /// The protection of the message against eavesdropping.
    pub protection: Option<Protection>,
    /// Whether the server may have processed the message, whatever the status. True if the message
    /// was sealed and the answer was not, or for a 401 that an attacker on the path can have
    /// forged.
    pub unsigned: bool,
    /// Whether the message itself was not sent: the answer is to an earlier message of the login,
    /// or to the one that learns the sealed form.
    pub held_back: bool,
    /// Whether the answer is to the login of another message, whose refusal this one shares. Nothing
    /// of this message was sent.
    pub shared: bool,
    /// Whether the answer was sealed and could be unsealed. Then only its body counts, because an
    /// attacker on the path can change the status and the headers.
    pub sealed: bool,
    /// Whether the login was bound to the certificate of the server (RFC 5929).
    pub bound: bool,
    /// Whether the account of a login by Basic is one of a domain (`DOMAIN\user`, `user@domain`).
    pub domain_account: bool,
    /// Whether the client has a certificate that the server did not request in the TLS handshake.
    pub certificate_unrequested: bool,
    /// The proxy that forwards the messages, which may have answered in place of the server.
    pub forwarded_by: Option<String>,
    /// Whether the answer names a proxy or a gateway on the path (`Via`).
    pub via_hop: bool,
    /// The bytes of a large token that the server refused with HTTP 400 or 431.
    pub large_token: Option<usize>,
    /// The scheme of the login, if the server accepted it before.
    pub accepted: Option<&'static str>,
    /// The seconds by which the clock of the server is ahead of the local one (`Date`); negative if
    /// it is behind.
    pub clock_ahead: Option<i64>,
    /// The seconds by which the clock of the KDC is ahead of the local one, from the ticket that it
    /// issued; negative if it is behind.
    pub kdc_clock_ahead: Option<i64>,
}

/// The protection of a message against eavesdropping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// HTTPS.
    Tls,
    /// Sealed with the keys of the login.
    Sealed,
    /// None.
    Nothing,
}

/// Why a login failed: the server's offers, the attempts, and the likely causes.
///
/// ```
/// use wsman::auth::LoginCause;
/// use wsman::simulator::{LoginScheme, sample};
/// # use wsman::simulator::DigestScheme;
/// use wsman::{Credentials, Session};
///
/// # wsman::doc_examples::block_on(async || {
/// # let simulator = sample().logins([LoginScheme::Digest(DigestScheme::new())]).start().await?;
/// let session = Session::builder(simulator.url())
///     .credentials(Credentials::basic(simulator.user(), simulator.password()))
///     .allow_unencrypted()
///     .build()?;
/// let error = session.identify().await.unwrap_err();
/// let login = error.login().unwrap();
/// assert_eq!(login.offered, ["Digest"]);
/// assert_eq!(login.causes, [LoginCause::BasicDisabled]);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginFailure {
    /// The schemes that the server offers, in its order; empty if there was no answer or no offer.
    pub offered: Vec<String>,
    /// The attempts, in order.
    pub tried: Vec<LoginAttempt>,
    /// The likely causes, the likeliest first. The evidence fits each of them; without evidence the
    /// list is empty.
    pub causes: Vec<LoginCause>,
}

impl LoginFailure {
    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.offered.is_empty() && self.tried.is_empty() && self.causes.is_empty()
    }
}

impl fmt::Display for LoginFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tried: Vec<String> = self.tried.iter().map(ToString::to_string).collect();
        let causes: Vec<String> = self.causes.iter().map(ToString::to_string).collect();
        let parts = [
            ("the server offers ", self.offered.join(", ")),
            ("tried: ", tried.join(", then ")),
            ("likely: ", causes.join("; or ")),
        ];
        let mut separator = "";
        for (name, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            write!(f, "{separator}{name}{}", Shown::new(text))?;
            separator = "; ";
        }
        Ok(())
    }
}
