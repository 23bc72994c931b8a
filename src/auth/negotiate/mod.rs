//! Logins that are bound to one connection: the schemes inside `Negotiate` (RFC 4559).
//!
//! A [`BoundUser`] says who logs in and how; each connection has a [`BoundLogin`] of its own, which takes
//! the server's tokens, gives the client's, and seals with the keys that come of it.

mod environment;
mod error;
#[cfg(feature = "gssapi")]
mod gssapi;
mod kdc;
pub(crate) mod kerberos;
pub(crate) mod ntlm;
pub(crate) mod spnego;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub(crate) use environment::Environment;
pub(crate) use error::LoginError;
pub(crate) use kdc::{Kdc, KdcFuture, KdcRequest};
pub use kerberos::KerberosEtype;
use kerberos::KerberosUser;
pub(crate) use kerberos::{Key, Name, NameKind, Realms, Target};
use ntlm::NtlmUser;
use spnego::{Mechanism, SpnegoLogin, Way, WithoutKerberos};

#[cfg(feature = "gssapi")]
use super::TicketCache;
use super::credentials::Scheme;
use super::seal::{Protocol, Sealer};
use super::{Credentials, CredentialsError, KerberosObstacle, LoginAttempt, Secret};

/// One login on one connection, and the keys that it gives.
pub(crate) trait BoundLogin: Sealer<Error = LoginError> + fmt::Debug + Send {
    /// The scheme that the tokens go by in `Authorization`, such as `Negotiate`.
    fn scheme(&self) -> &'static str;

    /// What sealed messages say they are sealed with.
    fn protocol(&self) -> Protocol;

    /// Whether already the first token says which channel the login is bound to.
    fn binds_at_once(&self) -> bool;

    /// Ties the login to a TLS channel (RFC 5929), such as `tls-server-end-point:` and the hash of a
    /// certificate. To be told before the step whose token says so.
    fn bind(&mut self, channel: &[u8]);

    /// Takes the server's token, nothing at first, and gives the next one to send; `None` if the
    /// server's was the last.
    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, kdc: &'a dyn Kdc) -> TokenFuture<'a>;

    /// Whether the keys are there, and the server has proven what it has to.
    fn is_complete(&self) -> bool;

    /// Whether it wants that list signed even where nobody asks for it.
    fn wants_signature(&self) -> bool {
        false
    }

    /// Signs the list of mechanisms of SPNEGO (RFC 4178 5).
    fn sign(&mut self, _message: &[u8]) -> Result<Vec<u8>, LoginError> {
        Err(LoginError::new("this login signs nothing"))
    }

    /// Checks the server's signature of that list.
    fn verify(&mut self, _message: &[u8], _signature: &[u8]) -> Result<(), LoginError> {
        Err(LoginError::new("this login checks no signatures"))
    }

    /// What was tried, for the error when the server refuses it.
    fn attempts(&self) -> Vec<LoginAttempt>;
}

/// The next token of a login.
pub(crate) type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, LoginError>> + Send + 'a>>;

/// Who logs in, with a scheme that is bound to connections.
#[derive(Clone, Debug)]
pub(crate) enum BoundUser {
    Ntlm(NtlmUser),
    Kerberos(KerberosUser),
    /// Whose tickets, and for which service.
    #[cfg(feature = "gssapi")]
    Tickets(TicketCache, String),
    /// The best that the server takes too.
    Negotiate(
        Result<KerberosUser, KerberosObstacle>,
        NtlmUser,
        WithoutKerberos,
    ),
}

impl BoundUser {
    /// Who logs in so, if these credentials say so; with what is known of
    /// [its realm](Credentials::realm_need), and the name of the service, such as `HTTP/host.example`.
    pub(crate) fn of(
        credentials: &Credentials,
        realms: Result<&Realms, KerberosObstacle>,
        (service, environment): (String, Environment),
    ) -> Result<Option<Self>, CredentialsError> {
        let needed = |_| CredentialsError::NoRealm;
        let ntlm = |user: &str, password: &Secret| {
            NtlmUser::new(user, password.clone(), service, environment)
        };
        Ok(Some(match credentials.scheme() {
            Scheme::Ntlm { user, password } => Self::Ntlm(ntlm(user, password)?),
            Scheme::Kerberos { user, password } => {
                let realms = realms.map_err(needed)?;
                Self::Kerberos(KerberosUser::with_password(user, password.clone(), realms)?)
            }
            Scheme::Keytab { principal, keytab } => {
                let realms = realms.map_err(needed)?;
                Self::Kerberos(KerberosUser::with_keytab(principal, keytab, realms)?)
            }
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(cache) => {
                cache.check()?;
                let target = &realms.map_err(needed)?.target;
                Self::Tickets(cache.clone(), gssapi::written(target))
            }
            Scheme::Negotiate { user, password } | Scheme::Password { user, password } => {
                let kerberos = match realms {
                    // A name alone is one of the server's own users, whatever the default realm.
                    Ok(realms) if user.contains(['@', '\\']) => {
                        KerberosUser::with_password(user, password.clone(), realms)
                            .map_err(|_| KerberosObstacle::NoRealm)
                    }
                    Ok(_) => Err(KerberosObstacle::NoRealm),
                    Err(obstacle) => Err(obstacle),
                };
                Self::Negotiate(kerberos, ntlm(user, password)?, WithoutKerberos::default())
            }
            _ => return Ok(None),
        }))
    }

    /// Begins a login on a new connection.
    pub(crate) fn login(&self) -> Result<Box<dyn BoundLogin>, LoginError> {
        let kerberos = |user: &KerberosUser| Way {
            mechanisms: &[Mechanism::Kerberos, Mechanism::WindowsKerberos],
            login: Box::new(user.login()),
        };
        let (by_ticket, user, without) = match self {
            Self::Ntlm(user) => return Ok(Box::new(user.login())),
            #[cfg(feature = "gssapi")]
            Self::Tickets(cache, service) => return Ok(Box::new(cache.login(service))),
            Self::Kerberos(user) => {
                return Ok(Box::new(SpnegoLogin::new(vec![kerberos(user)], Vec::new())));
            }
            Self::Negotiate(by_ticket, user, without) => (by_ticket, user, without),
        };
        let ntlm = Way {
            mechanisms: &[Mechanism::Ntlm],
            login: Box::new(user.login()),
        };
        let by_ticket = match without.reason() {
            Some(obstacle) => Err(obstacle),
            None => by_ticket.as_ref().map_err(|obstacle| *obstacle),
        };
        let (ways, skipped) = match by_ticket {
            Ok(user) => (vec![kerberos(user), ntlm], Vec::new()),
            Err(obstacle) => (vec![ntlm], vec![LoginAttempt::WithoutKerberos(obstacle)]),
        };
        let login = SpnegoLogin::new(ways, skipped).noting(without.clone());
        Ok(Box::new(login))
    }
}
