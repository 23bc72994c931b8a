//! Messages over HTTP and HTTPS.

mod answer;
mod body;
mod channel;
mod connections;
mod failure;
mod incoming;
mod login;
mod look;
mod options;
mod setup_error;

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::{Instant, timeout};

pub(crate) use login::LoginResult;
pub(crate) use look::{ProxyUse, Reached};
pub use options::HttpOptions;
#[cfg(feature = "negotiate")]
pub use options::MimeForm;
pub(crate) use options::check_url;
pub use setup_error::SetupError;

use self::answer::Begun;
use self::channel::{Dialler, Pool};
use self::connections::Connections;
use self::login::{CurrentLogin, LoginOptions};
use self::options::Unencrypted;
use super::tls::ServerCertificate;
use super::{
    Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, SentFlag, Transport,
    TransportError, TransportErrorKind,
};
use crate::auth::LoginState;

/// The name of this program for servers and proxies.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("wsman/", env!("CARGO_PKG_VERSION")));

/// Sends messages over HTTP and HTTPS, on pooled connections.
///
/// Uses proxies of the environment only if the caller enables them, and does not follow redirects.
///
/// Sends each message once, except for its login: after a 401 the server did not process the
/// message. Digest sends it again with a response to the new challenge. A connection-oriented login
/// sends it again over a new connection if its connection lost the login. A write is not sent again
/// where an attacker on the path can forge the 401: with Digest over plain HTTP, and where messages
/// are sealed.
///
/// Returns every complete answer, whatever its HTTP status. Replaces a connection that the server
/// closed between two messages.
///
/// Building a transport is cheap and needs no runtime. Exchanges need tokio with I/O and time
/// enabled.
///
/// ```
/// use wsman::transport::http::{HttpOptions, HttpTransport};
///
/// let url = "http://host.example:5985/wsman".parse()?;
/// let transport = HttpTransport::new(HttpOptions::new(url))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpTransport {
    login: CurrentLogin,
    connections: Connections,
}

impl HttpTransport {
    /// Validates the options and sets up the HTTP client. Sends nothing and opens no connection.
    ///
    /// # Errors
    ///
    /// Fails if the URL, the credentials or the TLS configuration are invalid, or if the
    /// credentials would go over plain HTTP: see [`SetupError`].
    pub fn new(options: HttpOptions) -> Result<Self, SetupError> {
        let HttpOptions {
            url,
            credentials,
            connect_timeout,
            inactivity_timeout,
            tls,
            unencrypted,
            way: route,
            address,
            probe,
            #[cfg(feature = "negotiate")]
            mime_form,
            #[cfg(feature = "negotiate")]
            kerberos,
            connections,
            idle_timeout,
            head_limit,
            login_limits,
        } = options;
        let url = url.map_err(SetupError::Endpoint)?;
        check_url(&url)?;
        login_limits
            .zero()
            .map_or(Ok(()), |name| Err(SetupError::LoginLimit(name)))?;
        let dialler = Dialler::new(&url, connect_timeout, tls, &route, address)?;
        let dialler = dialler.head_limit(head_limit);
        let options = LoginOptions {
            may_be_unsealed: dialler.encrypted || unencrypted == Unencrypted::Allowed,
            probe,
            limits: login_limits,
            #[cfg(feature = "negotiate")]
            mime_form,
            #[cfg(feature = "negotiate")]
            kerberos,
        };
        let pool = Arc::new(Pool::new(connections, idle_timeout));
        let connections = Connections::new(url, dialler, pool, inactivity_timeout)?;
        Ok(Self {
            login: CurrentLogin::new(credentials, options, &connections)?,
            connections,
        })
    }

    /// Runs an exchange, or a part of it, within the time limit of its message. Takes it pinned, because
    /// moving its state costs as much as reading a small answer.
    async fn within<T>(
        &self,
        (limit, sent): (Duration, SentFlag),
        work: Pin<&mut impl Future<Output = Result<T, TransportError>>>,
    ) -> Result<T, TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(TransportError::new(
                TransportErrorKind::NoRuntime,
                Delivery::NotSent,
                "no tokio runtime: await requests over HTTP inside one",
            ));
        }
        timeout(limit, work).await.unwrap_or_else(|_| {
            let hop = self.connections.dialler.path().hop();
            Err(failure::too_long(sent.delivery(), hop))
        })
    }

    /// Sends a message and waits for the head of its answer, within the time limit.
    async fn send(&self, message: OutgoingMessage) -> Result<IncomingMessage, TransportError> {
        let (limit, is_conversation) = (message.time_limit, message.is_conversation);
        let sent = message.sent.clone();
        let until = Instant::now().checked_add(limit);
        let beginning = pin!(self.begin(message));
        let begun = self.within((limit, sent), beginning).await?;
        Ok(if is_conversation {
            begun.frees_its_place().open(None)
        } else {
            begun.open(until)
        })
    }

    async fn begin(&self, message: OutgoingMessage) -> Result<Begun, TransportError> {
        let message = message.whole().await?;
        if message.anonymous {
            login::send_anonymously(&self.connections, message).await
        } else {
            self.login.send(&self.connections, message).await
        }
    }

    /// Returns the login that the server accepted last; `None` before the first one, and without
    /// credentials.
    pub fn login(&self) -> Option<LoginState> {
        self.login.look(|login| login.state())?
    }

    /// Returns the certificate that the server presented on the latest connection; `None` before the first
    /// connection, and without HTTPS.
    pub fn server_certificate(&self) -> Option<ServerCertificate> {
        self.connections.dialler.shown.last()
    }
}

impl Transport for HttpTransport {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(self.send(message))
    }

    fn http(&self) -> Option<&HttpTransport> {
        Some(self)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("url", &self.connections.url.as_str())
            .finish_non_exhaustive()
    }
}

/// The default limits of the head of an answer, and of the interim answers before it.
#[cfg(test)]
pub(crate) const HEAD_LIMIT: usize = channel::BUFFER;
#[cfg(test)]
pub(crate) const INTERIM_LIMIT: usize = channel::BUFFER * channel::HEADS;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
