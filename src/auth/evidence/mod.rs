//! Why a login did not work, as far as there is evidence of it.
//!
//! The transport notes what it saw ([`LoginEvidence`]); what is likely to be wrong follows from that,
//! from the offers and from what was tried. The words of a server decide nothing.

mod cause;
mod date;
mod judge;

use std::fmt;

pub use cause::LoginCause;
pub(crate) use date::seconds_of_http_date;
pub(crate) use judge::{Refused, judge};

use super::LoginAttempt;
use crate::shown::Shown;

/// What a transport knows of a message and its answer, beside the answer itself.
///
/// Empty where nobody looked, as with a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginEvidence {
    /// What kept others from reading the message.
    pub protection: Option<Protection>,
    /// Whether the message may have been processed, whatever the status says: the answer was not sealed
    /// although the message was, or is a 401 that an attacker on the path can have forged.
    pub unsigned: bool,
    /// Whether the message itself was held back: the answer is to one that was sent before it, for its login
    /// or to learn how it is sealed.
    pub held_back: bool,
    /// Whether the answer was sealed, and could be unsealed: then its body alone counts, because an attacker
    /// on the path can change the status and the headers.
    pub sealed: bool,
    /// Whether the login was bound to the certificate of the server (RFC 5929).
    pub bound: bool,
    /// How the message was logged in, if the login before it was accepted.
    pub accepted: Option<&'static str>,
    /// How many seconds the clock of the server is ahead of the one here (`Date`), less than zero
    /// where it is behind.
    pub clock_ahead: Option<i64>,
}

/// What keeps others from reading a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// HTTPS.
    Tls,
    /// It is sealed with the keys of the login.
    Sealed,
    /// Nothing.
    Nothing,
}

/// Why a login did not work: what was offered, what was tried, and what is likely to be wrong.
///
/// ```
/// use wsman::auth::LoginCause;
/// use wsman::simulator::{LoginScheme, sample};
/// # use wsman::simulator::DigestScheme;
/// use wsman::{Credentials, Session};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = sample().logins([LoginScheme::Digest(DigestScheme::new())]).start().await?;
/// let session = Session::builder(simulator.url())
///     .credentials(Credentials::basic(simulator.user(), simulator.password()))
///     .allow_unencrypted()
///     .build()?;
/// let error = session.identify().await.unwrap_err();
/// let login = error.login().unwrap();
/// assert_eq!(login.offered, ["Digest"]);
/// assert_eq!(login.causes, [LoginCause::BasicDisabled]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginFailure {
    /// The schemes that the server offers, in its order; empty if it was not reached, or names none.
    pub offered: Vec<String>,
    /// What was tried, in its order.
    pub tried: Vec<LoginAttempt>,
    /// What is likely to be wrong, the likeliest first. Where there are several, the evidence fits each
    /// of them; where there is none, it tells nothing.
    pub causes: Vec<LoginCause>,
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
