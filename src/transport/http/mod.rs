//! Messages over HTTP and HTTPS.

mod answer;
mod body;
#[cfg(feature = "negotiate")]
mod channel;
mod dialler;
mod failure;
mod login;
mod look;
mod options;
#[cfg(feature = "negotiate")]
mod selection;
mod setup_error;

use std::fmt;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::time::timeout;
use url::Url;

pub(crate) use look::LoginResult;
pub use options::HttpOptions;
#[cfg(feature = "negotiate")]
pub use options::MimeForm;
pub(crate) use options::{Route, check_url};
pub use setup_error::SetupError;

use self::answer::{Begun, Deadline};
use self::body::{BodySentFlag, OutgoingBody};
use self::dialler::Dialler;
use self::login::ChallengeResponse;
use self::options::Unencrypted;
#[cfg(feature = "negotiate")]
use self::selection::Selection;
#[cfg(feature = "negotiate")]
use super::kdc::environment;
use super::tls::{ServerCertificate, Shown};
use super::{
    Delivery, ExchangeFuture, OpenFuture, OutgoingMessage, SentFlag, TimeoutKind, Transport,
    TransportError, TransportErrorKind,
};
use crate::auth::digest::{BodyIntegrity, Login};
#[cfg(feature = "negotiate")]
use crate::auth::negotiate::BoundUser;
use crate::auth::{Credentials, LoginAttempt, LoginEvidence, Protection, basic, certificate};

/// Exactly this: openwsman does not answer a message with an `action` parameter.
const SOAP: HeaderValue = HeaderValue::from_static("application/soap+xml;charset=UTF-8");

/// Marks an Identify without a login for the server (DSP0226 11, MS-WSMV 3.1.4.1.23).
const WSMAN_IDENTIFY: HeaderName = HeaderName::from_static("wsmanidentify");
const UNAUTHENTICATED: HeaderValue = HeaderValue::from_static("unauthenticated");

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
    client: Mutex<Client>,
    url: Url,
    /// The login that is sent unchanged with every message.
    unproven: Option<StaticHeader>,
    /// The challenge-response login; if it is set, there is no unchanged login.
    proven: Option<ChallengeResponse>,
    /// Logged-in connections; if they are set, messages use no others. Together with a
    /// challenge-response login, that one is the fallback for a server that does not offer
    /// Negotiate.
    #[cfg(feature = "negotiate")]
    bound: Option<channel::Pool>,
    #[cfg(feature = "negotiate")]
    selection: Selection,
    dialler: Dialler,
    inactivity: Duration,
}

/// A login whose header is always the same.
struct StaticHeader {
    authorization: HeaderValue,
    attempt: LoginAttempt,
}

/// A request before its conversion to the HTTP client's type.
#[derive(Default)]
struct Outgoing {
    body: Bytes,
    sent: SentFlag,
    identity: Option<(HeaderName, HeaderValue)>,
    /// Defaults to [`SOAP`].
    content_type: Option<HeaderValue>,
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
            way,
            probe,
            #[cfg(feature = "negotiate")]
            mime_form,
            #[cfg(feature = "negotiate")]
            kerberos,
            #[cfg(feature = "negotiate")]
            connections,
        } = options;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(SetupError::Scheme),
        };
        check_url(&url)?;
        let integrity = if encrypted {
            BodyIntegrity::ByTls
        } else {
            BodyIntegrity::Wanted
        };
        let is_sealed = credentials.can_seal();
        let may_be_clear = encrypted || unencrypted == Unencrypted::Allowed;
        let proven = Login::new(&credentials, integrity)?;
        if !encrypted && certificate::is_chosen(&credentials) {
            return Err(SetupError::CertificateNeedsHttps);
        }
        #[cfg(feature = "negotiate")]
        let place = (kerberos.service_name(&url), environment());
        #[cfg(feature = "negotiate")]
        let (realms, kdcs) = kerberos.resolve(credentials.realm_need(), &url, connect_timeout)?;
        #[cfg(feature = "negotiate")]
        let realms = realms.as_ref().map_err(|obstacle| *obstacle);
        #[cfg(feature = "negotiate")]
        let bound = BoundUser::of(&credentials, realms, place)?.map(|user| {
            let form = mime_form.known();
            channel::Pool::new(user, kdcs, !encrypted, (probe.clone(), form), connections)
        });
        #[cfg(feature = "negotiate")]
        let bound = match encrypted || !way.may_forward() {
            true => bound,
            false if bound.is_some() && !(proven.is_some() && may_be_clear) => {
                return Err(SetupError::BoundThroughProxy);
            }
            false => None,
        };
        if !credentials.is_none() && !is_sealed && !may_be_clear {
            return Err(SetupError::Unencrypted);
        }
        let dialler = Dialler {
            connect_timeout,
            encrypted,
            tls,
            way,
            shown: Shown::default(),
        };
        Ok(Self {
            client: Mutex::new(dialler.client()?),
            url,
            unproven: StaticHeader::new(&credentials, &dialler)?,
            proven: proven
                .filter(|_| may_be_clear)
                .map(|login| ChallengeResponse::new(login, probe)),
            #[cfg(feature = "negotiate")]
            bound,
            #[cfg(feature = "negotiate")]
            selection: Selection::default(),
            dialler,
            inactivity: inactivity_timeout.max(Duration::from_millis(1)),
        })
    }

    /// Runs an exchange, or a part of it, within the time limit of its message.
    async fn within<T>(
        &self,
        (limit, sent): (Duration, SentFlag),
        work: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(TransportError::new(
                TransportErrorKind::NoRuntime,
                Delivery::NotSent,
                "no tokio runtime: await requests over HTTP inside one",
            ));
        }
        let done = timeout(limit, work).await.unwrap_or_else(|_| {
            Err(TransportError::new(
                TransportErrorKind::Timeout(TimeoutKind::Operation),
                sent.delivery(),
                "the exchange took longer than its time limit",
            ))
        });
        match self.dialler.way {
            Route::Proxy(_) => done.map_err(failure::on_the_way),
            Route::Direct | Route::Environment => done,
        }
    }

    /// Sends a message and waits for the start of its answer.
    async fn begin(&self, message: OutgoingMessage) -> Result<Begun, TransportError> {
        #[cfg(feature = "negotiate")]
        if let Some(pool) = self.bound.as_ref().filter(|_| !message.anonymous) {
            return match &self.proven {
                Some(proven) => self.select(pool, proven, message).await,
                // A sealed answer can only be unsealed whole.
                None => self.deliver_bound(pool, message).await.map(Begun::Whole),
            };
        }
        match &self.proven {
            Some(proven) if !message.anonymous => self.log_in(proven, message).await,
            _ => self.begin_once(message).await,
        }
    }

    async fn begin_once(&self, message: OutgoingMessage) -> Result<Begun, TransportError> {
        let mut deadline = self.deadline(&message);
        let login = self.unproven.as_ref().filter(|_| !message.anonymous);
        let identity = match login {
            _ if message.anonymous => Some((WSMAN_IDENTIFY, UNAUTHENTICATED)),
            Some(login) => Some((AUTHORIZATION, login.authorization.clone())),
            None => None,
        };
        let outgoing = Outgoing {
            body: message.body,
            sent: message.sent,
            identity,
            content_type: None,
        };
        let request = self.request(outgoing, deadline.body_sent.clone());
        let response = deadline.head(request.send()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            deadline.evidence.accepted = login.map(|login| login.attempt.scheme());
            return Ok(Begun::Answer(deadline, response));
        }
        let mut answer = deadline.whole(response).await?;
        self.leave_connections();
        answer.tried.extend(login.map(|login| login.attempt));
        Ok(Begun::Whole(answer))
    }

    fn deadline(&self, message: &OutgoingMessage) -> Deadline {
        self.deadline_of(message.answer_limit, message.sent.clone())
    }

    fn deadline_of(&self, answer_limit: usize, sent: SentFlag) -> Deadline {
        Deadline {
            inactivity: self.inactivity,
            answer_limit,
            sent,
            body_sent: BodySentFlag::default(),
            evidence: LoginEvidence {
                protection: Some(self.protection()),
                ..LoginEvidence::default()
            },
        }
    }

    /// The protection of unsealed messages.
    fn protection(&self) -> Protection {
        if self.dialler.encrypted {
            Protection::Tls
        } else {
            Protection::Nothing
        }
    }

    /// Retires the open connections: servers do not always read a message that they refuse, and
    /// then take its rest for the next one.
    fn leave_connections(&self) {
        if let Ok(client) = self.dialler.client() {
            *locked(&self.client) = client;
        }
    }

    fn request(&self, outgoing: Outgoing, body_sent: BodySentFlag) -> RequestBuilder {
        self.request_of(&locked(&self.client), outgoing, body_sent)
    }

    fn request_of(
        &self,
        client: &Client,
        outgoing: Outgoing,
        body_sent: BodySentFlag,
    ) -> RequestBuilder {
        let body = OutgoingBody::new(outgoing.body, outgoing.sent, body_sent);
        let request = client
            .post(self.url.clone())
            .header(CONTENT_TYPE, outgoing.content_type.unwrap_or(SOAP))
            .body(reqwest::Body::wrap(body));
        match outgoing.identity {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}

impl Transport for HttpTransport {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        let limit = (message.time_limit, message.sent.clone());
        let work = async { self.begin(message).await?.whole().await };
        Box::pin(self.within(limit, work))
    }

    fn open(&self, message: OutgoingMessage) -> OpenFuture<'_> {
        let limit = (message.time_limit, message.sent.clone());
        let work = async { Ok(self.begin(message).await?.open()) };
        Box::pin(self.within(limit, work))
    }

    fn http(&self) -> Option<&HttpTransport> {
        Some(self)
    }

    fn server_certificate(&self) -> Option<ServerCertificate> {
        self.dialler.shown.last()
    }
}

impl StaticHeader {
    fn new(credentials: &Credentials, dialler: &Dialler) -> Result<Option<Self>, SetupError> {
        if certificate::is_chosen(credentials) {
            return if dialler.has_certificate() {
                Ok(Some(Self {
                    authorization: HeaderValue::from_static(certificate::AUTHORIZATION),
                    attempt: LoginAttempt::Certificate,
                }))
            } else {
                Err(SetupError::NoCertificate)
            };
        }
        let Some(authorization) = basic::authorization(credentials)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            authorization: sensitive(&authorization)?,
            attempt: LoginAttempt::Basic,
        }))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
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
