//! Connection-oriented logins: the schemes inside `Negotiate` (RFC 4559).
//!
//! A [`BoundUser`] holds the user and the scheme. Each connection has its own [`ConnectionLogin`], which
//! consumes the server's tokens, produces the client's, and seals with the resulting keys.

mod environment;
mod error;
#[cfg(feature = "gssapi")]
mod gssapi;
mod kdc;
pub(crate) mod kerberos;
pub(crate) mod ntlm;
mod own_scheme;
#[cfg(test)]
pub(crate) mod scripted;
pub(crate) mod spnego;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

pub(crate) use environment::Environment;
pub(crate) use error::LoginError;
pub(crate) use kdc::{Kdc, KdcAnswer, KdcFuture, KdcRequest};
pub use kerberos::KerberosEtype;
use kerberos::KerberosUser;
pub(crate) use kerberos::{Key, NameKind, PrincipalName, Realms, TargetService, Tickets};
use ntlm::NtlmUser;
pub(crate) use own_scheme::OwnScheme;
use spnego::{Mechanism, MechanismLogin, SpnegoLogin, WithoutKerberos};

#[cfg(feature = "gssapi")]
use super::TicketCache;
use super::credentials::Scheme;
use super::seal::{Protocol, Sealer};
use super::{Credentials, CredentialsError, KerberosObstacle, LoginAttempt, Secret};

/// One login on one connection, and its keys.
pub(crate) trait ConnectionLogin: Sealer<Error = LoginError> + fmt::Debug + Send {
    /// The scheme of the tokens in `Authorization`, such as `Negotiate`.
    fn scheme(&self) -> &'static str;

    /// The protocol that sealed messages name.
    fn protocol(&self) -> Protocol;

    /// Binds the login to a TLS channel (RFC 5929), such as `tls-server-end-point:` and the hash of
    /// a certificate. Call it before the step whose token carries the binding.
    fn bind(&mut self, channel: &[u8]);

    /// Takes the server's token (`None` at first), and returns the next one to send; `None` if the
    /// server's token was the last.
    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, kdc: &'a dyn Kdc) -> TokenFuture<'a>;

    /// Whether the login has its keys, and the server has proved its identity if it must.
    fn is_complete(&self) -> bool;

    /// Whether the mechanism requires a signed list even if the server requests none.
    fn wants_signature(&self) -> bool {
        false
    }

    /// Signs the list of mechanisms of SPNEGO (RFC 4178 5).
    fn sign(&mut self, _message: &[u8]) -> Result<Vec<u8>, LoginError> {
        Err(LoginError::new("this login cannot sign messages"))
    }

    /// Verifies the server's signature of that list.
    fn verify(&mut self, _message: &[u8], _signature: &[u8]) -> Result<(), LoginError> {
        Err(LoginError::new("this login cannot verify signatures"))
    }

    /// The seconds by which the clock of the KDC is ahead of the local one, if a ticket shows it.
    fn kdc_clock_ahead(&self) -> Option<i64> {
        None
    }

    /// The attempts so far, for the error of a refused login.
    fn attempts(&self) -> Vec<LoginAttempt>;
}

/// The next token of a login.
pub(crate) type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, LoginError>> + Send + 'a>>;

/// The user of a connection-oriented login.
#[derive(Clone, Debug)]
pub(crate) enum BoundUser {
    Ntlm(NtlmUser),
    Kerberos(KerberosUser),
    /// The principal and the service.
    #[cfg(feature = "gssapi")]
    Tickets(TicketCache, String),
    /// The strongest mechanism that the server also accepts.
    Negotiate(
        Result<KerberosUser, KerberosObstacle>,
        NtlmUser,
        WithoutKerberos,
    ),
}

impl BoundUser {
    /// Takes the user from the credentials; `None` if they are for another scheme. Needs [the
    /// realm](Credentials::realm_need) and the service principal, such as `HTTP/host.example`.
    pub(crate) fn of(
        credentials: &Credentials,
        realms: Result<&Realms, KerberosObstacle>,
        (service, environment): (String, Environment),
    ) -> Result<Option<Self>, CredentialsError> {
        let needed = |_| CredentialsError::NoRealm;
        let tickets = credentials.tickets();
        let ntlm = |user: &str, password: &Secret| {
            NtlmUser::new(user, password.clone(), service, environment)
        };
        Ok(Some(match credentials.scheme() {
            Scheme::Ntlm { user, password } => Self::Ntlm(ntlm(user, password)?),
            Scheme::Kerberos { user, password } => {
                let realms = realms.map_err(needed)?;
                let user = KerberosUser::with_password(user, password.clone(), realms, tickets)?;
                Self::Kerberos(user)
            }
            Scheme::Keytab { principal, keytab } => {
                let realms = realms.map_err(needed)?;
                let user = KerberosUser::with_keytab(principal, keytab, realms, tickets)?;
                Self::Kerberos(user)
            }
            #[cfg(feature = "gssapi")]
            Scheme::TicketCache(cache) => {
                cache.check()?;
                let target = &realms.map_err(needed)?.target;
                Self::Tickets(cache.clone(), gssapi::written(target))
            }
            Scheme::Negotiate { user, password } | Scheme::Password { user, password } => {
                let kerberos = match realms {
                    // A name without a domain is a local user of the server, whatever the default
                    // realm.
                    Ok(realms) if user.contains(['@', '\\']) => {
                        KerberosUser::with_password(user, password.clone(), realms, tickets)
                            .map_err(|_| KerberosObstacle::NoRealm)
                    }
                    Ok(_) => Err(KerberosObstacle::NoRealm),
                    Err(obstacle) => Err(obstacle),
                };
                let without = WithoutKerberos::new(environment);
                Self::Negotiate(kerberos, ntlm(user, password)?, without)
            }
            _ => return Ok(None),
        }))
    }

    /// Returns the names of the mechanisms, the strongest first.
    pub(crate) fn schemes(&self) -> Vec<&'static str> {
        match self {
            Self::Ntlm(_) | Self::Negotiate(Err(_), ..) => vec!["NTLM"],
            Self::Kerberos(_) => vec!["Kerberos"],
            #[cfg(feature = "gssapi")]
            Self::Tickets(..) => vec!["Kerberos"],
            Self::Negotiate(Ok(_), ..) => vec!["Kerberos", "NTLM"],
        }
    }

    /// The end of the kept Kerberos ticket of the service.
    pub(crate) fn tickets_end(&self) -> Option<SystemTime> {
        match self {
            Self::Kerberos(user) | Self::Negotiate(Ok(user), ..) => user.ticket_end(),
            _ => None,
        }
    }

    /// Whether the next login uses a ticket that was kept from an earlier one.
    pub(crate) fn has_ticket(&self) -> bool {
        match self {
            Self::Kerberos(user) | Self::Negotiate(Ok(user), ..) => user.has_ticket(),
            _ => false,
        }
    }

    /// Starts a login on a new connection.
    pub(crate) fn login(&self) -> Result<Box<dyn ConnectionLogin>, LoginError> {
        let kerberos = |user: &KerberosUser| MechanismLogin {
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
        let ntlm = MechanismLogin {
            mechanisms: &[Mechanism::Ntlm],
            login: Box::new(user.login()),
        };
        let by_ticket = by_ticket.as_ref().map_err(|obstacle| *obstacle);
        let by_ticket = by_ticket.and_then(|user| match without.reason() {
            Some(obstacle) => Err(obstacle),
            None => Ok(user),
        });
        let (ways, skipped) = match by_ticket {
            Ok(user) => (vec![kerberos(user), ntlm], Vec::new()),
            Err(obstacle) => (vec![ntlm], vec![LoginAttempt::WithoutKerberos(obstacle)]),
        };
        let login = SpnegoLogin::new(ways, skipped).noting(without.clone());
        Ok(Box::new(login))
    }
}
