//! Messages to a server that asks for a proof with each login: Digest.

use std::sync::Mutex;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, StatusCode};
use url::Position;
use uuid::Uuid;

use super::answer::{Begun, Watch};
use super::{HttpTransport, Outgoing, locked, sensitive};
use crate::auth::Secret;
use crate::auth::challenge::Challenge;
use crate::auth::digest::{Leg, Login, Memory, Passage, Protected, Verdict};
use crate::transport::{
    Delivery, IncomingMessage, OutgoingMessage, TransportError, TransportErrorKind,
};

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// How many nonces are kept for messages to come: as many messages can be under way with the login
/// of the one before.
const KEPT: usize = 8;

/// A login by challenge and answer, and what the messages before have learnt.
#[derive(Debug)]
pub(super) struct ProvenLogin {
    login: Login,
    /// Each is used by one message at a time, so that its counts arrive in their order.
    memories: Mutex<Vec<Memory>>,
}

impl ProvenLogin {
    pub(super) fn new(login: Login) -> Self {
        Self {
            login,
            memories: Mutex::default(),
        }
    }

    fn take(&self) -> Memory {
        locked(&self.memories).pop().unwrap_or_default()
    }

    fn keep(&self, memory: Memory) {
        let mut memories = locked(&self.memories);
        if memories.len() < KEPT {
            memories.push(memory);
        }
    }
}

impl HttpTransport {
    /// Sends a message, after a challenge if none is known, and again after a 401: a server that
    /// answers so has not read it.
    pub(super) async fn log_in(
        &self,
        proven: &ProvenLogin,
        message: OutgoingMessage,
    ) -> Result<Begun, TransportError> {
        let passage = proven.login.passage(proven.take());
        self.pass(proven, passage, message).await
    }

    /// The same after an answer to another login, which has said what the server takes.
    #[cfg(feature = "negotiate")]
    pub(super) async fn log_in_after(
        &self,
        proven: &ProvenLogin,
        mut answer: IncomingMessage,
        message: OutgoingMessage,
    ) -> Result<Begun, TransportError> {
        if answer.status != StatusCode::UNAUTHORIZED.as_u16() {
            return self.log_in(proven, message).await;
        }
        let mut passage = proven.login.passage(Memory::default());
        if let Verdict::Refused(tried) = passage.refused(&offers(&answer), client_nonce()) {
            answer.tried.extend(tried);
            return Ok(Begun::Whole(answer));
        }
        let begun = self.pass(proven, passage, message).await?;
        Ok(begun.after(answer.tried))
    }

    async fn pass(
        &self,
        proven: &ProvenLogin,
        mut passage: Passage<'_>,
        message: OutgoingMessage,
    ) -> Result<Begun, TransportError> {
        let protected = Protected {
            method: "POST",
            uri: &self.url[Position::BeforePath..Position::AfterQuery],
            body: &message.body,
        };
        loop {
            let leg = passage.leg(protected);
            let scheme = passage.scheme();
            let (watch, response) = self.leg(&leg, &message).await?;
            let begun = match response.status() {
                StatusCode::UNAUTHORIZED => Begun::Whole(watch.whole(response).await?),
                _ => Begun::Answer(watch, response),
            };
            let verdict = match &begun {
                Begun::Whole(answer) => {
                    if matches!(leg, Leg::Message(_)) {
                        self.leave_connections();
                    }
                    passage.refused(&offers(answer), client_nonce())
                }
                Begun::Answer(_, response) => {
                    passage.passed(authentication_info(response.headers()).as_deref())
                }
            };
            match verdict {
                Verdict::Again => {
                    // Read to its end, so that the connection can be used again.
                    begun.whole().await?;
                }
                Verdict::Accepted(memory) => {
                    proven.keep(memory);
                    return Ok(begun.accepted(scheme));
                }
                Verdict::Refused(tried) => {
                    let mut answer = begun.whole().await?;
                    answer.tried = tried;
                    return Ok(Begun::Whole(answer));
                }
            }
        }
    }

    /// One leg, and the start of its answer.
    async fn leg(
        &self,
        leg: &Leg,
        message: &OutgoingMessage,
    ) -> Result<(Watch, Response), TransportError> {
        let watch = self.watch(message);
        let outgoing = match leg {
            // Its own flag: the message itself has not left.
            Leg::Opening => Outgoing::default(),
            Leg::Message(login) => Outgoing {
                body: message.body.clone(),
                sent: message.sent.clone(),
                identity: login.as_ref().map(authorization).transpose()?,
                content_type: None,
            },
        };
        let request = self.request(outgoing, watch.departure.clone());
        let response = watch.head(request.send()).await?;
        Ok((watch, response))
    }
}

/// A login as a header; nothing was sent if HTTP cannot carry it.
fn authorization(login: &Secret) -> Result<(HeaderName, HeaderValue), TransportError> {
    match sensitive(login) {
        Ok(value) => Ok((AUTHORIZATION, value)),
        Err(_) => Err(TransportError::new(
            TransportErrorKind::Interrupted,
            Delivery::NotSent,
            "the challenge of the server cannot be answered in a header",
        )),
    }
}

fn offers(answer: &IncomingMessage) -> Vec<Challenge> {
    Challenge::read_all(answer.login_offers())
}

fn authentication_info(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHENTICATION_INFO)?;
    Some(value.to_str().ok()?.to_owned())
}

fn client_nonce() -> String {
    Uuid::new_v4().simple().to_string()
}
