//! A proxy between here and the server.

use std::fmt;

use url::Url;

use super::http::SetupError;
use crate::auth::Secret;

/// A proxy that connections go through.
///
/// | URL | what |
/// |---|---|
/// | `http://proxy:3128` | HTTP: `https://` servers through a tunnel (CONNECT), `http://` servers by forwarding |
/// | `socks5://proxy:1080` | SOCKS 5 (RFC 1928); names are looked up here |
/// | `socks5h://proxy:1080` | SOCKS 5; names are looked up by the proxy |
///
/// A proxy that forwards reads every message; one that tunnels sees the name of the server alone.
///
/// ```
/// use wsman::Session;
/// use wsman::transport::Proxy;
///
/// let proxy = Proxy::new("http://proxy.example:3128".parse()?).credentials("me", "hunter2");
/// let session = Session::builder("https://host.example:5986/wsman".parse()?)
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
    /// The proxy at a URL, which is looked at when the session is built.
    pub fn new(url: Url) -> Self {
        Self { url, login: None }
    }

    /// Who logs in to the proxy: Basic for HTTP, in the clear (RFC 7617), and user name and password
    /// for SOCKS (RFC 1929), in the clear as well. The login to the server is another one.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.login = Some((user.into(), password.into()));
        self
    }

    /// Whether it has connections of its own to the server for plain HTTP.
    #[cfg(feature = "negotiate")]
    pub(super) fn forwards(&self) -> bool {
        !self.url.scheme().starts_with("socks")
    }

    /// The proxy as the HTTP client takes it.
    pub(super) fn for_reqwest(&self) -> Result<reqwest::Proxy, SetupError> {
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(SetupError::UserInProxyUrl);
        }
        if !matches!(self.url.scheme(), "http" | "socks5" | "socks5h") || !self.url.has_host() {
            return Err(SetupError::ProxyUrl);
        }
        let proxy = reqwest::Proxy::all(self.url.clone())
            .map_err(|error| SetupError::Client(Box::new(error.without_url())))?;
        Ok(match &self.login {
            Some((user, password)) => proxy.basic_auth(user, password.expose()),
            None => proxy,
        })
    }
}

/// Shows the host alone of a URL that may hold a password.
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
