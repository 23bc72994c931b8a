//! The path to the server: direct, or through a proxy.

use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::USER_AGENT;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::lookup_host;
use tower_service::Service;

use super::stream::ByteStream;
use crate::auth::Secret;
use crate::transport::http::options::Route;
use crate::transport::http::{AGENT, SetupError};

/// The path to the server.
pub(in crate::transport::http) enum Path {
    Direct,
    /// The proxy sends requests over its own connections to the server.
    Forwarded(Hop),
    /// The proxy passes the bytes of a connection on (CONNECT).
    Tunnelled(Hop),
    /// A SOCKS 5 proxy passes the bytes of a connection on.
    Socks {
        hop: Hop,
        resolves: Resolves,
    },
}

/// A proxy, and the login to it.
pub(in crate::transport::http) struct Hop {
    address: Uri,
    login: Option<(String, Secret)>,
}

/// Who resolves the name of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport::http) enum Resolves {
    Client,
    Proxy,
}

/// Why no connection was opened.
#[derive(Debug)]
pub(in crate::transport::http) enum DialError {
    /// No TCP connection.
    Connect(Box<dyn std::error::Error + Send + Sync>),
    /// The proxy did not connect to the server.
    Proxy(Box<dyn std::error::Error + Send + Sync>),
    /// The TLS handshake failed.
    #[cfg(feature = "rustls")]
    Tls(io::Error),
    /// The HTTP client refused the connection.
    Http(hyper::Error),
}

/// The default port of a SOCKS proxy (RFC 1928 3).
const SOCKS_PORT: u16 = 1080;

impl Path {
    pub(in crate::transport::http) fn new(route: &Route, server: &Uri) -> Result<Self, SetupError> {
        match route {
            Route::Direct => Ok(Self::Direct),
            Route::Proxy(proxy) => {
                let (address, login) = proxy.checked()?;
                Self::through(&address, login, server)
            }
            Route::Environment => match Matcher::from_env().intercept(server) {
                None => Ok(Self::Direct),
                Some(proxy) => {
                    let login = login_of(&proxy);
                    Self::through(proxy.uri(), login, server)
                }
            },
        }
    }

    fn through(
        proxy: &Uri,
        login: Option<(String, Secret)>,
        server: &Uri,
    ) -> Result<Self, SetupError> {
        let scheme = proxy.scheme_str().unwrap_or_default();
        let socks = match scheme {
            "socks5" => Some(Resolves::Client),
            "socks5h" => Some(Resolves::Proxy),
            _ => None,
        };
        let hop = Hop {
            address: address(proxy, socks.is_some())?,
            login,
        };
        Ok(match (socks, server.scheme_str()) {
            (Some(resolves), _) => Self::Socks { hop, resolves },
            (None, Some("https")) => Self::Tunnelled(hop),
            (None, _) => Self::Forwarded(hop),
        })
    }

    /// Whether connections go directly to the server.
    pub(in crate::transport::http) fn is_direct(&self) -> bool {
        matches!(self, Self::Direct)
    }

    /// Whether a proxy sends the requests over its own connections.
    pub(in crate::transport::http) fn is_forwarded(&self) -> bool {
        matches!(self, Self::Forwarded(_))
    }

    /// Whether the client resolves the name of the server.
    pub(in crate::transport::http) fn resolves_here(&self) -> bool {
        match self {
            Self::Direct => true,
            Self::Forwarded(_) | Self::Tunnelled(_) => false,
            Self::Socks { resolves, .. } => *resolves == Resolves::Client,
        }
    }

    /// Whether the proxy itself is reached over TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        let scheme = self.hop().and_then(|hop| hop.address.scheme_str());
        scheme == Some("https")
    }

    /// The address to connect to.
    pub(super) fn first_hop<'a>(&'a self, server: &'a Uri) -> &'a Uri {
        self.hop().map_or(server, |hop| &hop.address)
    }

    /// The header with the login to a proxy that forwards requests.
    pub(in crate::transport::http) fn proxy_authorization(&self) -> Option<HeaderValue> {
        match self {
            Self::Forwarded(hop) => hop.authorization(),
            Self::Direct | Self::Tunnelled(_) | Self::Socks { .. } => None,
        }
    }

    /// Makes the proxy pass the bytes of the connection on to the server.
    pub(super) async fn pass(
        &self,
        stream: Box<dyn ByteStream>,
        server: &Uri,
    ) -> Result<Box<dyn ByteStream>, DialError> {
        let connected = Connected(Some(TokioIo::new(stream)));
        let passed = match self {
            Self::Direct | Self::Forwarded(_) => return connected.into_stream(),
            Self::Tunnelled(hop) => {
                let agent = HeaderMap::from_iter([(USER_AGENT, AGENT)]);
                let tunnel = Tunnel::new(hop.address.clone(), connected);
                let mut tunnel = match hop.authorization() {
                    Some(login) => tunnel.with_auth(login),
                    None => tunnel,
                }
                .with_headers(agent);
                let passed = tunnel.call(server.clone()).await;
                passed.map_err(|error| DialError::Proxy(error.into()))?
            }
            Self::Socks { hop, resolves } => {
                let server = match resolves {
                    Resolves::Proxy => server.clone(),
                    Resolves::Client => resolved(server).await?,
                };
                let socks = SocksV5::new(hop.address.clone(), connected);
                let mut socks = match &hop.login {
                    Some((user, password)) => {
                        socks.with_auth(user.clone(), password.expose().to_owned())
                    }
                    None => socks,
                };
                let passed = socks.call(server).await;
                passed.map_err(|error| DialError::Proxy(error.into()))?
            }
        };
        Ok(passed.into_inner())
    }

    fn hop(&self) -> Option<&Hop> {
        match self {
            Self::Direct => None,
            Self::Forwarded(hop) | Self::Tunnelled(hop) | Self::Socks { hop, .. } => Some(hop),
        }
    }
}

impl Hop {
    /// The login as a header (RFC 7617).
    fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.login.as_ref()?;
        let pair = BASE64.encode([user, ":", password.expose()].concat());
        let mut value = HeaderValue::try_from(["Basic ", &pair].concat()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Returns scheme, host and port of a proxy.
fn address(proxy: &Uri, is_socks: bool) -> Result<Uri, SetupError> {
    let authority = proxy.authority().ok_or(SetupError::ProxyUrl)?;
    let host = authority.host();
    let is_encrypted = proxy.scheme() == Some(&Scheme::HTTPS);
    let port = match authority.port_u16() {
        Some(port) => port,
        None if is_socks => SOCKS_PORT,
        None if is_encrypted => 443,
        None => 80,
    };
    let authority = Authority::try_from(format!("{host}:{port}"));
    let scheme = if is_encrypted {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    };
    let address = Uri::builder()
        .scheme(scheme)
        .authority(authority.map_err(|_| SetupError::ProxyUrl)?)
        .path_and_query("/");
    address.build().map_err(|_| SetupError::ProxyUrl)
}

/// Returns the login that the environment names with a proxy.
fn login_of(proxy: &hyper_util::client::proxy::matcher::Intercept) -> Option<(String, Secret)> {
    if let Some((user, password)) = proxy.raw_auth() {
        return Some((user.to_owned(), Secret::from(password)));
    }
    let header = proxy.basic_auth()?.to_str().ok()?;
    let pair = BASE64.decode(header.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), Secret::from(password)))
}

/// Returns the address of the server with the IP address of its host.
async fn resolved(server: &Uri) -> Result<Uri, DialError> {
    let none = |error: io::Error| DialError::Connect(error.into());
    let host = server.authority().map_or("", Authority::as_str);
    let mut addresses = lookup_host(host).await.map_err(none)?;
    let address = addresses.next();
    let address = address.ok_or_else(|| none(io::ErrorKind::NotFound.into()))?;
    let text = format!("http://{address}/");
    Uri::try_from(text).map_err(|error| none(io::Error::other(error)))
}

/// A connection to a proxy, as a service that hands it out.
struct Connected(Option<TokioIo<Box<dyn ByteStream>>>);

impl Connected {
    fn into_stream(self) -> Result<Box<dyn ByteStream>, DialError> {
        let stream = self.0.map(TokioIo::into_inner);
        stream
            .ok_or_else(|| DialError::Connect(io::Error::from(io::ErrorKind::NotConnected).into()))
    }
}

impl Service<Uri> for Connected {
    type Response = TokioIo<Box<dyn ByteStream>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or(io::ErrorKind::NotConnected.into()))
    }
}
