//! The options of an HTTP transport, and their validation.

use std::fmt;
use std::net::SocketAddr;
#[cfg(feature = "negotiate")]
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::channel::BUFFER;
use super::setup_error::SetupError;
#[cfg(feature = "negotiate")]
use crate::auth::seal;
use crate::auth::{Credentials, LoginLimits};
#[cfg(feature = "negotiate")]
use crate::auth::{KerberosEtype, ServicePrincipal};
#[cfg(feature = "negotiate")]
use crate::transport::kdc::KerberosSettings;
use crate::transport::tls::TlsConfig;
use crate::transport::{EndpointError, Proxy};

/// The options of an [`HttpTransport`](super::HttpTransport).
///
/// ```
/// use std::time::Duration;
/// use wsman::auth::Credentials;
/// use wsman::transport::http::{HttpOptions, HttpTransport};
///
/// let options = HttpOptions::new("http://host.example:5985/wsman".parse()?)
///     .credentials(Credentials::basic("ops", "hunter2"))
///     .connect_timeout(Duration::from_secs(5))
///     .allow_unencrypted();
/// let transport = HttpTransport::new(options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct HttpOptions {
    pub(super) url: Result<Url, EndpointError>,
    pub(super) credentials: Credentials,
    pub(super) connect_timeout: Duration,
    /// The most bytes of the head of an answer.
    pub(super) head_limit: usize,
    pub(super) login_limits: LoginLimits,
    pub(super) inactivity_timeout: Duration,
    pub(super) tls: Option<TlsConfig>,
    pub(super) unencrypted: Unencrypted,
    pub(super) way: Route,
    pub(super) address: Option<SocketAddr>,
    pub(super) probe: Bytes,
    #[cfg(feature = "negotiate")]
    pub(super) mime_form: MimeForm,
    #[cfg(feature = "negotiate")]
    pub(super) kerberos: KerberosSettings,
    pub(super) connections: usize,
    pub(super) idle_timeout: Duration,
}

/// The format of the part headers in sealed messages (MS-WSMV 2.2.9.1).
///
/// ```
/// use wsman::transport::http::MimeForm;
/// use wsman::{Credentials, Session};
///
/// let session = Session::builder("http://host.example:5985/wsman")
///     .credentials(Credentials::ntlm("ops", "hunter2"))
///     .mime_form(MimeForm::Untabbed)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Exhaustive: there is a tab, or there is none.
#[cfg(feature = "negotiate")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MimeForm {
    /// Learns the format with an Identify before the first message: with tabs, and without if the
    /// server closes the connection on them.
    #[default]
    Learn,
    /// A tab before the headers of the parts, as Windows requires.
    Tabbed,
    /// No tab, as OMI requires.
    Untabbed,
}

#[cfg(feature = "negotiate")]
impl MimeForm {
    /// Returns the format, unless it must be learnt.
    pub(super) fn known(self) -> Option<seal::MimeForm> {
        match self {
            Self::Learn => None,
            Self::Tabbed => Some(seal::MimeForm::Tabbed),
            Self::Untabbed => Some(seal::MimeForm::Untabbed),
        }
    }
}

/// The default limit of open connections.
const CONNECTIONS: usize = 8;

/// Shorter than the minute after which servers close an idle connection, so that a message is rarely
/// sent into a connection that is just closing.
const IDLE: Duration = Duration::from_secs(50);

/// The path of connections to the server.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    Direct,
    Proxy(Proxy),
    Environment,
}

/// Longer than any operation: its time limit expires first.
const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether credentials may go over plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unencrypted {
    Refused,
    Allowed,
}

impl HttpOptions {
    /// Creates options for a server without a login. Defaults to 10 seconds for connecting, no
    /// limit of inactivity, and for HTTPS the trusted certificates of the operating system.
    pub fn new(url: Url) -> Self {
        Self::to(Ok(url))
    }

    /// Creates options for an address, whose error building the transport returns.
    pub(crate) fn to(url: Result<Url, EndpointError>) -> Self {
        Self {
            url,
            credentials: Credentials::none(),
            connect_timeout: Duration::from_secs(10),
            head_limit: BUFFER,
            login_limits: LoginLimits::default(),
            inactivity_timeout: NO_LIMIT,
            tls: None,
            unencrypted: Unencrypted::Refused,
            way: Route::Direct,
            address: None,
            probe: Bytes::new(),
            #[cfg(feature = "negotiate")]
            mime_form: MimeForm::default(),
            #[cfg(feature = "negotiate")]
            kerberos: KerberosSettings::default(),
            connections: CONNECTIONS,
            idle_timeout: IDLE,
        }
    }

    /// Returns the time limits of a connection that is made, and of one that is idle.
    #[cfg(test)]
    pub(crate) fn timeouts(&self) -> [Duration; 2] {
        [self.connect_timeout, self.idle_timeout]
    }

    /// The server's address.
    pub(crate) fn url(&self) -> Result<&Url, SetupError> {
        let url = self.url.as_ref();
        url.map_err(|error| SetupError::Endpoint(*error))
    }

    /// Whether the platform's trust is loaded for this server, because the caller set no other.
    #[cfg(feature = "rustls")]
    pub(crate) fn needs_tls(&self) -> bool {
        let is_https = self.url.as_ref().is_ok_and(|url| url.scheme() == "https");
        is_https && self.tls.is_none()
    }

    /// The credentials that the caller set.
    pub(crate) fn account(&self) -> &Credentials {
        &self.credentials
    }

    /// Shares the Kerberos tickets of equal credentials.
    pub(crate) fn share_tickets(mut self, known: &mut Vec<Credentials>) -> Self {
        self.credentials = self.credentials.shared(known);
        self
    }

    /// Sets the credentials.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// Limits the time for name resolution, connecting and the TLS handshake together.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Limits the time in which the server sends nothing after it received the message, before and
    /// within the answer.
    ///
    /// A server sends nothing while it works: set more than the duration of the slowest operation.
    pub fn inactivity_timeout(mut self, limit: Duration) -> Self {
        self.inactivity_timeout = limit;
        self
    }

    /// Limits the head of an answer in bytes, and all interim answers (1xx) before it to four times as
    /// many. Defaults to 65,536, and is at least 8,192.
    pub fn head_limit(mut self, bytes: usize) -> Self {
        self.head_limit = bytes;
        self
    }

    /// Sets the limits of what a server or a KDC may send during a login. One of 0 is a
    /// [`SetupError::LoginLimit`].
    pub fn login_limits(mut self, limits: LoginLimits) -> Self {
        self.login_limits = limits;
        self
    }

    /// Sets the TLS configuration. Defaults to the trusted certificates of the operating system.
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Connects to the server through a proxy.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.way = Route::Proxy(proxy);
        self
    }

    /// Connects through the proxy in `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless `NO_PROXY`
    /// names the server. The variables are read when the transport is built. By default they are
    /// ignored.
    pub fn environment_proxy(mut self) -> Self {
        self.way = Route::Environment;
        self
    }

    /// Connects to this address, instead of the host and the port of the URL: for a tunnel, or an IPv6
    /// address with a zone (`fe80::1%eth0`), which a URL cannot hold. The `Host` header, the service
    /// principal and the name of the certificate remain those of the URL.
    ///
    /// ```
    /// use wsman::transport::http::{HttpOptions, HttpTransport};
    ///
    /// let options = HttpOptions::new("http://host.example:5985/wsman".parse()?)
    ///     .address("[fe80::1%2]:5985".parse()?);
    /// let transport = HttpTransport::new(options)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets a harmless message, such as an Identify. Where messages are sealed, it learns the form
    /// that the server expects (MS-WSMV 2.2.9.1, from which OMI departs). Over plain HTTP, it
    /// checks that the nonce of Digest is still valid before a write.
    pub fn probe(mut self, message: Bytes) -> Self {
        self.probe = message;
        self
    }

    /// Sets the format of the part headers in sealed messages, which is otherwise learnt.
    #[cfg(feature = "negotiate")]
    pub fn mime_form(mut self, form: MimeForm) -> Self {
        self.mime_form = form;
        self
    }

    /// Adds a KDC of the user's realm, as `host:port` or `host`. The client asks several in order, the
    /// next one a second after the last, and remembers the one that answered.
    ///
    /// Defaults to the KDCs in `krb5.conf`, and without them to the realm's name as a host name, as
    /// Windows domains have it.
    #[cfg(feature = "negotiate")]
    pub fn kdc(mut self, address: impl Into<String>) -> Self {
        self.kerberos.kdcs.push(address.into());
        self
    }

    /// Sets the path of `krb5.conf`, instead of `KRB5_CONFIG` or its usual place. The transport
    /// reads it when it is built, and only for Kerberos: the default realm, the KDCs of the realms,
    /// the realms of domains, and the permitted encryption types.
    #[cfg(feature = "negotiate")]
    pub fn krb5_conf(mut self, path: impl Into<PathBuf>) -> Self {
        self.kerberos.krb5_conf = Some(path.into());
        self
    }

    /// Sets the service principal of the server. Defaults to `HTTP` and the host of the URL.
    #[cfg(feature = "negotiate")]
    pub fn service_principal(mut self, service: ServicePrincipal) -> Self {
        self.kerberos.service = service;
        self
    }

    /// Sets the encryption types of Kerberos that a login may use, best first. Defaults to
    /// [`KerberosEtype::DEFAULT`], within the limits of `permitted_enctypes` in `krb5.conf`. RC4 (RFC
    /// 4757) is weak, and used only if it is named here.
    #[cfg(feature = "negotiate")]
    pub fn kerberos_etypes(mut self, etypes: impl IntoIterator<Item = KerberosEtype>) -> Self {
        self.kerberos.etypes = Some(etypes.into_iter().collect());
        self
    }

    /// Limits the open connections, each of which carries one message at a time. Defaults to 8, and is
    /// at least 1. Further messages wait. Windows allows 300 per user (MS-WSMV 2.2.4.36).
    ///
    /// The answer of a conversation
    /// ([`OutgoingMessage::is_conversation`](crate::transport::OutgoingMessage::is_conversation)) has a
    /// connection beside these while it is read.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most;
        self
    }

    /// Sets the time after which an idle connection is closed. Defaults to 50 seconds, because servers
    /// close theirs after a minute.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = limit;
        self
    }

    /// Allows credentials over plain HTTP, where an attacker on the path can read the messages, and
    /// with Basic the password.
    pub fn allow_unencrypted(mut self) -> Self {
        self.unencrypted = Unencrypted::Allowed;
        self
    }
}

/// Shows only the host of a URL, which may hold a password.
impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("host", &self.url.as_ref().map(Url::host_str))
            .field("credentials", &self.credentials)
            .field("connect_timeout", &self.connect_timeout)
            .field("inactivity_timeout", &self.inactivity_timeout)
            .field("unencrypted", &self.unencrypted)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// Rejects a URL with a user name or password, because every message would contain it.
pub(crate) fn check_url(url: &Url) -> Result<(), SetupError> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err(SetupError::UserInUrl)
    }
}
