//! A login with a ticket (RFC 4121 4.1).

use std::fmt;

use super::super::{ConnectionLogin, Kdc, LoginError, TokenFuture};
use super::crypt::{Key, Usage};
use super::exchange::service_ticket;
use super::message::{ApReply, ApRequest, Authenticator, KrbError};
use super::tickets::ServiceTicket;
use super::time::Stamp;
use super::token::{TokenKind, read_token, write_token};
use super::user::KerberosUser;
use super::wrap::{Context, ContextKey, Role};
use crate::auth::channel_binding::gss_hash;
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::{LoginAttempt, LoginProblem};

/// A login, and its keys. They belong to one connection.
pub(crate) struct KerberosLogin {
    user: KerberosUser,
    /// The hash of the channel binding; zeros without one.
    binding: [u8; 16],
    state: State,
}

enum State {
    New,
    /// The ticket was sent.
    Shown(Box<Shown>),
    Open(Context),
    Failed,
}

/// The values sent with the ticket, to verify the server's answer.
struct Shown {
    ticket: ServiceTicket,
    now: Stamp,
    subkey: Key,
    sequence: u32,
}

/// The checksum type of an authenticator that carries GSS-API flags (RFC 4121 4.1.1).
pub(crate) const GSS_CHECKSUM: i32 = 0x8003;

/// Mutual authentication, replay detection, sequencing, confidentiality and integrity (RFC 4121
/// 4.1.1.1).
const WANTED: u32 = 2 | 4 | 8 | 16 | 32;

impl KerberosUser {
    /// Starts a login.
    pub(crate) fn login(&self) -> KerberosLogin {
        KerberosLogin::new(self.clone())
    }
}

impl KerberosLogin {
    fn new(user: KerberosUser) -> Self {
        Self {
            user,
            binding: [0; 16],
            state: State::New,
        }
    }

    async fn next(
        &mut self,
        token: Option<&[u8]>,
        kdc: &dyn Kdc,
    ) -> Result<Option<Vec<u8>>, LoginError> {
        match (std::mem::replace(&mut self.state, State::Failed), token) {
            (State::New, None) => {
                let ticket = service_ticket(&self.user, kdc).await?;
                self.show(ticket).map(Some)
            }
            (State::Shown(shown), Some(token)) => {
                let proven = self.check(&shown, token);
                match proven {
                    Ok(context) => {
                        self.state = State::Open(context);
                        Ok(None)
                    }
                    Err(error) => {
                        self.user.forget(&shown.ticket);
                        Err(error)
                    }
                }
            }
            _ => Err(LoginError::new("the server continued a completed login")),
        }
    }

    /// Builds the token with the ticket.
    fn show(&mut self, ticket: ServiceTicket) -> Result<Vec<u8>, LoginError> {
        let environment = self.user.environment;
        let now = Stamp::of((environment.now)()).shifted(ticket.skew);
        let now = now.ok_or_else(|| LoginError::new("the KDC sent an invalid time"))?;
        let subkey = Key::random(ticket.key.etype(), environment)?;
        // 30 bits, so that no count reaches the 32nd, which some implementations read as a sign.
        let [a, b, c, d] = environment.random()?;
        let sequence = u32::from_be_bytes([a & 0x3F, b, c, d]);
        let checksum = [
            &16_u32.to_le_bytes()[..],
            &self.binding,
            &WANTED.to_le_bytes(),
        ]
        .concat();
        let authenticator = Authenticator {
            realm: ticket.user_realm.clone(),
            user: ticket.user.clone(),
            checksum: (GSS_CHECKSUM, checksum),
            now,
            subkey: Some(subkey.clone()),
            sequence,
        };
        let shown = (&ticket.key, Usage::ApAuthenticator);
        let request = ApRequest::write(&ticket.ticket, &authenticator, shown, environment)?;
        self.state = State::Shown(Box::new(Shown {
            ticket,
            now,
            subkey,
            sequence,
        }));
        Ok(write_token(TokenKind::Request, &request))
    }

    fn context(&mut self) -> Result<&mut Context, LoginError> {
        match &mut self.state {
            State::Open(context) => Ok(context),
            _ => Err(LoginError::new("the login is not complete")),
        }
    }

    /// Verifies the server's answer; returns the session keys.
    fn check(&self, shown: &Shown, token: &[u8]) -> Result<Context, LoginError> {
        let none = || LoginError::new("the server sent an invalid token");
        let message = match read_token(token).ok_or_else(none)? {
            (TokenKind::Reply, message) => message,
            (TokenKind::Error, message) => {
                let error = KrbError::read(message).ok_or_else(none)?;
                let problem = match error.problem((self.user.environment.now)()) {
                    LoginProblem::ClockSkew { seconds } => {
                        LoginProblem::ServerClockSkew { seconds }
                    }
                    other => other,
                };
                return Err(LoginError::of(problem, "the server"));
            }
            (TokenKind::Request, _) => return Err(none()),
        };
        let not_proven = LoginProblem::ServerNotProven;
        let reply = ApReply::open(message, &shown.ticket.key)
            .filter(|reply| reply.time == shown.now)
            .ok_or_else(|| LoginError::of(not_proven, "the login"))?;
        let is_of_acceptor = reply.subkey.is_some();
        let key = reply.subkey.unwrap_or_else(|| shown.subkey.clone());
        if !self.user.etypes.contains(&key.etype()) {
            let problem = LoginProblem::NoSupportedEncryption;
            return Err(LoginError::of(problem, "the server"));
        }
        Ok(Context::new(ContextKey {
            key,
            is_of_acceptor,
            role: Role::Initiator,
            next: shown.sequence,
            expected: reply.sequence,
            environment: self.user.environment,
        }))
    }
}

/// A ticket of a failed login is not used again: the service may have a new key.
impl Drop for KerberosLogin {
    fn drop(&mut self) {
        if let State::Shown(shown) = &self.state {
            self.user.forget(&shown.ticket);
        }
    }
}

impl ConnectionLogin for KerberosLogin {
    fn scheme(&self) -> &'static str {
        "Negotiate"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Spnego
    }

    fn bind(&mut self, channel: &[u8]) {
        self.binding = gss_hash(channel);
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, kdc: &'a dyn Kdc) -> TokenFuture<'a> {
        Box::pin(self.next(token, kdc))
    }

    fn is_complete(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.context()?.sign(message)
    }

    fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        self.context()?.verify(message, signature)
    }

    fn kdc_clock_ahead(&self) -> Option<i64> {
        match &self.state {
            State::Shown(shown) => Some(shown.ticket.kdc_ahead),
            _ => None,
        }
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        vec![LoginAttempt::Kerberos]
    }
}

impl Sealer for KerberosLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        self.context()?.seal(message)
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.context()?.unseal(header, data)
    }
}

impl fmt::Debug for KerberosLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KerberosLogin").finish_non_exhaustive()
    }
}
