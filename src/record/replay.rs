//! Answers from recorded exchanges, without a server.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::compare::Shape;
use super::text::{element_text, replace_text_at};
use crate::case::{self, Case, CaseDelivery, CaseError, CaseExchange};
use crate::transport::{
    ConnectProblem, Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport,
    TransportError, TransportErrorKind, WholeAnswer, WholeRequest,
};

/// A transport that returns recorded answers: in order whatever the request, or those that
/// [match](Replay::matching) it.
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
/// assert_eq!(replay.exchange(message).await?.whole(100).await?.body, "<answer/>");
/// assert_eq!(replay.requests(), ["<question/>"]);
/// # Ok(()) });
/// ```
pub struct Replay {
    state: Mutex<State>,
    relate: bool,
    is_matching: bool,
    is_strict: bool,
}

#[derive(Default)]
struct State {
    to_come: VecDeque<Exchange>,
    requests: Vec<Bytes>,
}

/// An answer to return, or an error instead.
#[derive(Clone, Debug)]
pub struct Exchange {
    outcome: Outcome,
    /// The recorded request.
    request: Option<Bytes>,
}

#[derive(Clone, Debug)]
enum Outcome {
    Answer(WholeAnswer),
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
        Self::from(WholeAnswer::with_headers(status, vec![soap], body.into()))
    }

    /// Creates the error of a message that was sent and got no complete answer:
    /// [`TransportErrorKind::Interrupted`], with an unknown delivery.
    pub fn lost(message: impl Into<String>) -> Self {
        Self::from(Outcome::Failure {
            delivery: CaseDelivery::Unknown,
            message: message.into(),
        })
    }

    /// Creates the error of a message that was not sent: [`TransportErrorKind::Connect`].
    pub fn not_sent(message: impl Into<String>) -> Self {
        Self::from(Outcome::Failure {
            delivery: CaseDelivery::NotSent,
            message: message.into(),
        })
    }

    /// Sets a header of the answer, such as `content-type`. An error has none.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Outcome::Answer(answer) = &mut self.outcome {
            let name = name.to_ascii_lowercase();
            answer.headers.retain(|(known, _)| *known != name);
            answer.headers.push((name, value.into()));
        }
        self
    }

    /// Sets the request that the answer belongs to, which [`Replay::matching`] and [`Replay::strict`]
    /// compare.
    #[must_use]
    pub fn to_request(mut self, request: impl Into<Bytes>) -> Self {
        self.request = Some(request.into());
        self
    }

    fn read(folder: &Path, recorded: CaseExchange) -> Result<Self, CaseError> {
        // Only a comparison needs the request: a case without one can be replayed in order.
        let request = case::read_message(folder, &recorded.request).ok();
        let outcome = Self::read_outcome(folder, recorded)?;
        Ok(Self { outcome, request })
    }

    fn read_outcome(folder: &Path, recorded: CaseExchange) -> Result<Outcome, CaseError> {
        let Some(response) = recorded.response else {
            let delivery = recorded.delivery.unwrap_or(CaseDelivery::Unknown);
            let message = recorded
                .failure
                .unwrap_or_else(|| "no answer was recorded".to_owned());
            return Ok(Outcome::Failure { delivery, message });
        };
        Ok(Outcome::Answer(WholeAnswer::with_headers(
            recorded.status.unwrap_or(200),
            recorded.headers.into_iter().collect(),
            case::read_message(folder, &response)?,
        )))
    }
}

impl From<IncomingMessage<Bytes>> for Exchange {
    fn from(answer: IncomingMessage<Bytes>) -> Self {
        Self::from(Outcome::Answer(answer))
    }
}

impl From<Outcome> for Exchange {
    fn from(outcome: Outcome) -> Self {
        let request = None;
        Self { outcome, request }
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
            is_matching: false,
            is_strict: false,
        }
    }

    /// Answers each request with the first exchange left whose request matches, in any order: action,
    /// resource, selectors, options, fragment, subscription and body are the same. A program that sends its
    /// requests concurrently is replayed like that.
    ///
    /// A request that matches none fails with [`TransportErrorKind::Replay`]. A text that the recorder
    /// scrubbed (`***`) matches any. An exchange without a request matches none.
    ///
    /// ```
    /// use wsman::record::{Exchange, Replay};
    /// use wsman::transport::{OutgoingMessage, Transport};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// let get = |class: &str| format!(
    ///     "<Envelope><Header><Action>Get</Action><ResourceURI>{class}</ResourceURI></Header><Body/></Envelope>"
    /// );
    /// let disk = Exchange::answered(200, "<disk/>").to_request(get("Disk"));
    /// let fan = Exchange::answered(200, "<fan/>").to_request(get("Fan"));
    /// let replay = Replay::from_exchanges(vec![disk, fan]).matching();
    /// assert_eq!(replay.exchange(OutgoingMessage::new(get("Fan"))).await?.whole(100).await?.body, "<fan/>");
    /// assert_eq!(replay.exchange(OutgoingMessage::new(get("Disk"))).await?.whole(100).await?.body, "<disk/>");
    /// assert!(replay.exchange(OutgoingMessage::new(get("Disk"))).await.is_err());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn matching(mut self) -> Self {
        self.is_matching = true;
        self
    }

    /// Compares each request with the recorded one in full: all headers as well, but for the identifiers
    /// of message, session and operation and the address. In order, a request that differs fails with
    /// [`TransportErrorKind::Replay`], which names the element.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
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

    fn answer(&self, message: WholeRequest) -> Result<WholeAnswer, TransportError> {
        let mut state = self.state();
        state.requests.push(message.body.clone());
        let next = self.next(&mut state, &message.body);
        drop(state);

        match next?.outcome {
            Outcome::Failure {
                delivery: CaseDelivery::NotSent,
                message: text,
            } => Err(TransportError::new(
                TransportErrorKind::Connect(ConnectProblem::Other),
                Delivery::NotSent,
                text,
            )),
            Outcome::Failure {
                delivery: CaseDelivery::Unknown,
                message: text,
            } => {
                message.sent.raise();
                Err(TransportError::new(
                    TransportErrorKind::Interrupted,
                    Delivery::Unknown,
                    text,
                ))
            }
            Outcome::Answer(mut answer) => {
                message.sent.raise();
                if self.relate {
                    answer.body = related(answer.body, &message.body);
                }
                Ok(answer)
            }
        }
    }

    /// Takes the exchange of a request.
    fn next(&self, state: &mut State, request: &[u8]) -> Result<Exchange, TransportError> {
        if self.is_matching {
            let sent = Shape::of(request, self.is_strict);
            let matches = |exchange: &Exchange| {
                let recorded = Shape::of(exchange.request.as_deref()?, self.is_strict)?;
                recorded.difference(sent.as_ref()?).is_none().then_some(())
            };
            let at = state
                .to_come
                .iter()
                .position(|exchange| matches(exchange).is_some());
            return at
                .and_then(|at| state.to_come.remove(at))
                .ok_or_else(|| unmatched(request));
        }
        let number = state.requests.len();
        let next = state
            .to_come
            .pop_front()
            .ok_or_else(|| missing(number, request))?;
        if self.is_strict {
            check(number, &next, request)?;
        }
        Ok(next)
    }
}

/// Replaces the recorded `RelatesTo` by the request's MessageID.
fn related(answer: Bytes, request: &[u8]) -> Bytes {
    match element_text(request, "MessageID") {
        Some(id) => replace_text_at(&answer, &RELATES_TO, id).into(),
        None => answer,
    }
}

/// Fails if a request differs from that of its exchange.
fn check(number: usize, exchange: &Exchange, request: &[u8]) -> Result<(), TransportError> {
    let recorded = exchange
        .request
        .as_deref()
        .and_then(|recorded| Shape::of(recorded, true));
    let place = match (recorded, Shape::of(request, true)) {
        (Some(recorded), Some(sent)) => match recorded.difference(&sent) {
            Some(place) => place,
            None => return Ok(()),
        },
        (None, _) => "its recorded request, which is missing or no envelope".to_owned(),
        (_, None) => "Envelope".to_owned(),
    };
    let action = action(request);
    Err(replay_error(format!(
        "request {number} ({action}) differs from the recorded one in {place}"
    )))
}

fn action(request: &[u8]) -> String {
    let action = element_text(request, "Action").map(String::from_utf8_lossy);
    action.map_or_else(|| "no action".to_owned(), Into::into)
}

fn unmatched(request: &[u8]) -> TransportError {
    let action = action(request);
    replay_error(format!(
        "no recorded request that is left matches this one ({action})"
    ))
}

fn missing(number: usize, request: &[u8]) -> TransportError {
    let action = action(request);
    replay_error(format!(
        "the replay ends before exchange {number} ({action})"
    ))
}

fn replay_error(message: String) -> TransportError {
    TransportError::new(TransportErrorKind::Replay, Delivery::NotSent, message)
}

impl Transport for Replay {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let answer = self.answer(message.whole().await?)?;
            Ok(answer.into())
        })
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
