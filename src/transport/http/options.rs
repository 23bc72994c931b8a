//! What an HTTP transport is built from, and what can be wrong with it.

use std::fmt;
#[cfg(feature = "negotiate")]
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::setup_error::SetupError;
use crate::auth::Credentials;
#[cfg(feature = "negotiate")]
use crate::auth::seal;
#[cfg(feature = "negotiate")]
use crate::auth::{KerberosEtype, ServicePrincipal};
use crate::transport::Proxy;
#[cfg(feature = "negotiate")]
use crate::transport::kdc::KerberosSettings;
use crate::transport::tls::TlsConfig;

/// What an [`HttpTransport`](super::HttpTransport) is built from.
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
    pub(super) url: Url,
    pub(super) credentials: Credentials,
    pub(super) connect_timeout: Duration,
    pub(super) inactivity_timeout: Duration,
    pub(super) tls: Option<TlsConfig>,
    pub(super) unencrypted: Unencrypted,
    pub(super) way: Way,
    pub(super) probe: Bytes,
    #[cfg(feature = "negotiate")]
    pub(super) mime_form: MimeForm,
    #[cfg(feature = "negotiate")]
    pub(super) kerberos: KerberosSettings,
    #[cfg(feature = "negotiate")]
    pub(super) connections: usize,
}

/// How the parts of sealed messages are written (MS-WSMV 2.2.9.1).
///
/// ```
/// use wsman::transport::http::MimeForm;
/// use wsman::{Credentials, Session};
///
/// let session = Session::builder("http://host.example:5985/wsman".parse()?)
///     .credentials(Credentials::ntlm("ops", "hunter2"))
///     .mime_form(MimeForm::Untabbed)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Complete: there is a tab, or there is none.
#[cfg(feature = "negotiate")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MimeForm {
    /// As the server wants it, which an Identify tells before the first message: with tabs, and where the
    /// connection is closed upon that, without.
    #[default]
    Learn,
    /// With a tab before the headers of the parts, as Windows wants it.
    Tabbed,
    /// Without, as OMI wants it.
    Untabbed,
}

#[cfg(feature = "negotiate")]
impl MimeForm {
    /// The form, if it need not be learnt.
    pub(super) fn known(self) -> Option<seal::MimeForm> {
        match self {
            Self::Learn => None,
            Self::Tabbed => Some(seal::MimeForm::Tabbed),
            Self::Untabbed => Some(seal::MimeForm::Untabbed),
        }
    }
}

/// How many connections with a login of their own are open at a time: each costs a login.
#[cfg(feature = "negotiate")]
const CONNECTIONS: usize = 8;

/// How connections get to the server.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Direct,
    Proxy(Proxy),
    Environment,
}

#[cfg(feature = "negotiate")]
impl Way {
    /// Whether a proxy may forward plain HTTP over connections of its own; of the environment nobody
    /// knows.
    pub(super) fn may_forward(&self) -> bool {
        match self {
            Way::Direct => false,
            Way::Proxy(proxy) => proxy.forwards(),
            Way::Environment => true,
        }
    }
}

/// Longer than any operation: its time limit runs out first.
const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether a password may travel in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unencrypted {
    Refused,
    Allowed,
}

impl HttpOptions {
    /// Starts from a server's address: no login, 10 seconds to connect, no limit of inactivity, and for HTTPS
    /// the certificates that the operating system trusts.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            credentials: Credentials::none(),
            connect_timeout: Duration::from_secs(10),
            inactivity_timeout: NO_LIMIT,
            tls: None,
            unencrypted: Unencrypted::Refused,
            way: Way::Direct,
            probe: Bytes::new(),
            #[cfg(feature = "negotiate")]
            mime_form: MimeForm::default(),
            #[cfg(feature = "negotiate")]
            kerberos: KerberosSettings::default(),
            #[cfg(feature = "negotiate")]
            connections: CONNECTIONS,
        }
    }

    /// The server's address.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The credentials that were set.
    #[cfg(feature = "record")]
    pub(crate) fn account(&self) -> &Credentials {
        &self.credentials
    }

    /// Who logs in.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// How long finding the host, connecting and the TLS handshake may take together.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long the server may stay silent once it has the message, before the answer and within it.
    ///
    /// A server is silent while it works: this should be longer than the slowest operation.
    pub fn inactivity_timeout(mut self, limit: Duration) -> Self {
        self.inactivity_timeout = limit;
        self
    }

    /// What HTTPS trusts, instead of what the operating system trusts.
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Goes to the server through a proxy.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.way = Way::Proxy(proxy);
        self
    }

    /// Goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, if one of them
    /// does and `NO_PROXY` does not name the server. Without this the environment has no say.
    pub fn environment_proxy(mut self) -> Self {
        self.way = Way::Environment;
        self
    }

    /// A message that does no harm, such as an Identify: where messages are sealed, the first one shows
    /// in which form the server wants them (MS-WSMV 2.2.9.1, which OMI departs from); over plain HTTP it
    /// shows whether the nonce of Digest has run out before a message is sent that changes something.
    pub fn probe(mut self, message: Bytes) -> Self {
        self.probe = message;
        self
    }

    /// How the parts of sealed messages are written, where it is known and need not be learnt.
    #[cfg(feature = "negotiate")]
    pub fn mime_form(mut self, form: MimeForm) -> Self {
        self.mime_form = form;
        self
    }

    /// A key distribution centre of the user's realm, as `host:port` or `host`; more than one are asked in
    /// their order. Without one, `krb5.conf` says where they are, and if it does not, the realm's name is
    /// taken for that of a host, as those of Windows domains are.
    #[cfg(feature = "negotiate")]
    pub fn kdc(mut self, address: impl Into<String>) -> Self {
        self.kerberos.kdcs.push(address.into());
        self
    }

    /// Where `krb5.conf` is, instead of where `KRB5_CONFIG` says or in its usual place. It is read when
    /// the transport is built, and only for Kerberos: the default realm, the key distribution centres of
    /// the realms, and the realms of domains.
    #[cfg(feature = "negotiate")]
    pub fn krb5_conf(mut self, path: impl Into<PathBuf>) -> Self {
        self.kerberos.krb5_conf = Some(path.into());
        self
    }

    /// The name that the server has in its realm, if it is not `HTTP` and the host of the URL.
    #[cfg(feature = "negotiate")]
    pub fn service_principal(mut self, service: ServicePrincipal) -> Self {
        self.kerberos.service = service;
        self
    }

    /// Sets the encryption types of Kerberos that a login may use, best first. Defaults to
    /// [`KerberosEtype::DEFAULT`]: RC4 (RFC 4757) is weak, and used only if it is named here.
    #[cfg(feature = "negotiate")]
    pub fn kerberos_etypes(mut self, etypes: impl IntoIterator<Item = KerberosEtype>) -> Self {
        self.kerberos.etypes = etypes.into_iter().collect();
        self
    }

    /// How many connections may be open at a time where a login belongs to its connection, as with NTLM
    /// and Kerberos: 8 if nothing is said, and at least one. Further messages wait for their turn. Windows
    /// lets a user have 300 (MS-WSMV 2.2.4.36).
    #[cfg(feature = "negotiate")]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most;
        self
    }

    /// Lets credentials go over plain HTTP, where anybody on the way can read the messages, and with
    /// Basic the password.
    pub fn allow_unencrypted(mut self) -> Self {
        self.unencrypted = Unencrypted::Allowed;
        self
    }
}

/// Shows the host alone of a URL that may hold a password.
impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("host", &self.url.host_str())
            .field("credentials", &self.credentials)
            .field("connect_timeout", &self.connect_timeout)
            .field("inactivity_timeout", &self.inactivity_timeout)
            .field("unencrypted", &self.unencrypted)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// Refuses a URL with a user name or password: messages name it, whatever carries them.
pub(crate) fn check_url(url: &Url) -> Result<(), SetupError> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err(SetupError::UserInUrl)
    }
}
