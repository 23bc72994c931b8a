//! The messages that a transport carries.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::lease::Lease;
use super::{Body, SentFlag, TransportError};
use crate::auth::{LoginAttempt, LoginEvidence};

/// A SOAP message to the server. Its body is a stream ([`Body`]), or bytes once it was read
/// [whole](Self::whole).
///
/// `Debug` does not print the body, because it holds values that may be secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct OutgoingMessage<B = Body> {
    /// The envelope, in UTF-8.
    pub body: B,
    /// The ranges of the body that hold secrets: values given as a [`Secret`](crate::auth::Secret), and
    /// properties that their class marks. A transport that keeps messages leaves them out, as the
    /// recorder does.
    pub secrets: Vec<Range<usize>>,
    /// The limit of the time for the whole exchange, or for the head of the answer to a
    /// [conversation](Self::is_conversation).
    pub time_limit: Duration,
    /// The limit of the bytes of an answer that the transport itself must read whole, such as a sealed one.
    pub answer_limit: usize,
    /// Whether the message is sent without a login (Identify only: MS-WSMV 3.1.4.1.23).
    pub anonymous: bool,
    /// Whether the message changes nothing. A write is not sent again where an attacker on the path
    /// can forge the answer that refused it.
    pub is_read: bool,
    /// Whether the server may answer with one envelope after another, and waits for other messages in
    /// between (MS-WSMV 3.2.7). The time and the number of messages at a time are then not limited after the
    /// head of the answer.
    pub is_conversation: bool,
    /// The flag that is raised when the first byte of the body counts as sent.
    pub sent: SentFlag,
}

/// An answer of the server, whose head has arrived. Its body is a stream ([`Body`]), or bytes once it was
/// read [whole](Self::whole).
///
/// `Debug` does not print the body, because it holds values that may be secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct IncomingMessage<B = Body> {
    /// The HTTP status.
    pub status: u16,
    /// The headers that callers need: `Content-Type`, `Location`, `WWW-Authenticate`, `Server`,
    /// `Connection`, with their names in lower case. Over HTTP, `Location` has no user and
    /// password.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: B,
    /// The attempts of a refused login, in order. A replay has none.
    pub tried: Vec<LoginAttempt>,
    /// The other evidence of a failed login. A replay has none.
    pub evidence: LoginEvidence,
    pub(in crate::transport) lease: Lease,
}

/// A message that is in memory.
pub(crate) type WholeRequest = OutgoingMessage<Bytes>;

/// An answer that is in memory.
pub(crate) type WholeAnswer = IncomingMessage<Bytes>;

/// The default limits of [`OutgoingMessage::new`]: those of a session that sets none.
const TIME_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: usize = 64 << 20;

impl OutgoingMessage {
    /// Makes a message that may change something, with a login, a time limit of a minute, and an answer
    /// limit of 64 MiB. Set the fields to change that.
    ///
    /// ```
    /// use wsman::transport::OutgoingMessage;
    /// let mut message = OutgoingMessage::new("<s:Envelope/>");
    /// message.is_read = true;
    /// ```
    pub fn new(body: impl Into<Body>) -> Self {
        Self {
            body: body.into(),
            secrets: Vec::new(),
            time_limit: TIME_LIMIT,
            answer_limit: ANSWER_LIMIT,
            anonymous: false,
            is_read: false,
            is_conversation: false,
            sent: SentFlag::default(),
        }
    }

    /// Reads the body to its end. A transport needs the whole body to seal it, to announce its length, or
    /// to send it again after a login.
    ///
    /// # Errors
    /// The error of the body's stream, with [`Delivery::NotSent`](super::Delivery::NotSent).
    pub async fn whole(self) -> Result<OutgoingMessage<Bytes>, TransportError> {
        let (head, body) = self.split();
        let whole = body.whole(usize::MAX).await;
        Ok(head.with_body(whole.map_err(TransportError::not_sent)?))
    }
}

impl<B> OutgoingMessage<B> {
    fn split(self) -> (OutgoingMessage<()>, B) {
        let Self {
            body,
            secrets,
            time_limit,
            answer_limit,
            anonymous,
            is_read,
            is_conversation,
            sent,
        } = self;
        let head = OutgoingMessage {
            body: (),
            secrets,
            time_limit,
            answer_limit,
            anonymous,
            is_read,
            is_conversation,
            sent,
        };
        (head, body)
    }
}

impl OutgoingMessage<()> {
    fn with_body<B>(self, body: B) -> OutgoingMessage<B> {
        OutgoingMessage {
            body,
            secrets: self.secrets,
            time_limit: self.time_limit,
            answer_limit: self.answer_limit,
            anonymous: self.anonymous,
            is_read: self.is_read,
            is_conversation: self.is_conversation,
            sent: self.sent,
        }
    }
}

impl<B> fmt::Debug for OutgoingMessage<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMessage")
            .field("time_limit", &self.time_limit)
            .field("answer_limit", &self.answer_limit)
            .field("anonymous", &self.anonymous)
            .field("is_read", &self.is_read)
            .field("is_conversation", &self.is_conversation)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for IncomingMessage<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingMessage")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("tried", &self.tried)
            .field("evidence", &self.evidence)
            .finish_non_exhaustive()
    }
}

impl From<OutgoingMessage<Bytes>> for OutgoingMessage {
    fn from(message: OutgoingMessage<Bytes>) -> Self {
        let (head, body) = message.split();
        head.with_body(body.into())
    }
}

impl From<IncomingMessage<Bytes>> for IncomingMessage {
    fn from(answer: IncomingMessage<Bytes>) -> Self {
        let (head, body) = answer.split();
        head.with_body(body.into())
    }
}

impl IncomingMessage {
    /// Makes an answer without headers, for a [`Transport`](super::Transport) of your own or a replay.
    ///
    /// ```
    /// use wsman::transport::IncomingMessage;
    /// let answer = IncomingMessage::new(503, "busy").with_header("Content-Type", "text/plain");
    /// assert_eq!(answer.header("content-type"), Some("text/plain"));
    /// ```
    pub fn new(status: u16, body: impl Into<Body>) -> Self {
        Self::with_headers(status, Vec::new(), body.into())
    }

    /// Reads the body to its end, of at most so many bytes.
    ///
    /// # Errors
    /// As [`Body::whole`].
    ///
    /// ```
    /// use wsman::transport::IncomingMessage;
    /// # wsman::doc_examples::block_on(async || {
    /// let answer = IncomingMessage::new(200, "<s:Envelope/>").whole(100).await?;
    /// assert_eq!(answer.body, "<s:Envelope/>");
    /// # Ok(()) });
    /// ```
    pub async fn whole(self, limit: usize) -> Result<IncomingMessage<Bytes>, TransportError> {
        let (head, body) = self.split();
        Ok(head.with_body(body.whole(limit).await?))
    }
}

impl IncomingMessage<()> {
    /// Returns the answer with a body.
    pub(crate) fn with_body<B>(self, body: B) -> IncomingMessage<B> {
        IncomingMessage {
            status: self.status,
            headers: self.headers,
            body,
            tried: self.tried,
            evidence: self.evidence,
            lease: self.lease,
        }
    }
}

impl<B> IncomingMessage<B> {
    /// Makes an answer whose headers have their names in lower case.
    pub(crate) fn with_headers(status: u16, headers: Vec<(String, String)>, body: B) -> Self {
        Self {
            status,
            headers,
            body,
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
            lease: Lease::default(),
        }
    }

    /// Separates the body from the answer, so that it can be read.
    pub(crate) fn split(self) -> (IncomingMessage<()>, B) {
        let Self {
            status,
            headers,
            body,
            tried,
            evidence,
            lease,
        } = self;
        let head = IncomingMessage {
            status,
            headers,
            body: (),
            tried,
            evidence,
            lease,
        };
        (head, body)
    }

    /// Adds a header; its name is kept in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Returns the first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Says that the answer is not one to its message, so that its connection carries no other.
    #[cold]
    pub(crate) fn distrust(&self) {
        self.lease.distrust();
    }

    /// Whether the answer reports success: a valid seal does, and without one the status.
    pub(crate) fn is_success(&self) -> bool {
        self.evidence.sealed || (200..300).contains(&self.status)
    }

    /// Iterates over the `WWW-Authenticate` headers.
    pub(crate) fn login_offers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate")
            .map(|(_, value)| value.as_str())
    }
}
