//! A connection with an NTLM login, and its sealed messages.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::auth::negotiate::kerberos::Context;
use crate::auth::negotiate::ntlm::keys::{Broken, NtlmKeys};
use crate::auth::seal::{self, MimeForm, Protocol, Sealed, Sealer};
use crate::simulator::environment::environment;
use crate::simulator::login::kerberos::{KerberosScheme, TicketAcceptor};
use crate::simulator::login::ntlm::{Demands, Exchange, challenge, is_negotiate};
use crate::simulator::login::spnego::{Incoming, Negotiation, by_ticket, ticket_of};
use crate::simulator::login::{CbtHardening, Login, Opened};

/// The limit of an unsealed message, in bytes.
const LARGEST: usize = 64 << 20;

/// How a [`Simulator`](crate::simulator::Simulator) accepts NTLM (MS-NLMP): inside SPNEGO or raw in
/// `Negotiate`, and under its own name.
///
/// Verifies the NTLMv2 proof of the password. Requires the integrity code of the login and sealed
/// messages, as a Windows server does on `http://`.
#[derive(Clone, Debug)]
#[must_use]
pub struct NtlmScheme {
    demands: Demands,
    sealed: bool,
    form: MimeForm,
}

impl Default for NtlmScheme {
    fn default() -> Self {
        Self::new()
    }
}

impl NtlmScheme {
    /// Creates the settings of Windows.
    pub fn new() -> Self {
        Self {
            demands: Demands {
                code: true,
                cbt: CbtHardening::default(),
            },
            sealed: true,
            form: MimeForm::Tabbed,
        }
    }

    /// Accepts unsealed messages too (`AllowUnencrypted`).
    pub fn allow_unencrypted(mut self) -> Self {
        self.sealed = false;
        self
    }

    /// Accepts a login without an integrity code, as old clients send it.
    pub fn allow_no_integrity(mut self) -> Self {
        self.demands.code = false;
        self
    }

    /// Sets the required channel binding over HTTPS.
    pub fn cbt(mut self, level: CbtHardening) -> Self {
        self.demands.cbt = level;
        self
    }

    /// Seals without a tab before the part headers, as OMI does.
    pub fn untabbed(mut self) -> Self {
        self.form = MimeForm::Untabbed;
        self
    }
}

/// The progress of a connection's login.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Channel(Mutex<LoginState>);

#[derive(Debug, Default)]
enum LoginState {
    #[default]
    Anonymous,
    /// SPNEGO has chosen NTLM, whose login starts now.
    Chosen(Negotiation),
    Challenged(Exchange, Option<Negotiation>),
    LoggedIn(Keys, SealForm),
}

/// The keys of a login.
#[derive(Debug)]
enum Keys {
    Ntlm(Box<NtlmKeys>),
    Ticket(Box<Context>),
}

/// How messages are sealed, and whether they must be.
#[derive(Clone, Copy, Debug)]
struct SealForm {
    form: MimeForm,
    sealed: bool,
}

/// The server of an NTLM login.
#[derive(Clone, Copy)]
pub(super) struct NtlmAcceptor<'a> {
    pub(super) scheme: &'a NtlmScheme,
    /// The user name and the password.
    pub(super) user: [&'a str; 2],
    /// The channel binding, if there is one.
    pub(super) channel: Option<&'a [u8]>,
}

impl NtlmAcceptor<'_> {
    /// Handles a token; returns the answer and the new progress, or `None` if the token is refused.
    fn take(self, progress: LoginState, token: Incoming) -> Option<(LoginState, Option<Vec<u8>>)> {
        match (progress, token) {
            (LoginState::Challenged(exchange, None), Incoming::Raw(token))
                if !is_negotiate(&token) =>
            {
                let keys = exchange
                    .verify(&token, self.user, &self.scheme.demands)
                    .ok()?;
                Some((self.logged_in(keys), None))
            }
            (_, Incoming::Raw(token)) => {
                let (exchange, challenge) = self.challenge(token)?;
                Some((LoginState::Challenged(exchange, None), Some(challenge)))
            }
            (_, Incoming::Offer(offer)) => match Negotiation::choose(offer)? {
                (negotiation, Some(token)) => {
                    let (exchange, challenge) = self.challenge(token)?;
                    let answer = negotiation.chosen(Some(challenge));
                    let progress = LoginState::Challenged(exchange, Some(negotiation));
                    Some((progress, Some(answer)))
                }
                (negotiation, None) => {
                    let answer = negotiation.chosen(None);
                    Some((LoginState::Chosen(negotiation), Some(answer)))
                }
            },
            (LoginState::Chosen(negotiation), Incoming::Reply(reply)) => {
                let (exchange, challenge) = self.challenge(reply.token?)?;
                let progress = LoginState::Challenged(exchange, Some(negotiation));
                Some((progress, Some(Negotiation::goes_on(challenge))))
            }
            (LoginState::Challenged(exchange, Some(negotiation)), Incoming::Reply(reply)) => {
                let demands = &self.scheme.demands;
                let mut keys = exchange.verify(&reply.token?, self.user, demands).ok()?;
                let signature = reply.signature.as_deref();
                let answer = negotiation.end(&mut keys, signature, !demands.code)?;
                Some((self.logged_in(keys), Some(answer)))
            }
            _ => None,
        }
    }

    fn challenge(self, negotiate: Vec<u8>) -> Option<(Exchange, Vec<u8>)> {
        let challenge = challenge(&negotiate, environment().random().ok()?)?;
        let exchange = Exchange {
            negotiate,
            challenge: challenge.clone(),
            channel: self.channel.map(<[u8]>::to_vec),
        };
        Some((exchange, challenge))
    }

    fn logged_in(self, keys: NtlmKeys) -> LoginState {
        let manner = SealForm {
            form: self.scheme.form,
            sealed: self.scheme.sealed,
        };
        LoginState::LoggedIn(Keys::Ntlm(Box::new(keys)), manner)
    }
}

impl Sealer for Keys {
    type Error = Broken;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Broken> {
        match self {
            Self::Ntlm(keys) => keys.seal(message),
            Self::Ticket(keys) => keys.seal(message).map_err(|_| Broken),
        }
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Broken> {
        match self {
            Self::Ntlm(keys) => keys.unseal(header, data),
            Self::Ticket(keys) => keys.unseal(header, data).map_err(|_| Broken),
        }
    }
}

impl Channel {
    /// Handles a token of a login; `given` is the value of `Authorization`.
    pub(super) fn log_in(&self, door: NtlmAcceptor<'_>, given: &str) -> Option<Login> {
        let (name, token) = given.split_once(' ')?;
        if !matches!(name, "Negotiate" | "NTLM") {
            return None;
        }
        let token = Incoming::read(BASE64.decode(token.trim()).ok()?);
        let mut progress = self.lock();
        let (next, answer) = door.take(std::mem::take(&mut *progress), token)?;
        *progress = next;
        let answer = answer.map(|answer| format!("{name} {}", BASE64.encode(answer)));
        match (&*progress, answer) {
            (LoginState::LoggedIn(..), answer) => Some(Login::Established(answer)),
            (_, answer) => answer.map(Login::Continued),
        }
    }

    /// Accepts a Kerberos ticket; `None` if the token is not a ticket.
    pub(super) fn take_ticket(&self, acceptor: TicketAcceptor<'_>, given: &str) -> Option<Login> {
        let token = BASE64
            .decode(given.strip_prefix("Negotiate ")?.trim())
            .ok()?;
        let (ticket, is_offer) = match Incoming::read(token) {
            Incoming::Raw(token) => (token, false),
            Incoming::Offer(offer) => (ticket_of(offer)?, true),
            Incoming::Reply(_) => return None,
        };
        if !KerberosScheme::is_ticket(&ticket) {
            return None;
        }
        let Ok((keys, proof)) = acceptor.accept(&ticket) else {
            return Some(Login::Refused { stale: false });
        };
        let manner = SealForm {
            form: acceptor.scheme.form,
            sealed: acceptor.scheme.sealed,
        };
        *self.lock() = LoginState::LoggedIn(Keys::Ticket(Box::new(keys)), manner);
        let answer = if is_offer { by_ticket(proof) } else { proof };
        let answer = format!("Negotiate {}", BASE64.encode(answer));
        Some(Login::Established(Some(answer)))
    }

    /// Ends the login.
    pub(super) fn forget(&self) {
        *self.lock() = LoginState::Anonymous;
    }

    pub(in crate::simulator) fn is_logged_in(&self) -> bool {
        matches!(*self.lock(), LoginState::LoggedIn(..))
    }

    /// Unseals a message.
    pub(super) fn open(&self, content_type: &str, body: &[u8]) -> Opened {
        let mut progress = self.lock();
        let LoginState::LoggedIn(session, manner) = &mut *progress else {
            return Opened::Plain;
        };
        if seal::is_sealed(content_type) {
            return match seal::unseal(session, body, LARGEST) {
                Ok(message) => Opened::Sealed(message.into()),
                Err(_) => Opened::Refused,
            };
        }
        if manner.sealed && !body.is_empty() {
            Opened::Refused
        } else {
            Opened::Plain
        }
    }

    /// Seals an answer; returns it with its content type.
    pub(in crate::simulator) fn seal(&self, answer: &[u8]) -> Option<(Vec<u8>, &'static str)> {
        let mut progress = self.lock();
        let LoginState::LoggedIn(session, manner) = &mut *progress else {
            return None;
        };
        let protocol = Protocol::Spnego;
        let sealed = seal::seal(session, protocol, manner.form, answer).ok()?;
        Some((sealed, protocol.content_type()))
    }

    fn lock(&self) -> MutexGuard<'_, LoginState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
