//! Answers from recorded exchanges, without a server.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::text::{element_text, replace_text_at};
use crate::auth::LoginEvidence;
use crate::case::{self, Case, CaseDelivery, CaseError, CaseExchange};
use crate::transport::{
    ConnectProblem, Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport,
    TransportError, TransportErrorKind,
};

/// A transport that returns recorded answers in order, whatever the request.
///
/// The answers are returned byte for byte. The requests are kept: see [`Replay::requests`].
///
/// ```
/// use wsman::record::{Exchange, Replay};
/// use wsman::transport::{OutgoingMessage, Transport};
///
/// # wsman::doc_examples::block_on(async || {
/// let replay = Replay::from_exchanges(vec![Exchange::answered(200, "<answer/>")]);
/// let message = OutgoingMessage::new("<question/>");
/// assert_eq!(replay.exchange(message).await?.body, "<answer/>");
/// assert_eq!(replay.requests(), ["<question/>"]);
/// # Ok(()) });
/// ```
pub struct Replay {
    state: Mutex<State>,
    relate: bool,
}

#[derive(Default)]
struct State {
    to_come: VecDeque<Exchange>,
    requests: Vec<Bytes>,
}

/// An answer to return, or an error instead.
#[derive(Clone, Debug)]
pub struct Exchange(Outcome);

#[derive(Clone, Debug)]
enum Outcome {
    Answer(IncomingMessage),
    Failure {
        delivery: CaseDelivery,
        message: String,
    },
}

/// The path of the header that names the answered message.
const RELATES_TO: [&str; 3] = ["Envelope", "Header", "RelatesTo"];

impl Exchange {
    /// Creates a complete answer: its HTTP status and its body, as `application/soap+xml`.
    pub fn answered(status: u16, body: impl Into<Bytes>) -> Self {
        let soap = (
            "content-type".to_owned(),
            "application/soap+xml;charset=UTF-8".to_owned(),
        );
        Self::from(IncomingMessage {
            status,
            headers: vec![soap],
            body: body.into(),
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
        })
    }

    /// Creates the error of a message that was sent and got no complete answer:
    /// [`TransportErrorKind::Interrupted`], with an unknown delivery.
    pub fn lost(message: impl Into<String>) -> Self {
        Self(Outcome::Failure {
            delivery: CaseDelivery::Unknown,
            message: message.into(),
        })
    }

    /// Creates the error of a message that was not sent: [`TransportErrorKind::Connect`].
    pub fn not_sent(message: impl Into<String>) -> Self {
        Self(Outcome::Failure {
            delivery: CaseDelivery::NotSent,
            message: message.into(),
        })
    }

    fn read(folder: &Path, recorded: CaseExchange) -> Result<Self, CaseError> {
        let Some(response) = recorded.response else {
            let delivery = recorded.delivery.unwrap_or(CaseDelivery::Unknown);
            let message = recorded
                .failure
                .unwrap_or_else(|| "no answer was recorded".to_owned());
            return Ok(Self(Outcome::Failure { delivery, message }));
        };
        Ok(Self::from(IncomingMessage {
            status: recorded.status.unwrap_or(200),
            headers: recorded.headers.into_iter().collect(),
            body: case::read_message(folder, &response)?,
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
        }))
    }
}

impl From<IncomingMessage> for Exchange {
    fn from(answer: IncomingMessage) -> Self {
        Self(Outcome::Answer(answer))
    }
}

impl Replay {
    /// Reads one case, or every case of a folder, sorted by name.
    ///
    /// # Errors
    ///
    /// Fails with [`TransportErrorKind::Replay`] if there is no case, or one of its files cannot be
    /// read.
    pub fn load(dir: impl AsRef<Path>) -> Result<Self, TransportError> {
        Self::read(dir.as_ref())
            .map(|exchanges| Self::from_exchanges(exchanges).relate(true))
            .map_err(|cause| {
                replay_error("the recorded exchanges cannot be read".to_owned()).with_source(cause)
            })
    }

    fn read(dir: &Path) -> Result<Vec<Exchange>, CaseError> {
        let mut exchanges = Vec::new();
        for folder in case::folders(dir)? {
            for recorded in Case::read(&folder)?.exchanges {
                exchanges.push(Exchange::read(&folder, recorded)?);
            }
        }
        Ok(exchanges)
    }

    /// Returns these exchanges in order.
    pub fn from_exchanges(exchanges: Vec<Exchange>) -> Self {
        let state = State {
            to_come: exchanges.into(),
            requests: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            relate: false,
        }
    }

    /// Sets whether an answer is related to its request: the request's `MessageID` then replaces
    /// the text of the answer's `RelatesTo` header; every other byte is kept. Defaults to on for
    /// loaded exchanges, and to off for others.
    #[must_use]
    pub fn relate(mut self, relate: bool) -> Self {
        self.relate = relate;
        self
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Bytes> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, message: OutgoingMessage) -> Result<IncomingMessage, TransportError> {
        let mut state = self.state();
        state.requests.push(message.body.clone());
        let next = state.to_come.pop_front();
        let number = state.requests.len();
        drop(state);

        match next.map(|exchange| exchange.0) {
            None => Err(missing(number, &message.body)),
            Some(Outcome::Failure {
                delivery: CaseDelivery::NotSent,
                message: text,
            }) => Err(TransportError::new(
                TransportErrorKind::Connect(ConnectProblem::Other),
                Delivery::NotSent,
                text,
            )),
            Some(Outcome::Failure {
                delivery: CaseDelivery::Unknown,
                message: text,
            }) => {
                message.sent.raise();
                Err(TransportError::new(
                    TransportErrorKind::Interrupted,
                    Delivery::Unknown,
                    text,
                ))
            }
            Some(Outcome::Answer(answer)) => {
                message.sent.raise();
                self.fit(answer, &message)
            }
        }
    }

    fn fit(
        &self,
        mut answer: IncomingMessage,
        message: &OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        if answer.body.len() > message.answer_limit {
            return Err(TransportError::new(
                TransportErrorKind::AnswerTooLarge,
                message.sent.delivery(),
                format!("the answer is larger than {} bytes", message.answer_limit),
            ));
        }
        if self.relate {
            answer.body = related(answer.body, &message.body);
        }
        Ok(answer)
    }
}

/// Replaces the recorded `RelatesTo` by the request's MessageID.
fn related(answer: Bytes, request: &[u8]) -> Bytes {
    match element_text(request, "MessageID") {
        Some(id) => replace_text_at(&answer, &RELATES_TO, id).into(),
        None => answer,
    }
}

fn missing(number: usize, request: &[u8]) -> TransportError {
    let action = element_text(request, "Action").map(String::from_utf8_lossy);
    let action = action.as_deref().unwrap_or("no action");
    replay_error(format!(
        "the replay ends before exchange {number} ({action})"
    ))
}

fn replay_error(message: String) -> TransportError {
    TransportError::new(TransportErrorKind::Replay, Delivery::NotSent, message)
}

impl Transport for Replay {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async move { self.answer(message) })
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Replay")
            .field("answered", &state.requests.len())
            .field("to_come", &state.to_come.len())
            .finish_non_exhaustive()
    }
}
