//! Waits for the head of an answer, within the limits.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    CONNECTION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER, SERVER, VIA,
    WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};

use super::channel::Traffic;
use super::failure::{Told, failure};
use super::incoming::{Borrowed, IncomingBody, LentChannel, silence};
#[cfg(feature = "negotiate")]
use crate::auth::LoginAttempt;
use crate::auth::LoginEvidence;
use crate::auth::evidence::seconds_of_http_date;
use crate::transport::lease::Lease;
use crate::transport::{IncomingMessage, TransportError, WholeAnswer, without_userinfo};

/// The limits and the state of one exchange.
#[derive(Debug)]
pub(super) struct Deadline {
    pub(super) inactivity: Duration,
    pub(super) answer_limit: usize,
    pub(super) told: Told,
    pub(super) traffic: Arc<Traffic>,
    /// The evidence about the message.
    pub(super) evidence: LoginEvidence,
}

/// An answer whose head has arrived.
pub(super) struct Answer {
    deadline: Deadline,
    response: Response<Incoming>,
}

/// The start of an answer.
pub(super) enum Begun {
    /// Its body is not read yet.
    Answer(Answer, Borrowed),
    /// Its body is read: a refused login, or a sealed answer.
    Whole(WholeAnswer),
}

impl Begun {
    /// Reads the answer to its end.
    pub(super) async fn whole(self) -> Result<WholeAnswer, TransportError> {
        match self {
            Begun::Answer(answer, borrowed) => {
                let limit = answer.deadline.answer_limit;
                answer.open(Some(borrowed), None).whole(limit).await
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

    /// Lets other messages start while the answer is read: those that answer its prompts must.
    pub(super) fn frees_its_place(mut self) -> Self {
        if let Begun::Answer(_, borrowed) = &mut self {
            borrowed.permit = None;
        }
        self
    }

    /// Returns the answer, whose body must end by this time.
    pub(super) fn open(self, until: Option<Instant>) -> IncomingMessage {
        match self {
            Begun::Answer(answer, borrowed) => answer.open(Some(borrowed), until),
            Begun::Whole(answer) => answer.into(),
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
    pub(super) async fn whole(self) -> Result<WholeAnswer, TransportError> {
        let limit = self.deadline.answer_limit;
        self.open(None, None).whole(limit).await
    }

    fn open(self, borrowed: Option<Borrowed>, until: Option<Instant>) -> IncomingMessage {
        let Self { deadline, response } = self;
        let evidence = LoginEvidence {
            clock_ahead: clock_ahead(response.headers()),
            via_hop: response.headers().contains_key(VIA),
            ..deadline.evidence
        };
        let borrowed = borrowed.map(|borrowed| (borrowed, Arc::<LentChannel>::default()));
        let lease = borrowed
            .as_ref()
            .map(|(_, lent)| Lease::new(Arc::<LentChannel>::clone(lent)));
        IncomingMessage {
            status: response.status().as_u16(),
            headers: kept_headers(response.headers()),
            tried: Vec::new(),
            evidence,
            lease: lease.unwrap_or_default(),
            body: IncomingBody {
                body: response.into_body(),
                inactivity: deadline.inactivity,
                until,
                told: deadline.told,
                timer: None,
                borrowed,
                is_over: false,
            }
            .into(),
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
                let response = outcome.map_err(|error| failure(error, &self.told))?;
                self.traffic.note_head();
                return Ok(Answer {
                    deadline: self,
                    response,
                });
            }
            patience = match self.traffic.elapsed() {
                Some(elapsed) if elapsed >= self.inactivity => {
                    return Err(silence(self.inactivity, &self.told.sent));
                }
                Some(elapsed) => self.inactivity.saturating_sub(elapsed),
                None => self.inactivity,
            };
        }
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
