//! The users of the server, and its login schemes.

#[cfg(feature = "negotiate")]
mod binding;
#[cfg(feature = "negotiate")]
mod channel;
#[cfg(test)]
#[cfg(feature = "negotiate")]
mod damaged;
mod digest;
#[cfg(feature = "negotiate")]
mod kerberos;
#[cfg(feature = "negotiate")]
mod ntlm;
mod refusal;
#[cfg(feature = "negotiate")]
mod replays;
#[cfg(feature = "negotiate")]
mod spnego;
#[cfg(test)]
#[cfg(feature = "negotiate")]
mod tests;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
#[cfg(feature = "negotiate")]
use hyper::header::CONTENT_TYPE;
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::http::request::Parts;

#[cfg(feature = "negotiate")]
pub use binding::CbtHardening;
#[cfg(feature = "negotiate")]
pub(super) use channel::Channel;
#[cfg(feature = "negotiate")]
use channel::NtlmAcceptor;
#[cfg(feature = "negotiate")]
pub use channel::NtlmScheme;
pub use digest::DigestScheme;
#[cfg(feature = "negotiate")]
pub use kerberos::KerberosScheme;
#[cfg(feature = "negotiate")]
use kerberos::TicketAcceptor;
pub use refusal::Refusal;
pub(super) use refusal::Refusals;
#[cfg(feature = "negotiate")]
use replays::Replays;

use crate::auth::certificate;
use crate::auth::digest::Protected;
use crate::simulator::dialect::Dialect;
use crate::simulator::http::connection::Connection;
use digest::{Nonces, Verified};

/// A login scheme that a [`Simulator`](crate::simulator::Simulator) offers and verifies.
///
/// ```
/// use wsman::simulator::{DigestScheme, LoginScheme, sample};
///
/// let digest = DigestScheme::new().nonce_uses(2);
/// let simulator = sample().logins([LoginScheme::Digest(digest), LoginScheme::Basic]);
/// # let _ = simulator;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LoginScheme {
    /// User name and password, unencrypted by the scheme (RFC 7617).
    Basic,
    /// Challenge and response (RFC 7616).
    Digest(DigestScheme),
    /// NTLM, and messages sealed with its keys (feature `negotiate`).
    #[cfg(feature = "negotiate")]
    Ntlm(NtlmScheme),
    /// Kerberos tickets, and messages sealed with their keys (feature `negotiate`).
    #[cfg(feature = "negotiate")]
    Kerberos(KerberosScheme),
}

/// The login of one server.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) user: String,
    password: String,
    changed_password: OnceLock<String>,
    dialect: Dialect,
    /// `None`: accepts Basic, among the offers of the dialect's server.
    schemes: Option<Vec<LoginScheme>>,
    pub(super) refusals: Refusals,
    /// Accepts every Basic login, and messages without a login.
    open_to_all: bool,
    nonces: Nonces,
    #[cfg(feature = "negotiate")]
    replays: Replays,
    /// The number of logins with a wrong proof, which a real server counts against the account.
    pub(super) failed: AtomicUsize,
    /// The channel binding of logins over HTTPS (RFC 5929).
    #[cfg(feature = "negotiate")]
    channel: Option<Vec<u8>>,
}

/// The form in which a message arrived.
#[derive(Debug)]
#[cfg_attr(not(feature = "negotiate"), allow(dead_code))]
pub(super) enum Opened {
    /// Unsealed.
    Plain,
    /// Sealed; with its content.
    Sealed(Bytes),
    /// Sealed and invalid, or unsealed although it must be sealed.
    Refused,
}

/// The result of the login of a request.
#[derive(Debug)]
#[cfg_attr(not(feature = "negotiate"), allow(dead_code))]
pub(super) enum Login {
    /// Accepted, with the value of `Authentication-Info`.
    Accepted(Option<String>),
    /// Not complete: with the next challenge.
    Continued(String),
    /// Accepted for all requests of this connection; with the last token of the server.
    Established(Option<String>),
    /// Refused; `stale` if only the nonce has expired.
    Refused { stale: bool },
}

impl Gate {
    pub(super) fn new(
        [user, password]: [String; 2],
        dialect: Dialect,
        schemes: Option<Vec<LoginScheme>>,
        refusals: Refusals,
    ) -> Self {
        Self {
            user,
            password,
            changed_password: OnceLock::new(),
            dialect,
            schemes,
            refusals,
            open_to_all: false,
            nonces: Nonces::default(),
            #[cfg(feature = "negotiate")]
            replays: Replays::default(),
            failed: AtomicUsize::new(0),
            #[cfg(feature = "negotiate")]
            channel: None,
        }
    }

    /// Accepts every Basic login, and messages without a login.
    pub(super) fn open_to_all(self) -> Self {
        Self {
            open_to_all: true,
            ..self
        }
    }

    /// Sets the channel binding of logins (RFC 5929).
    #[cfg(all(feature = "negotiate", feature = "rustls"))]
    pub(super) fn bound_to(self, channel: Option<Vec<u8>>) -> Self {
        Self { channel, ..self }
    }

    /// Verifies the login of a request. OMI remembers it for the lifetime of the connection.
    pub(super) fn check(&self, connection: &Connection, head: &Parts, body: &Bytes) -> Login {
        let given = header(&head.headers);
        let login = match given.clone() {
            #[cfg(feature = "negotiate")]
            Some(given) if let Some(login) = self.negotiate(connection, &given) => login,
            Some(given) if given == certificate::AUTHORIZATION && connection.has_certificate => {
                Login::Accepted(None)
            }
            Some(given) => self.check_given(&given, head, body),
            #[cfg(feature = "negotiate")]
            None if connection.channel.is_logged_in() => Login::Accepted(None),
            None if self.dialect == Dialect::Omi
                && connection.logged_in.load(Ordering::Acquire) =>
            {
                Login::Accepted(None)
            }
            None if self.open_to_all => Login::Accepted(None),
            None => Login::Refused { stale: false },
        };
        let login = if self.refusals.contains(Refusal::Account) && login.is_accepted() {
            #[cfg(feature = "negotiate")]
            connection.channel.forget();
            Login::Refused { stale: false }
        } else {
            login
        };
        if matches!(login, Login::Refused { stale: false })
            && given.is_some_and(|given| self.offers_scheme_of(&given))
        {
            self.failed.fetch_add(1, Ordering::AcqRel);
        }
        connection
            .logged_in
            .store(login.is_accepted(), Ordering::Release);
        login
    }

    fn check_given(&self, given: &str, head: &Parts, body: &Bytes) -> Login {
        if self.takes_basic() && self.is_basic(given) {
            return Login::Accepted(None);
        }
        let target = head.uri.path_and_query();
        let message = Protected {
            method: head.method.as_str(),
            uri: target.map_or("", |target| target.as_str()),
            body,
        };
        let mut stale = false;
        for scheme in self.digest_schemes() {
            let user = [&self.user, self.realm(), self.password()];
            match scheme.verify(&self.nonces, user, given, message) {
                Verified::Accepted(info) => return Login::Accepted(info),
                Verified::Stale => stale = true,
                Verified::Refused => {}
            }
        }
        Login::Refused { stale }
    }

    /// The password of the user now.
    pub(super) fn password(&self) -> &str {
        self.changed_password.get().unwrap_or(&self.password)
    }

    /// Changes the password, once; returns whether it did.
    pub(super) fn change_password(&self, password: String) -> bool {
        self.changed_password.set(password).is_ok()
    }

    /// Whether the server accepts the scheme of an `Authorization`.
    fn offers_scheme_of(&self, given: &str) -> bool {
        match given.split(' ').next() {
            Some("Basic") => self.takes_basic(),
            Some("Digest") => self.digest_schemes().next().is_some(),
            #[cfg(feature = "negotiate")]
            Some("Negotiate" | "NTLM" | "Kerberos") => {
                self.ntlm().is_some() || self.kerberos().is_some()
            }
            _ => false,
        }
    }

    fn takes_basic(&self) -> bool {
        let Some(schemes) = &self.schemes else {
            return true;
        };
        let mut schemes = schemes.iter();
        schemes.any(|scheme| matches!(scheme, LoginScheme::Basic))
    }

    fn is_basic(&self, given: &str) -> bool {
        let expected = BASE64.encode([&self.user, ":", self.password()].concat());
        let given = given.strip_prefix("Basic ");
        given.is_some_and(|given| self.open_to_all || given.trim() == expected)
    }

    fn digest_schemes(&self) -> impl Iterator<Item = &DigestScheme> {
        let schemes = self.schemes.iter().flatten();
        schemes.filter_map(|scheme| match scheme {
            LoginScheme::Digest(digest) => Some(digest),
            _ => None,
        })
    }

    #[cfg(feature = "negotiate")]
    fn kerberos(&self) -> Option<&KerberosScheme> {
        let mut schemes = self.schemes.iter().flatten();
        schemes.find_map(|scheme| match scheme {
            LoginScheme::Kerberos(kerberos) => Some(kerberos),
            _ => None,
        })
    }

    #[cfg(feature = "negotiate")]
    fn ntlm(&self) -> Option<&NtlmScheme> {
        let mut schemes = self.schemes.iter().flatten();
        schemes.find_map(|scheme| match scheme {
            LoginScheme::Ntlm(ntlm) => Some(ntlm),
            _ => None,
        })
    }

    #[cfg(feature = "negotiate")]
    fn negotiate(&self, connection: &Connection, given: &str) -> Option<Login> {
        let user = [self.user.as_str(), self.password()];
        if let Some(scheme) = self.kerberos() {
            let acceptor = TicketAcceptor {
                scheme,
                user: &self.user,
                channel: self.channel.as_deref(),
                replays: &self.replays,
            };
            if let Some(login) = connection.channel.take_ticket(acceptor, given) {
                return Some(login);
            }
        }
        let door = NtlmAcceptor {
            scheme: self.ntlm()?,
            user,
            channel: self.channel.as_deref(),
        };
        connection.channel.log_in(door, given)
    }

    /// Without the feature, no message is sealed.
    #[cfg(not(feature = "negotiate"))]
    pub(super) fn open(&self, _: &Connection, _: &Parts, _: &[u8]) -> Opened {
        Opened::Plain
    }

    /// Unseals a message, if it is sealed.
    #[cfg(feature = "negotiate")]
    pub(super) fn open(&self, connection: &Connection, head: &Parts, body: &[u8]) -> Opened {
        let content_type = head.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        connection
            .channel
            .open(content_type.unwrap_or_default(), body)
    }

    /// Returns the values of `WWW-Authenticate`.
    pub(super) fn challenges(&self, stale: bool) -> Vec<String> {
        let basic = format!("Basic realm=\"{}\"", self.realm());
        match (&self.schemes, self.dialect) {
            (Some(schemes), _) => schemes
                .iter()
                .map(|scheme| match scheme {
                    LoginScheme::Basic => basic.clone(),
                    LoginScheme::Digest(digest) => {
                        digest.challenge(&self.nonces, self.realm(), stale)
                    }
                    #[cfg(feature = "negotiate")]
                    LoginScheme::Ntlm(_) | LoginScheme::Kerberos(_) => "Negotiate".to_owned(),
                })
                .collect(),
            (None, Dialect::Windows) => vec!["Negotiate".to_owned(), basic],
            (None, Dialect::Omi) => vec![basic],
            // Offered as recorded, and always refused.
            (None, Dialect::Openwsman) => {
                let digest = "Digest qop=\"auth\", realm=\"OPENWSMAN\", nonce=\"1795221146\"";
                vec![basic, digest.to_owned()]
            }
        }
    }

    fn realm(&self) -> &'static str {
        match self.dialect {
            Dialect::Windows | Dialect::Omi => "WSMAN",
            Dialect::Openwsman => "OPENWSMAN",
        }
    }
}

impl Login {
    pub(super) fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Established(_))
    }
}

/// Returns `Authorization`; a user name in it may be in UTF-8.
fn header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?;
    String::from_utf8(value.as_bytes().to_vec()).ok()
}
