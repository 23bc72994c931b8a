//! How a message gets to the server and the answer back: bytes in, bytes out.
//!
//! [`Transport`] is the seam: [`http`] is the real one, `record` writes what passes through another
//! transport into a folder, `replay` answers from such a folder. A transport knows nothing of SOAP.

mod delivery;
mod error;
pub mod http;
#[cfg(feature = "negotiate")]
pub(crate) mod kdc;
mod location;
mod pieces;
mod proxy;
mod tls;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

pub use delivery::{Delivery, SentFlag};
pub use error::{TimeoutKind, TransportError, TransportErrorKind};
pub(crate) use location::without_userinfo;
pub use pieces::{AnswerPieces, OpenAnswer, OpenFuture, PieceFuture};
pub use proxy::Proxy;
pub use tls::{
    CertificatePin, CertificateProblem, PinError, ServerCertificate, TlsConfig, TlsError,
};
#[cfg(feature = "rustls")]
pub use tls::{TlsConfigBuilder, TlsVersion};

use crate::auth::{LoginAttempt, LoginEvidence};

/// Carries one message to the server and brings its answer back.
///
/// Implementations never send a message twice, unless the server refused it for its login, and never
/// answer for the server: what is not a complete answer is a [`TransportError`].
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a message and waits for the whole answer, whatever its HTTP status.
    ///
    /// Dropping the future gives the exchange up; [`OutgoingMessage::sent`] then still tells whether
    /// any of the message may have left.
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_>;

    /// Sends a message and waits only for the start of the answer, whose pieces are then given as they
    /// come: a server that tells how far it got answers with one envelope after the other.
    ///
    /// [`time_limit`](OutgoingMessage::time_limit) is for the start alone, and
    /// [`answer_limit`](OutgoingMessage::answer_limit) for each piece: how long and how much there may
    /// be on the whole is for the caller to say. Without an implementation of its own a transport
    /// gives the whole answer as one piece.
    fn open(&self, message: OutgoingMessage) -> OpenFuture<'_> {
        Box::pin(async move { Ok(OpenAnswer::whole(self.exchange(message).await?)) })
    }

    /// The way to the server, to be looked at step by step
    /// ([`Session::diagnose`](crate::Session::diagnose)); `None` if it is not over HTTP.
    fn http(&self) -> Option<&http::HttpTransport> {
        None
    }

    /// The certificate that the server showed when it was last connected to; `None` before that, and
    /// without TLS.
    fn server_certificate(&self) -> Option<ServerCertificate> {
        None
    }
}

/// What [`Transport::exchange`] returns.
pub type ExchangeFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IncomingMessage, TransportError>> + Send + 'a>>;

/// A SOAP message on its way to the server.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// The envelope, in UTF-8.
    pub body: Bytes,
    /// How long the whole exchange may take.
    pub time_limit: Duration,
    /// How many bytes of an answer are read before it is refused.
    pub answer_limit: usize,
    /// Whether it goes without login (Identify only: MS-WSMV 3.1.4.1.23).
    pub anonymous: bool,
    /// Whether it changes nothing. One that does is not sent again where somebody on the way may have made
    /// up that it was not read.
    pub is_read: bool,
    /// Raised when the first byte of the body is taken to be sent.
    pub sent: SentFlag,
}

/// What the server answered, whole.
#[derive(Clone, Debug)]
pub struct IncomingMessage {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter to a reader: `Content-Type`, `Location`, `WWW-Authenticate`, `Server`,
    /// `Connection`, with their names in lower case. Over HTTP, `Location` is kept without user and password.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Where the login was refused: what was tried, in its order. A replay does not know it.
    pub tried: Vec<LoginAttempt>,
    /// What else tells why a login did not work. A replay does not know it.
    pub evidence: LoginEvidence,
}

impl IncomingMessage {
    /// The first header of a name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether it tells of a success, if it is the answer: a seal vouches for that, and for all else the
    /// status does.
    pub(crate) fn is_success(&self) -> bool {
        self.evidence.sealed || (200..300).contains(&self.status)
    }

    /// The offers of a login, each header of them.
    pub(crate) fn login_offers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate")
            .map(|(_, value)| value.as_str())
    }
}
