//! The client's side of a negotiation (RFC 4178 5).

use super::WithoutKerberos;
use super::token::{Mechanism, NegTokenInit, Reply, State, list};
use crate::auth::negotiate::{ConnectionLogin, Kdc, LoginError, TokenFuture};
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::{KerberosObstacle, LoginAttempt};

/// A login with the best mechanism that both sides support.
///
/// The offer carries the first token of the best mechanism. If the server chooses another one, both
/// sides sign the offer with the keys of the login: otherwise an attacker could remove the best
/// mechanism.
#[derive(Debug)]
pub(crate) struct SpnegoLogin {
    /// The offered logins, the best first.
    logins: Vec<MechanismLogin>,
    /// The mechanisms that were not offered, with the reason.
    skipped: Vec<LoginAttempt>,
    /// The offer as it was sent.
    list: Vec<u8>,
    /// The index of the chosen login; the first one until the server has chosen.
    chosen: usize,
    has_chosen: bool,
    signatures: Signatures,
    /// The obstacle that Kerberos met in this login.
    obstacle: Option<KerberosObstacle>,
    without_kerberos: Option<WithoutKerberos>,
}

/// A login, and the names of its mechanism.
#[derive(Debug)]
pub(crate) struct MechanismLogin {
    pub(crate) mechanisms: &'static [Mechanism],
    pub(crate) login: Box<dyn ConnectionLogin>,
}

/// The state of the list's signatures.
#[derive(Debug, Default)]
struct Signatures {
    /// Whether the server accepts the login only with signatures.
    required: bool,
    sent: bool,
    received: bool,
}

impl SpnegoLogin {
    /// Creates a login that offers these mechanisms, the best first.
    pub(crate) fn new(logins: Vec<MechanismLogin>, skipped: Vec<LoginAttempt>) -> Self {
        Self {
            logins,
            skipped,
            list: Vec::new(),
            chosen: 0,
            has_chosen: false,
            signatures: Signatures::default(),
            obstacle: None,
            without_kerberos: None,
        }
    }

    /// Stores whether Kerberos gave a ticket, or the obstacle if the login is accepted without it.
    pub(crate) fn noting(self, without_kerberos: WithoutKerberos) -> Self {
        Self {
            without_kerberos: Some(without_kerberos),
            ..self
        }
    }

    async fn next_token(
        &mut self,
        token: Option<&[u8]>,
        kdc: &dyn Kdc,
    ) -> Result<Option<Vec<u8>>, LoginError> {
        match token {
            None => self.offer(kdc).await.map(Some),
            Some(token) => {
                let reply = Reply::read(token)
                    .ok_or_else(|| LoginError::new("the server sent an invalid SPNEGO token"))?;
                self.answer(reply, kdc).await
            }
        }
    }

    /// Offers the mechanisms that have a first token.
    async fn offer(&mut self, kdc: &dyn Kdc) -> Result<Vec<u8>, LoginError> {
        loop {
            let Some(best) = self.logins.first_mut() else {
                return Err(LoginError::new(
                    "no mechanism of Negotiate is left: the client could not start any",
                ));
            };
            match best.login.step(None, kdc).await {
                Ok(token) => {
                    let mechanisms = self.logins.iter().flat_map(|way| way.mechanisms);
                    self.list = list(mechanisms.copied());
                    let list = self.list.clone();
                    return Ok(NegTokenInit { list, token }.written());
                }
                // A problem of the user affects the next mechanism too, and attempts are counted.
                Err(error) if self.logins.len() == 1 || error.is_about_the_user() => {
                    return Err(error);
                }
                Err(error) => {
                    let obstacle = KerberosObstacle::NoTicket(error.problem());
                    self.obstacle = Some(obstacle);
                    self.skipped.push(LoginAttempt::WithoutKerberos(obstacle));
                    self.logins.remove(0);
                }
            }
        }
    }

    async fn answer(
        &mut self,
        mut reply: Reply,
        kdc: &dyn Kdc,
    ) -> Result<Option<Vec<u8>>, LoginError> {
        if reply.state == Some(State::Rejected) {
            return Err(self.rejection(reply.token, kdc).await);
        }
        let is_begun = self.choose(&reply)?;
        let token = match (reply.token.take(), is_begun) {
            (Some(token), true) => self.way()?.step(Some(&token), kdc).await?,
            (None, true) => None,
            (None, false) => self.way()?.step(None, kdc).await?,
            (Some(_), false) => {
                return Err(LoginError::new(
                    "the server sent a token before it chose a mechanism",
                ));
            }
        };
        if let Some(signature) = reply.signature {
            self.check(&signature)?;
        }
        let signature = self.signature()?;
        if token.is_none() && signature.is_none() {
            return match reply.state {
                Some(State::Completed) | None if self.is_complete() => {
                    self.note();
                    Ok(None)
                }
                Some(State::Completed) | None => Err(LoginError::new(
                    "the server ended the login before it was complete",
                )),
                _ => Err(LoginError::new("the server continued a completed login")),
            };
        }
        let state = if self.is_complete() && self.signatures.received {
            State::Completed
        } else {
            State::Incomplete
        };
        Ok(Some(
            Reply {
                state: Some(state),
                mechanism: None,
                token,
                signature,
            }
            .written(),
        ))
    }

    /// Stores what an accepted login shows about Kerberos. A login that did not try it shows
    /// nothing.
    fn note(&self) {
        let tried_kerberos = self.logins.len() > 1;
        match (&self.without_kerberos, self.obstacle) {
            (Some(without), Some(obstacle)) => without.give_up(obstacle),
            (Some(without), None) if tried_kerberos => without.end(),
            _ => {}
        }
    }

    /// Returns the reason of a rejection, which its token may explain.
    async fn rejection(&mut self, token: Option<Vec<u8>>, kdc: &dyn Kdc) -> LoginError {
        let refusal = LoginError::refusal("the server rejected the login");
        let (Some(token), Ok(way)) = (token, self.way()) else {
            return refusal;
        };
        match way.step(Some(&token), kdc).await {
            Err(error) if error.problem().is_some() => error,
            _ => refusal,
        }
    }

    /// Handles the server's choice in its first reply; returns whether that mechanism's login has
    /// started.
    fn choose(&mut self, reply: &Reply) -> Result<bool, LoginError> {
        if self.has_chosen {
            return match (reply.mechanism, reply.state) {
                (None, Some(State::RequestsSignature)) => {
                    Err(LoginError::new("the server required signatures too late"))
                }
                _ => Ok(true),
            };
        }
        self.has_chosen = true;
        self.signatures.required = reply.state == Some(State::RequestsSignature);
        if let Some(mechanism) = reply.mechanism {
            let mut logins = self.logins.iter();
            let chosen = logins.position(|way| way.mechanisms.contains(&mechanism));
            self.chosen = chosen.ok_or_else(|| {
                LoginError::new("the server chose a mechanism that was not offered")
            })?;
        }
        self.signatures.required |= self.chosen != 0;
        Ok(self.chosen == 0)
    }

    fn check(&mut self, signature: &[u8]) -> Result<(), LoginError> {
        let list = std::mem::take(&mut self.list);
        let way = self.way()?;
        let checked = if way.is_complete() {
            way.verify(&list, signature)
        } else {
            Err(LoginError::new(
                "the server sent a signature before the login had keys",
            ))
        };
        self.list = list;
        self.signatures.received = checked.is_ok();
        checked
    }

    /// Signs the list once there are keys: if the server requires it or has signed it, or if the
    /// mechanism does, as NTLM (MS-SPNG 3.3.5.1).
    fn signature(&mut self) -> Result<Option<Vec<u8>>, LoginError> {
        let wanted = self.signatures.required || self.signatures.received;
        let was_sent = self.signatures.sent;
        let list = std::mem::take(&mut self.list);
        let way = self.way()?;
        let signature = if way.is_complete() && !was_sent && (wanted || way.wants_signature()) {
            Some(way.sign(&list)?)
        } else {
            None
        };
        self.list = list;
        self.signatures.sent |= signature.is_some();
        Ok(signature)
    }

    fn way(&mut self) -> Result<&mut (dyn ConnectionLogin + 'static), LoginError> {
        match self.logins.get_mut(self.chosen) {
            Some(way) => Ok(way.login.as_mut()),
            None => Err(LoginError::new(
                "no mechanism of Negotiate is left: the client could not start any",
            )),
        }
    }
}

impl ConnectionLogin for SpnegoLogin {
    fn scheme(&self) -> &'static str {
        "Negotiate"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Spnego
    }

    fn bind(&mut self, channel: &[u8]) {
        let logins = self.logins.iter_mut();
        logins.for_each(|way| way.login.bind(channel));
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, kdc: &'a dyn Kdc) -> TokenFuture<'a> {
        Box::pin(self.next_token(token, kdc))
    }

    fn is_complete(&self) -> bool {
        let way = self.logins.get(self.chosen);
        way.is_some_and(|way| way.login.is_complete())
            && (self.signatures.received || !self.signatures.required)
    }

    fn kdc_clock_ahead(&self) -> Option<i64> {
        let way = self.logins.get(self.chosen);
        way.and_then(|way| way.login.kdc_clock_ahead())
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        let way = self.logins.get(self.chosen);
        let tried = way.map(|way| way.login.attempts()).unwrap_or_default();
        [self.skipped.clone(), tried].concat()
    }
}

impl Sealer for SpnegoLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        self.way()?.seal(message)
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.way()?.unseal(header, data)
    }
}
