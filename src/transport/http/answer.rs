//! Waits for an answer and reads it, within the limits.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{
    CONNECTION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, SERVER, WWW_AUTHENTICATE,
};
use tokio::time::timeout;

use super::body::BodySentFlag;
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
    pub(super) body_sent: BodySentFlag,
    /// The evidence about the message.
    pub(super) evidence: LoginEvidence,
}

/// An answer whose status and headers have arrived.
pub(super) enum Begun {
    /// Its body is not read yet.
    Answer(Deadline, Response),
    /// Its body is read: a refused login, or a sealed answer.
    Whole(IncomingMessage),
}

impl Begun {
    /// Reads the answer to its end.
    pub(super) async fn whole(self) -> Result<IncomingMessage, TransportError> {
        match self {
            Begun::Answer(deadline, response) => deadline.whole(response).await,
            Begun::Whole(answer) => Ok(answer),
        }
    }

    /// Marks the login as accepted.
    pub(super) fn accepted(mut self, scheme: Option<&'static str>) -> Self {
        match &mut self {
            Begun::Answer(deadline, _) => deadline.evidence.accepted = scheme,
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

    /// Opens the answer for reading in pieces.
    pub(super) fn open(self) -> OpenAnswer<'static> {
        match self {
            Begun::Answer(deadline, response) => deadline.open(response),
            Begun::Whole(answer) => OpenAnswer::whole(answer),
        }
    }
}

impl Deadline {
    /// Waits for the answer's status and headers.
    ///
    /// The time starts when the message is sent: the connect timeout limits the time before.
    pub(super) async fn head(
        &self,
        sending: impl Future<Output = Result<Response, reqwest::Error>>,
    ) -> Result<Response, TransportError> {
        let mut sending = pin!(sending);
        let mut patience = self.inactivity;
        loop {
            if let Ok(outcome) = timeout(patience, sending.as_mut()).await {
                return outcome.map_err(|error| failure(error, &self.sent));
            }
            patience = match self.body_sent.elapsed() {
                Some(elapsed) if elapsed >= self.inactivity => return Err(self.silence()),
                Some(elapsed) => self.inactivity.saturating_sub(elapsed),
                None => self.inactivity,
            };
        }
    }

    /// Reads the body of the answer to its end.
    pub(super) async fn whole(
        &self,
        mut response: Response,
    ) -> Result<IncomingMessage, TransportError> {
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let evidence = self.evidence_of(response.headers());
        let body = self.body(&mut response).await?;
        Ok(IncomingMessage {
            status,
            headers,
            body,
            tried: Vec::new(),
            evidence,
        })
    }

    /// Opens the answer for reading in pieces.
    fn open(self, response: Response) -> OpenAnswer<'static> {
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let evidence = self.evidence_of(response.headers());
        let body = OpenBody {
            deadline: self,
            response,
        };
        OpenAnswer {
            evidence,
            ..OpenAnswer::new(status, headers, body)
        }
    }

    fn evidence_of(&self, headers: &HeaderMap) -> LoginEvidence {
        LoginEvidence {
            clock_ahead: clock_ahead(headers),
            ..self.evidence.clone()
        }
    }

    async fn body(&self, response: &mut Response) -> Result<Bytes, TransportError> {
        let announced = response.content_length().unwrap_or(0);
        if announced > self.answer_limit as u64 {
            return Err(self.too_large());
        }
        let Some(first) = self.chunk(response, self.answer_limit).await? else {
            return Ok(Bytes::new());
        };
        let mut room = self.answer_limit.saturating_sub(first.len());
        // Most answers arrive in one piece, which is returned without a copy.
        let Some(mut chunk) = self.chunk(response, room).await? else {
            return Ok(first);
        };
        let mut body = BytesMut::from(first);
        loop {
            room = room.saturating_sub(chunk.len());
            body.extend_from_slice(&chunk);
            match self.chunk(response, room).await? {
                Some(next) => chunk = next,
                None => return Ok(body.freeze()),
            }
        }
    }

    /// Returns the next piece of the body, if there is one and it fits the limit.
    async fn chunk(
        &self,
        response: &mut Response,
        room: usize,
    ) -> Result<Option<Bytes>, TransportError> {
        let chunk = timeout(self.inactivity, response.chunk())
            .await
            .map_err(|_| self.silence())?;
        match chunk.map_err(|error| failure(error, &self.sent))? {
            Some(chunk) if chunk.len() > room => Err(self.too_large()),
            chunk => Ok(chunk),
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
struct OpenBody {
    deadline: Deadline,
    response: Response,
}

impl AnswerPieces for OpenBody {
    fn next(&mut self) -> PieceFuture<'_> {
        let Self { deadline, response } = self;
        Box::pin(deadline.chunk(response, deadline.answer_limit))
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
    const KEPT: [HeaderName; 5] = [CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE, SERVER, CONNECTION];
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
