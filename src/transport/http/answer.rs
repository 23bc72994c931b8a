//! Waits for an answer and reads it, within the limits.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::header::{
    CONNECTION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER, SERVER,
    WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::channel::{Channel, Permit, Pool, Traffic};
use super::failure::failure;
#[cfg(feature = "negotiate")]
use crate::auth::LoginAttempt;
use crate::auth::LoginEvidence;
use crate::auth::evidence::seconds_of_http_date;
use crate::transport::{
    AnswerPieces, IncomingMessage, OpenAnswer, PieceFuture, SentFlag, TimeoutKind, TransportError,
    TransportErrorKind, without_userinfo,
};

/// The limits and the state of one exchange.
#[derive(Debug)]
pub(super) struct Deadline {
    pub(super) inactivity: Duration,
    pub(super) answer_limit: usize,
    pub(super) sent: SentFlag,
    pub(super) traffic: Arc<Traffic>,
    /// The evidence about the message.
    pub(super) evidence: LoginEvidence,
}

/// An answer whose head has arrived.
pub(super) struct Answer {
    deadline: Deadline,
    response: Response<Incoming>,
}

/// The channel of an answer that is not read yet, which returns to the pool with its end.
pub(super) struct Borrowed<'a> {
    pub(super) channel: Channel,
    pub(super) pool: &'a Pool,
    pub(super) _permit: Permit<'a>,
}

/// The start of an answer.
pub(super) enum Begun<'a> {
    /// Its body is not read yet.
    Answer(Answer, Borrowed<'a>),
    /// Its body is read: a refused login, or a sealed answer.
    Whole(IncomingMessage),
}

impl<'a> Begun<'a> {
    /// Reads the answer to its end.
    pub(super) async fn whole(self) -> Result<IncomingMessage, TransportError> {
        match self {
            Begun::Answer(answer, borrowed) => {
                let answer = answer.whole().await?;
                borrowed.pool.keep(borrowed.channel);
                Ok(answer)
            }
            Begun::Whole(answer) => Ok(answer),
        }
    }

    /// The scheme of the login, if it was accepted.
    pub(super) fn accepted_scheme(&self) -> Option<&'static str> {
        match self {
            Begun::Answer(answer, _) => answer.deadline.evidence.accepted,
            Begun::Whole(answer) => answer.evidence.accepted,
        }
    }

    /// Marks the login as accepted.
    pub(super) fn accepted(mut self, scheme: Option<&'static str>) -> Self {
        match &mut self {
            Begun::Answer(answer, _) => answer.deadline.evidence.accepted = scheme,
            Begun::Whole(answer) => answer.evidence.accepted = scheme,
        }
        self
    }

    /// Adds earlier login attempts, which matter only if this one was refused too.
    #[cfg(feature = "negotiate")]
    pub(super) fn after(mut self, before: Vec<LoginAttempt>) -> Self {
        if let Begun::Whole(answer) = &mut self
            && !answer.tried.is_empty()
        {
            answer.tried.splice(0..0, before);
        }
        self
    }

    /// Opens the answer for reading in pieces. Other messages may start while it is read: those
    /// that answer its prompts must.
    pub(super) fn open(self) -> OpenAnswer<'a> {
        match self {
            Begun::Answer(answer, borrowed) => answer.open(borrowed.channel, borrowed.pool),
            Begun::Whole(answer) => OpenAnswer::whole(answer),
        }
    }
}

impl Answer {
    pub(super) fn is_refusal(&self) -> bool {
        self.response.status() == StatusCode::UNAUTHORIZED
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Reads the body of the answer to its end.
    pub(super) async fn whole(self) -> Result<IncomingMessage, TransportError> {
        let Self {
            deadline,
            mut response,
        } = self;
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let evidence = deadline.evidence_of(response.headers());
        let body = deadline.body(response.body_mut()).await?;
        Ok(IncomingMessage {
            status,
            headers,
            body,
            tried: Vec::new(),
            evidence,
        })
    }

    /// Opens the answer for reading in pieces.
    fn open(self, channel: Channel, pool: &Pool) -> OpenAnswer<'_> {
        let Self { deadline, response } = self;
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let evidence = deadline.evidence_of(response.headers());
        let body = OpenBody {
            deadline,
            body: response.into_body(),
            channel: Some(channel),
            pool,
        };
        OpenAnswer {
            evidence,
            ..OpenAnswer::new(status, headers, body)
        }
    }
}

impl Deadline {
    /// Waits for the head of the answer, which `sending` returns.
    ///
    /// The time starts when the message leaves.
    pub(super) async fn head(
        self,
        sending: impl Future<Output = Result<Response<Incoming>, hyper::Error>>,
    ) -> Result<Answer, TransportError> {
        let mut sending = pin!(sending);
        let mut patience = self.inactivity;
        loop {
            if let Ok(outcome) = timeout(patience, sending.as_mut()).await {
                let response = outcome.map_err(|error| failure(error, &self.sent))?;
                return Ok(Answer {
                    deadline: self,
                    response,
                });
            }
            patience = match self.traffic.elapsed() {
                Some(elapsed) if elapsed >= self.inactivity => return Err(self.silence()),
                Some(elapsed) => self.inactivity.saturating_sub(elapsed),
                None => self.inactivity,
            };
        }
    }

    fn evidence_of(&self, headers: &HeaderMap) -> LoginEvidence {
        LoginEvidence {
            clock_ahead: clock_ahead(headers),
            ..self.evidence.clone()
        }
    }

    async fn body(&self, body: &mut Incoming) -> Result<Bytes, TransportError> {
        let announced = body.size_hint().exact().unwrap_or(0);
        if announced > self.answer_limit as u64 {
            return Err(self.too_large());
        }
        let Some(first) = self.chunk(body, self.answer_limit).await? else {
            return Ok(Bytes::new());
        };
        let mut room = self.answer_limit.saturating_sub(first.len());
        // Most answers arrive in one piece, which is returned without a copy.
        let Some(mut chunk) = self.chunk(body, room).await? else {
            return Ok(first);
        };
        let mut whole = BytesMut::from(first);
        loop {
            room = room.saturating_sub(chunk.len());
            whole.extend_from_slice(&chunk);
            match self.chunk(body, room).await? {
                Some(next) => chunk = next,
                None => return Ok(whole.freeze()),
            }
        }
    }

    /// Returns the next piece of the body, if there is one and it fits the limit.
    async fn chunk(
        &self,
        body: &mut Incoming,
        room: usize,
    ) -> Result<Option<Bytes>, TransportError> {
        loop {
            let frame = timeout(self.inactivity, body.frame())
                .await
                .map_err(|_| self.silence())?;
            let Some(frame) = frame else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| failure(error, &self.sent))?;
            // Trailers are ignored.
            if let Ok(chunk) = frame.into_data() {
                return if chunk.len() > room {
                    Err(self.too_large())
                } else {
                    Ok(Some(chunk))
                };
            }
        }
    }

    fn silence(&self) -> TransportError {
        TransportError::new(
            TransportErrorKind::Timeout(TimeoutKind::Inactivity),
            self.sent.delivery(),
            format!("the server sent nothing for {:?}", self.inactivity),
        )
    }

    fn too_large(&self) -> TransportError {
        TransportError::new(
            TransportErrorKind::AnswerTooLarge,
            self.sent.delivery(),
            format!("the answer is larger than {} bytes", self.answer_limit),
        )
    }
}

/// A body that is read in pieces. Dropping it before its end closes the connection.
struct OpenBody<'a> {
    deadline: Deadline,
    body: Incoming,
    channel: Option<Channel>,
    pool: &'a Pool,
}

impl AnswerPieces for OpenBody<'_> {
    fn next(&mut self) -> PieceFuture<'_> {
        Box::pin(async {
            let limit = self.deadline.answer_limit;
            let piece = self.deadline.chunk(&mut self.body, limit).await?;
            if piece.is_none()
                && let Some(channel) = self.channel.take()
            {
                self.pool.keep(channel);
            }
            Ok(piece)
        })
    }
}

/// Returns the seconds by which the server's clock is ahead, from the `Date` of this answer.
fn clock_ahead(headers: &HeaderMap) -> Option<i64> {
    let there = seconds_of_http_date(headers.get(DATE)?.to_str().ok()?)?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(there - i64::try_from(here.as_secs()).ok()?)
}

/// Returns the headers that callers need; see [`IncomingMessage::headers`].
fn kept_headers(all: &HeaderMap) -> Vec<(String, String)> {
    const KEPT: [HeaderName; 6] = [
        CONTENT_TYPE,
        LOCATION,
        WWW_AUTHENTICATE,
        SERVER,
        CONNECTION,
        RETRY_AFTER,
    ];
    let text = |name: &HeaderName, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if *name == LOCATION {
            without_userinfo(&text)
        } else {
            text.into_owned()
        }
    };
    KEPT.iter()
        .flat_map(|name| all.get_all(name).iter().map(move |value| (name, value)))
        .map(|(name, value)| (name.as_str().to_owned(), text(name, value.as_bytes())))
        .collect()
}
