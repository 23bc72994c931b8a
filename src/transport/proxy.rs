//! A proxy between the client and the server.

use std::fmt;

use http::Uri;
use url::Url;

use super::http::SetupError;
use crate::auth::Secret;

/// A proxy for the connections to the server.
///
/// | URL | proxy |
/// |---|---|
/// | `http://proxy:3128` | HTTP: tunnels to `https://` servers (CONNECT), forwards to `http://` servers |
/// | `https://proxy:3129` | the same over TLS |
/// | `socks5://proxy:1080` | SOCKS 5 (RFC 1928); the client resolves names |
/// | `socks5h://proxy:1080` | SOCKS 5; the proxy resolves names |
///
/// The certificate of a proxy over TLS must name the proxy. Its authority is one of the
/// roots of the session (`TlsConfigBuilder::roots`), or by default one that the system
/// trusts. The other settings of TLS are for the server: a pin does not apply to the proxy, and the client
/// certificate is not sent to it.
///
/// A proxy that forwards can read every message; one that tunnels sees only the name of the server.
///
/// ```
/// use wsman::Session;
/// use wsman::transport::Proxy;
///
/// let proxy = Proxy::new("http://proxy.example:3128".parse()?).credentials("me", "hunter2");
/// let session = Session::builder("https://host.example:5986/wsman")
///     .proxy(proxy)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Proxy {
    url: Url,
    login: Option<(String, Secret)>,
}

impl Proxy {
    /// Creates a proxy with a URL, which is validated when the session is built.
    pub fn new(url: Url) -> Self {
        Self { url, login: None }
    }

    /// Sets the login to the proxy, which is sent unencrypted, except over TLS: Basic for HTTP (RFC 7617), user name
    /// and password for SOCKS (RFC 1929). The login to the server is separate.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.login = Some((user.into(), password.into()));
        self
    }

    /// Returns the address and the login, if they are valid.
    pub(super) fn checked(&self) -> Result<(Uri, Option<(String, Secret)>), SetupError> {
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(SetupError::UserInProxyUrl);
        }
        if !matches!(self.url.scheme(), "http" | "https" | "socks5" | "socks5h")
            || !self.url.has_host()
        {
            return Err(SetupError::ProxyUrl);
        }
        let address = Uri::try_from(self.url.as_str()).map_err(|_| SetupError::ProxyUrl)?;
        Ok((address, self.login.clone()))
    }
}

/// Shows only the host of a URL, which may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("scheme", &self.url.scheme())
            .field("host", &self.url.host_str())
            .field("port", &self.url.port_or_known_default())
            .field("user", &self.login.as_ref().map(|(user, _)| user))
            .finish()
    }
}
