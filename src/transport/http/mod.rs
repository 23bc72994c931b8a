//! Messages over HTTP and HTTPS.

mod answer;
mod body;
mod failure;
mod login;
mod options;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder, redirect, retry};
use tokio::time::timeout;
use url::Url;

pub(crate) use options::check_url;
pub use options::{HttpOptions, SetupError};

use self::answer::Watch;
use self::body::{Departure, OutgoingBody};
use self::login::ProvenLogin;
use self::options::Unencrypted;
use super::tls::TlsConfig;
use super::{
    Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, SentFlag, TimeoutKind, Transport,
    TransportError, TransportErrorKind,
};
use crate::auth::digest::{BodyIntegrity, Login};
use crate::auth::{LoginAttempt, basic};

/// Exactly so: openwsman answers nothing to one with an `action` parameter.
const SOAP: HeaderValue = HeaderValue::from_static("application/soap+xml;charset=UTF-8");

/// Tells a server that Identify comes without login (DSP0226 11, MS-WSMV 3.1.4.1.23).
const WSMAN_IDENTIFY: HeaderName = HeaderName::from_static("wsmanidentify");
const UNAUTHENTICATED: HeaderValue = HeaderValue::from_static("unauthenticated");

/// Shorter than the minute after which servers close an idle connection, so that a message is
/// seldom sent into one that is just being closed.
const KEPT_IDLE: Duration = Duration::from_secs(50);

/// Messages over HTTP and HTTPS, on connections that are kept.
///
/// Proxies of the environment are not used, and redirects are not followed. No message is sent
/// twice, but for a login with Digest: a message that was answered with 401 was not done, and is
/// sent again with an answer to the new challenge. Every answer that came whole is handed on, whatever its HTTP status. A connection that
/// the server closed between two messages is replaced without a word.
///
/// Building one is cheap and needs no runtime; exchanging needs tokio with I/O and time enabled.
///
/// ```
/// use wsman::transport::http::{HttpOptions, HttpTransport};
///
/// let url = "http://host.example:5985/wsman".parse()?;
/// let transport = HttpTransport::new(HttpOptions::new(url))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpTransport {
    client: Mutex<Client>,
    url: Url,
    /// What is sent with every message.
    authorization: Option<HeaderValue>,
    /// What is proven with every message, and then nothing is sent as it is.
    proven: Option<ProvenLogin>,
    dialler: Dialler,
    inactivity: Duration,
}

/// What an HTTP client is made from.
struct Dialler {
    connect_timeout: Duration,
    encrypted: bool,
    tls: Option<TlsConfig>,
}

/// A request that is not yet one of the HTTP client.
#[derive(Default)]
struct Outgoing {
    body: Bytes,
    sent: SentFlag,
    identity: Option<(HeaderName, HeaderValue)>,
}

impl HttpTransport {
    /// Checks the options and sets the HTTP client up. Nothing is sent and no connection opened.
    ///
    /// # Errors
    ///
    /// The URL, the credentials or the TLS configuration cannot be used, or the credentials would
    /// go over plain HTTP: see [`SetupError`].
    pub fn new(options: HttpOptions) -> Result<Self, SetupError> {
        let HttpOptions {
            url,
            credentials,
            connect_timeout,
            inactivity_timeout,
            tls,
            unencrypted,
        } = options;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(SetupError::Scheme),
        };
        check_url(&url)?;
        let authorization = basic::authorization(&credentials)?;
        let integrity = match encrypted {
            true => BodyIntegrity::ByTls,
            false => BodyIntegrity::Wanted,
        };
        let proven = Login::new(&credentials, integrity)?;
        if !credentials.is_none() && !encrypted && unencrypted == Unencrypted::Refused {
            return Err(SetupError::Unencrypted);
        }
        let dialler = Dialler {
            connect_timeout,
            encrypted,
            tls,
        };
        Ok(Self {
            client: Mutex::new(dialler.client()?),
            url,
            authorization: authorization.as_ref().map(sensitive).transpose()?,
            proven: proven.map(ProvenLogin::new),
            dialler,
            inactivity: inactivity_timeout.max(Duration::from_millis(1)),
        })
    }

    async fn deliver(&self, message: OutgoingMessage) -> Result<IncomingMessage, TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(TransportError::new(
                TransportErrorKind::NoRuntime,
                Delivery::NotSent,
                "a request over HTTP can only be awaited inside a tokio runtime",
            ));
        }
        let sent = message.sent.clone();
        timeout(message.time_limit, self.deliver_in_time(message))
            .await
            .unwrap_or_else(|_| {
                Err(TransportError::new(
                    TransportErrorKind::Timeout(TimeoutKind::Operation),
                    sent.delivery(),
                    "the exchange took longer than its time limit",
                ))
            })
    }

    async fn deliver_in_time(
        &self,
        message: OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        match &self.proven {
            Some(proven) if !message.anonymous => self.log_in(proven, message).await,
            _ => self.deliver_once(message).await,
        }
    }

    async fn deliver_once(
        &self,
        message: OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let watch = self.watch(&message);
        let identity = match &self.authorization {
            _ if message.anonymous => Some((WSMAN_IDENTIFY, UNAUTHENTICATED)),
            Some(value) => Some((AUTHORIZATION, value.clone())),
            None => None,
        };
        let has_login = self.authorization.is_some() && !message.anonymous;
        let outgoing = Outgoing {
            body: message.body,
            sent: message.sent,
            identity,
        };
        let request = self.request(outgoing, watch.departure.clone());
        let response = watch.head(request.send()).await?;
        let mut answer = watch.whole(response).await?;
        if answer.status == 401 {
            self.leave_connections();
            answer
                .tried
                .extend(has_login.then_some(LoginAttempt::Basic));
        }
        Ok(answer)
    }

    fn watch(&self, message: &OutgoingMessage) -> Watch {
        Watch {
            inactivity: self.inactivity,
            answer_limit: message.answer_limit,
            sent: message.sent.clone(),
            departure: Departure::default(),
        }
    }

    /// Sends no more on the connections there are: servers do not always read a message that they
    /// refuse, and then take its rest for the next one.
    fn leave_connections(&self) {
        if let Ok(client) = self.dialler.client() {
            *locked(&self.client) = client;
        }
    }

    fn request(&self, outgoing: Outgoing, departure: Departure) -> RequestBuilder {
        let body = OutgoingBody::new(outgoing.body, outgoing.sent, departure);
        let request = locked(&self.client)
            .post(self.url.clone())
            .header(CONTENT_TYPE, SOAP)
            .body(reqwest::Body::wrap(body));
        match outgoing.identity {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}

impl Transport for HttpTransport {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(self.deliver(message))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

impl Dialler {
    fn client(&self) -> Result<Client, SetupError> {
        let builder = plain_client(self.connect_timeout);
        let builder = with_tls(builder, self.encrypted, self.tls.clone())?;
        builder.build().map_err(client_error)
    }
}

/// A client that does only what it is told: environment proxies, redirects and retries are off.
///
/// Each transport has its own, so that none takes the other's connection; it costs 2 KiB.
fn plain_client(connect_timeout: Duration) -> ClientBuilder {
    Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(concat!("wsman/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(KEPT_IDLE)
}

#[cfg(feature = "rustls")]
fn with_tls(
    builder: ClientBuilder,
    encrypted: bool,
    tls: Option<TlsConfig>,
) -> Result<ClientBuilder, SetupError> {
    let tls = match tls {
        Some(tls) => tls,
        None if encrypted => TlsConfig::platform()?,
        None => TlsConfig::nobody()?,
    };
    Ok(builder.tls_backend_preconfigured(tls.client()))
}

#[cfg(not(feature = "rustls"))]
fn with_tls(
    builder: ClientBuilder,
    encrypted: bool,
    _: Option<TlsConfig>,
) -> Result<ClientBuilder, SetupError> {
    if encrypted {
        Err(SetupError::NoTls)
    } else {
        Ok(builder)
    }
}

fn sensitive(value: &crate::auth::Secret) -> Result<HeaderValue, SetupError> {
    // As bytes: a user name may be in UTF-8.
    let mut value = HeaderValue::from_bytes(value.expose().as_bytes())
        .map_err(|cause| SetupError::Client(Box::new(cause)))?;
    value.set_sensitive(true);
    Ok(value)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client_error(error: reqwest::Error) -> SetupError {
    SetupError::Client(Box::new(error.without_url()))
}
