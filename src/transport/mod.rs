//! Carries messages to the server and answers back, as bytes.
//!
//! [`Transport`] is the interface: [`http`] is the real one, `record::Recorder` writes the exchanges of
//! another transport into a folder, `record::Replay` answers from such a folder. A [`Body`] is a stream of
//! pieces. A transport does not interpret SOAP.

mod body;
mod connect_problem;
mod delivery;
mod endpoint;
mod error;
mod gate;
pub mod http;
#[cfg(feature = "negotiate")]
pub(crate) mod kdc;
mod lease;
mod location;
mod message;
mod proxy;
mod proxy_problem;
mod tls;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub use body::Body;
pub use connect_problem::ConnectProblem;
pub use delivery::{Delivery, SentFlag};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{TimeoutKind, TransportError, TransportErrorKind};
pub(crate) use gate::Gated;
pub use gate::LoginGate;
#[cfg(feature = "negotiate")]
pub use kdc::Krb5ConfError;
pub(crate) use location::without_userinfo;
pub use message::{IncomingMessage, OutgoingMessage};
pub(crate) use message::{WholeAnswer, WholeRequest};
pub use proxy::Proxy;
pub use proxy_problem::ProxyProblem;
pub use tls::{
    CertificatePin, CertificateProblem, PinError, ServerCertificate, TlsConfig, TlsError,
};
#[cfg(feature = "rustls")]
pub use tls::{TlsConfigBuilder, TlsVersion};

/// Sends messages to the server and returns its answers: HTTP, a replay, or one of your own.
///
/// Implementations never send a message twice, unless the server refused its login. They never
/// invent an answer: without one they return a [`TransportError`].
///
/// A transport that passes messages on to another one, and counts them:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use wsman::transport::http::HttpTransport;
/// use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};
/// use wsman::{Credentials, Session};
///
/// #[derive(Debug)]
/// struct Counter {
///     inner: Arc<dyn Transport>,
///     messages: AtomicU32,
/// }
///
/// impl Transport for Counter {
///     fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
///         self.messages.fetch_add(1, Ordering::Relaxed);
///         self.inner.exchange(message)
///     }
///
///     fn http(&self) -> Option<&HttpTransport> {
///         self.inner.http()
///     }
/// }
///
/// # wsman::doc_examples::run(async |_, simulator| {
/// let builder = Session::builder(simulator.url())
///     .credentials(Credentials::basic(simulator.user(), simulator.password()))
///     .allow_unencrypted();
/// let counter = Arc::new(Counter { inner: builder.http()?, messages: AtomicU32::new(0) });
/// let session = builder.transport(counter.clone()).build()?;
/// session.identify().await?;
/// assert_eq!(counter.messages.load(Ordering::Relaxed), 1);
/// # Ok(()) });
/// ```
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a message and returns the answer when its head has arrived, whatever its HTTP status. The
    /// body follows as a stream.
    ///
    /// Dropping the future or the body aborts the exchange; [`OutgoingMessage::sent`] then still says
    /// whether any of the message may have been sent.
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_>;

    /// Returns the HTTP transport that carries the messages, of which the session tells the login and the
    /// certificate of the server, and which [`Session::diagnose`](crate::Session::diagnose) checks. A
    /// transport over another one passes the call on. Defaults to `None`.
    fn http(&self) -> Option<&http::HttpTransport> {
        None
    }
}

/// The future that [`Transport::exchange`] returns.
pub type ExchangeFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IncomingMessage, TransportError>> + Send + 'a>>;
