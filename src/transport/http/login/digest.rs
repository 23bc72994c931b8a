//! A login that answers the challenge of the server with every message: Digest.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Position;
use uuid::Uuid;

use super::first::Turn;
use super::{LoginSettings, note_acceptance, sensitive};
use crate::auth::challenge::Challenge;
use crate::auth::digest::{
    BodyIntegrity, Caution, Exchange, Expiry, Login, Memory, Protected, ServerFacts, Step, Verdict,
};
use crate::auth::{Credentials, Secret};
use crate::transport::http::answer::Begun;
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::http::{SetupError, locked};
use crate::transport::{
    Delivery, SentFlag, TransportError, TransportErrorKind, WholeAnswer, WholeRequest,
};

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// The limit of nonces that are kept. It is also the limit of concurrent messages that reuse an
/// earlier login.
const KEPT: usize = 8;

/// The login, and its state from earlier messages.
#[derive(Debug)]
pub(in crate::transport::http) struct Digest {
    login: Login,
    /// One message uses each state at a time, so that the nonce counts arrive in order.
    memories: Mutex<Vec<Memory>>,
    /// A harmless message to check a login with.
    probe: Bytes,
    /// The highest number of uses of a nonce when the server asked for another one.
    most_uses: AtomicU32,
    /// Whether the server has accepted the password.
    is_settled: AtomicBool,
    /// Whether the last login was refused with an accepted nonce that the server did not call stale.
    is_unexplained: AtomicBool,
    /// Whether the password was right then: the server does not name expired nonces.
    expires_silently: AtomicBool,
}

#[cfg(feature = "negotiate")]
const UNAUTHORIZED: u16 = 401;

/// A write uses a nonce twice: for itself and for the check before it.
const USES: u32 = 2;

impl Digest {
    /// Takes the login from the credentials; `None` if they are for another one.
    pub(super) fn new(
        credentials: &Credentials,
        settings: &LoginSettings<'_>,
    ) -> Result<Option<Self>, SetupError> {
        let integrity = if settings.dialler.encrypted {
            BodyIntegrity::ByTls
        } else {
            BodyIntegrity::Wanted
        };
        let login = Login::new(credentials, integrity)?;
        Ok(login.map(|login| Self {
            login: login.within(settings.limits),
            memories: Mutex::default(),
            probe: settings.probe.clone(),
            most_uses: AtomicU32::new(u32::MAX),
            is_settled: AtomicBool::new(false),
            is_unexplained: AtomicBool::new(false),
            expires_silently: AtomicBool::new(false),
        }))
    }

    pub(super) fn schemes(&self) -> Vec<&'static str> {
        if self.login.falls_back_to_basic() {
            vec!["Digest", "Basic"]
        } else {
            vec!["Digest"]
        }
    }

    /// Sends a message, after a challenge if the client has none, and again after a 401 that proves
    /// that the server did not process it.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        let exchange = self.exchange(caution(connections, &message));
        self.run(connections, turn, exchange, message).await
    }

    /// Continues after an answer to another scheme, which held the server's offers.
    #[cfg(feature = "negotiate")]
    pub(super) async fn send_after(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        mut answer: WholeAnswer,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        if answer.status != UNAUTHORIZED {
            return self.send(connections, turn, message).await;
        }
        let caution = caution(connections, &message);
        let mut exchange = self
            .login
            .exchange(Memory::default(), caution, self.facts());
        let verdict = exchange.refused(&self.offers(&answer), client_nonce());
        if let Verdict::Refused(tried) = verdict {
            answer.tried.extend(tried);
            return Ok(Begun::Whole(answer));
        }
        let begun = self.run(connections, turn, exchange, message).await?;
        Ok(begun.after(answer.tried))
    }

    async fn run(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        mut exchange: Exchange<'_>,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        loop {
            let step = exchange.step();
            let scheme = exchange.scheme();
            let begun = {
                let sending = pin!(self.step(connections, step, &mut exchange, &message));
                turn.wait(sending).await?
            };
            let uses = exchange.uses();
            let verdict = match &begun {
                Begun::Whole(answer) => {
                    let verdict = exchange.refused(&self.offers(answer), client_nonce());
                    if !matches!(verdict, Verdict::Refused(_)) {
                        self.note_refusal(uses);
                    }
                    verdict
                }
                Begun::Answer(answer, _) => {
                    exchange.passed(authentication_info(answer.headers()).as_deref())
                }
            };
            match verdict {
                Verdict::Again => {
                    // Read to its end, so that the connection can be used again.
                    begun.whole().await?;
                }
                Verdict::Accepted(memory) => {
                    note_acceptance(turn.accepted(), scheme);
                    self.note_acceptance(&memory, uses);
                    self.keep(memory);
                    return Ok(begun.accepted(scheme));
                }
                Verdict::Refused(tried) => {
                    let unexplained = exchange.is_unexplained();
                    self.is_unexplained.store(unexplained, Ordering::Relaxed);
                    let mut answer = begun.whole().await?;
                    answer.tried = tried;
                    answer.evidence.held_back = !message.sent.is_raised();
                    return Ok(Begun::Whole(answer));
                }
                Verdict::InDoubt(tried) => {
                    let mut answer = begun.whole().await?;
                    answer.tried = tried;
                    answer.evidence.unsigned = true;
                    return Ok(Begun::Whole(answer));
                }
            }
        }
    }

    /// Sends one step and waits for the start of its answer.
    async fn step(
        &self,
        connections: &Connections,
        step: Step,
        exchange: &mut Exchange<'_>,
        message: &WholeRequest,
    ) -> Result<Begun, TransportError> {
        // A preparatory message has its own flag: the message itself is not sent yet.
        let (body, sent) = match step {
            Step::Opening => (Bytes::new(), SentFlag::default()),
            Step::Check => (self.probe.clone(), SentFlag::default()),
            Step::Message => (message.body.clone(), message.sent.clone()),
        };
        let protected = Protected {
            method: "POST",
            uri: &connections.url[Position::BeforePath..Position::AfterQuery],
            body: &body,
        };
        let login = exchange.authorization(protected);
        let outgoing = Outgoing {
            identity: login.as_ref().map(authorization).transpose()?,
            body,
            sent,
            content_type: None,
        };
        let begun = connections.begin(outgoing, message.answer_limit).await;
        if step == Step::Message {
            begun
        } else {
            begun.map_err(TransportError::not_sent)
        }
    }

    /// Starts the exchange of a message. A message that must not be repeated gets no nonce that is
    /// likely to expire, judged from earlier refusals.
    fn exchange(&self, caution: Caution) -> Exchange<'_> {
        let mut memory = locked(&self.memories).pop().unwrap_or_default();
        let left = |uses| self.most_uses.load(Ordering::Relaxed).saturating_sub(uses);
        if let (Memory::Context(context), Caution::SendsOnce) = (&memory, caution)
            && left(context.uses()) < USES
        {
            memory = Memory::Nothing;
        }
        self.login.exchange(memory, caution, self.facts())
    }

    fn offers(&self, answer: &WholeAnswer) -> Vec<Challenge> {
        self.login.offers(answer.login_offers())
    }

    fn facts(&self) -> ServerFacts {
        let expiry = if self.expires_silently.load(Ordering::Relaxed) {
            Expiry::Silent
        } else {
            Expiry::Named
        };
        ServerFacts {
            expiry,
            is_settled: self.is_settled.load(Ordering::Relaxed),
        }
    }

    /// Records an accepted login. With a new nonce it shows that an unexplained refusal was about the
    /// nonce, and not about the password.
    fn note_acceptance(&self, memory: &Memory, uses: Option<u32>) {
        let was_login = !matches!(memory, Memory::Nothing);
        self.is_settled.fetch_or(was_login, Ordering::Relaxed);
        if uses == Some(1) && self.is_unexplained.swap(false, Ordering::Relaxed) {
            self.expires_silently.store(true, Ordering::Relaxed);
        }
    }

    /// Records that the server required another nonce after so many uses.
    fn note_refusal(&self, uses: Option<u32>) {
        if let Some(uses @ 2..) = uses {
            self.most_uses.fetch_min(uses - 1, Ordering::Relaxed);
        }
    }

    fn keep(&self, memory: Memory) {
        let mut memories = locked(&self.memories);
        if memories.len() < KEPT {
            memories.push(memory);
        }
    }
}

/// Whether the message may be sent again after a 401. Without TLS an attacker on the path can forge
/// or replay one.
fn caution(connections: &Connections, message: &WholeRequest) -> Caution {
    if message.is_read || connections.dialler.encrypted {
        Caution::MayRepeat
    } else {
        Caution::SendsOnce
    }
}

/// Converts a login into a header; if HTTP cannot carry it, the error says that nothing was sent.
fn authorization(login: &Secret) -> Result<(HeaderName, HeaderValue), TransportError> {
    match sensitive(login) {
        Ok(value) => Ok((AUTHORIZATION, value)),
        Err(_) => Err(TransportError::new(
            TransportErrorKind::Interrupted,
            Delivery::NotSent,
            "the response to the server's challenge is not a valid header",
        )),
    }
}

fn authentication_info(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHENTICATION_INFO)?;
    Some(value.to_str().ok()?.to_owned())
}

fn client_nonce() -> String {
    Uuid::new_v4().simple().to_string()
}
