//! Carries messages to the server and answers back, as bytes.
//!
//! [`Transport`] is the interface: [`http`] is the real one, `record` writes the exchanges of
//! another transport into a folder, `replay` answers from such a folder. A transport does not
//! interpret SOAP.

mod connect_problem;
mod delivery;
mod endpoint;
mod error;
mod gate;
pub mod http;
#[cfg(feature = "negotiate")]
pub(crate) mod kdc;
mod location;
mod pieces;
mod proxy;
mod proxy_problem;
mod tls;

use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

pub use connect_problem::ConnectProblem;
pub use delivery::{Delivery, SentFlag};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{TimeoutKind, TransportError, TransportErrorKind};
pub(crate) use gate::Gated;
pub use gate::LoginGate;
#[cfg(feature = "negotiate")]
pub use kdc::Krb5ConfError;
pub(crate) use location::without_userinfo;
pub use pieces::{AnswerPieces, OpenAnswer, OpenFuture, PieceFuture};
pub use proxy::Proxy;
pub use proxy_problem::ProxyProblem;
pub use tls::{
    CertificatePin, CertificateProblem, PinError, ServerCertificate, TlsConfig, TlsError,
};
#[cfg(feature = "rustls")]
pub use tls::{TlsConfigBuilder, TlsVersion};

use crate::auth::{LoginAttempt, LoginEvidence, LoginState};

/// Sends messages to the server and returns its answers.
///
/// Implementations never send a message twice, unless the server refused its login. They never
/// invent an answer: without a complete answer they return a [`TransportError`].
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a message and waits for the complete answer, whatever its HTTP status.
    ///
    /// Dropping the future aborts the exchange; [`OutgoingMessage::sent`] then still says whether
    /// any of the message may have been sent.
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_>;

    /// Sends a message and waits for the start of the answer, which is then read in pieces. A
    /// server that reports progress answers with one envelope after another.
    ///
    /// [`time_limit`](OutgoingMessage::time_limit) applies only to the start, and
    /// [`answer_limit`](OutgoingMessage::answer_limit) to each piece: the caller limits the total.
    /// The default implementation returns the complete answer as one piece.
    fn open(&self, message: OutgoingMessage) -> OpenFuture<'_> {
        Box::pin(async move { Ok(OpenAnswer::whole(self.exchange(message).await?)) })
    }

    /// Returns the HTTP transport for a diagnosis
    /// ([`Session::diagnose`](crate::Session::diagnose)); `None` if this is another one.
    fn http(&self) -> Option<&http::HttpTransport> {
        None
    }

    /// Returns the login that the server accepted last; `None` before the first one, and without
    /// credentials.
    fn login(&self) -> Option<LoginState> {
        None
    }

    /// Returns why exchanges could not be recorded; empty if the transport records none.
    fn recording_failures(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the certificate of the last connection; `None` before the first one, and without
    /// TLS.
    fn server_certificate(&self) -> Option<ServerCertificate> {
        None
    }
}

/// The future that [`Transport::exchange`] returns.
pub type ExchangeFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IncomingMessage, TransportError>> + Send + 'a>>;

/// A SOAP message to the server.
///
/// `Debug` prints the length of the body, because the body holds values that may be secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct OutgoingMessage {
    /// The envelope, in UTF-8.
    pub body: Bytes,
    /// The ranges of the body that hold secrets: values given as a [`Secret`](crate::auth::Secret), and
    /// properties that their class marks. A transport that keeps messages leaves them out, as the
    /// recorder does.
    pub secrets: Vec<Range<usize>>,
    /// The limit of the time for the whole exchange.
    pub time_limit: Duration,
    /// The limit of bytes of an answer; a longer one is an error.
    pub answer_limit: usize,
    /// Whether the message is sent without a login (Identify only: MS-WSMV 3.1.4.1.23).
    pub anonymous: bool,
    /// Whether the message changes nothing. A write is not sent again where an attacker on the path
    /// can forge the answer that refused it.
    pub is_read: bool,
    /// The flag that is raised when the first byte of the body counts as sent.
    pub sent: SentFlag,
}

/// A complete answer of the server.
///
/// `Debug` prints the length of the body, because the body holds values that may be secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct IncomingMessage {
    /// The HTTP status.
    pub status: u16,
    /// The headers that callers need: `Content-Type`, `Location`, `WWW-Authenticate`, `Server`,
    /// `Connection`, with their names in lower case. Over HTTP, `Location` has no user and
    /// password.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The attempts of a refused login, in order. A replay has none.
    pub tried: Vec<LoginAttempt>,
    /// The other evidence of a failed login. A replay has none.
    pub evidence: LoginEvidence,
}

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
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            secrets: Vec::new(),
            time_limit: TIME_LIMIT,
            answer_limit: ANSWER_LIMIT,
            anonymous: false,
            is_read: false,
            sent: SentFlag::default(),
        }
    }
}

impl fmt::Debug for OutgoingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMessage")
            .field("bytes", &self.body.len())
            .field("time_limit", &self.time_limit)
            .field("answer_limit", &self.answer_limit)
            .field("anonymous", &self.anonymous)
            .field("is_read", &self.is_read)
            .field("sent", &self.sent)
            .finish()
    }
}

impl fmt::Debug for IncomingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingMessage")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("bytes", &self.body.len())
            .field("tried", &self.tried)
            .field("evidence", &self.evidence)
            .finish()
    }
}

impl IncomingMessage {
    /// Makes an answer without headers, for a [`Transport`] of your own or a
    /// replay.
    ///
    /// ```
    /// use wsman::transport::IncomingMessage;
    /// let answer = IncomingMessage::new(503, "busy").with_header("Content-Type", "text/plain");
    /// assert_eq!(answer.header("content-type"), Some("text/plain"));
    /// ```
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
        }
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
