//! Messages over HTTP and HTTPS.

mod answer;
mod body;
mod failure;
mod options;

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder, redirect, retry};
use tokio::time::timeout;
use url::Url;

pub(crate) use options::check_url;
pub use options::{HttpOptions, SetupError};

use self::answer::Watch;
use self::body::{Departure, OutgoingBody};
use self::options::Unencrypted;
use super::tls::TlsConfig;
use super::{
    Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, TimeoutKind, Transport,
    TransportError, TransportErrorKind,
};
use crate::auth::basic;

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
/// Proxies of the environment are not used, redirects are not followed, and no message is sent
/// twice. Every answer that came whole is handed on, whatever its HTTP status. A connection that
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
    client: Client,
    url: Url,
    authorization: Option<HeaderValue>,
    inactivity: Duration,
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
        if authorization.is_some() && !encrypted && unencrypted == Unencrypted::Refused {
            return Err(SetupError::Unencrypted);
        }
        let builder = with_tls(plain_client(connect_timeout), encrypted, tls)?;
        Ok(Self {
            client: builder.build().map_err(client_error)?,
            url,
            authorization: authorization.as_ref().map(sensitive).transpose()?,
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
        let watch = Watch {
            inactivity: self.inactivity,
            answer_limit: message.answer_limit,
            sent: message.sent.clone(),
            departure: Departure::default(),
        };
        let request = self.request(message, watch.departure.clone());
        let response = watch.head(request.send()).await?;
        watch.whole(response).await
    }

    fn request(&self, message: OutgoingMessage, departure: Departure) -> RequestBuilder {
        let body = OutgoingBody::new(message.body, message.sent, departure);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, SOAP)
            .body(reqwest::Body::wrap(body));
        match &self.authorization {
            _ if message.anonymous => request.header(WSMAN_IDENTIFY, UNAUTHENTICATED),
            Some(value) => request.header(AUTHORIZATION, value.clone()),
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
    let mut value = HeaderValue::try_from(value.expose())
        .map_err(|cause| SetupError::Client(Box::new(cause)))?;
    value.set_sensitive(true);
    Ok(value)
}

fn client_error(error: reqwest::Error) -> SetupError {
    SetupError::Client(Box::new(error.without_url()))
}
