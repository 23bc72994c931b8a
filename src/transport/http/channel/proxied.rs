//! The path to the server: direct, or through a proxy.

use std::fmt;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use tokio::net::lookup_host;

use super::dial_error::DialError;
use super::environment;
use super::socks::{self, Target};
use super::stream::ByteStream;
use super::tunnel;
use crate::auth::Secret;
use crate::transport::http::SetupError;
use crate::transport::http::options::Route;

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
    /// The scheme that the caller wrote, such as `socks5`.
    scheme: String,
    /// Scheme, host and port to connect to.
    address: Uri,
    login: Option<(String, Secret)>,
}

/// Who resolves the name of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport::http) enum Resolves {
    Client,
    Proxy,
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
            Route::Environment => match environment::proxy(server)? {
                None => Ok(Self::Direct),
                Some(named) => {
                    let through = Self::through(named.proxy.uri(), named.login(), server);
                    through.map_err(|error| match error {
                        SetupError::ProxyUrl => SetupError::EnvironmentProxy(named.variable),
                        other => other,
                    })
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
            "http" | "https" => None,
            _ => return Err(SetupError::ProxyUrl),
        };
        if scheme == "https" && cfg!(not(feature = "rustls")) {
            return Err(SetupError::NoTls);
        }
        let hop = Hop {
            scheme: scheme.to_owned(),
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
        self.forwarder().is_some()
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

    /// The proxy that sends the requests over its own connections, and may answer in place of the server.
    pub(in crate::transport::http) fn forwarder(&self) -> Option<&Hop> {
        match self {
            Self::Forwarded(hop) => Some(hop),
            Self::Direct | Self::Tunnelled(_) | Self::Socks { .. } => None,
        }
    }

    /// The address to connect to.
    pub(super) fn first_hop<'a>(&'a self, server: &'a Uri) -> &'a Uri {
        self.hop().map_or(server, |hop| &hop.address)
    }

    /// The header with the login to a proxy that forwards requests.
    pub(in crate::transport::http) fn proxy_authorization(&self) -> Option<HeaderValue> {
        self.forwarder()?.authorization()
    }

    /// Makes the proxy pass the bytes of the connection on to the server.
    pub(super) async fn pass(
        &self,
        mut stream: Box<dyn ByteStream>,
        server: &Uri,
    ) -> Result<Box<dyn ByteStream>, DialError> {
        let Some(authority) = server.authority() else {
            return Ok(stream);
        };
        match self {
            Self::Direct | Self::Forwarded(_) => Ok(stream),
            Self::Tunnelled(hop) => {
                let opened = tunnel::open(stream, authority, hop.authorization());
                opened.await.map_err(DialError::Proxy)
            }
            Self::Socks { hop, resolves } => {
                let target = match resolves {
                    Resolves::Proxy => named(authority),
                    Resolves::Client => resolved(authority).await.map_err(DialError::Name)?,
                };
                let port = authority.port_u16().unwrap_or_default();
                let connected = socks::connect(&mut stream, (&target, port), hop.login.as_ref());
                connected.await.map_err(DialError::Proxy)?;
                Ok(stream)
            }
        }
    }

    /// The proxy, if there is one.
    pub(in crate::transport::http) fn hop(&self) -> Option<&Hop> {
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
        // A port that is no number of 16 bits is not the default.
        None if has_port(authority) => return Err(SetupError::ProxyUrl),
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

/// Whether a port is written, valid or not.
fn has_port(authority: &Authority) -> bool {
    let behind_host = authority.as_str().rsplit(['@', ']']).next();
    let port = behind_host.and_then(|text| text.rsplit_once(':'));
    port.is_some_and(|(_, port)| !port.is_empty())
}

/// Returns the host as it is written: a name, or an address.
fn named(server: &Authority) -> Target {
    let host = server.host().trim_matches(['[', ']']);
    match host.parse() {
        Ok(address) => Target::Address(address),
        Err(_) => Target::Name(host.to_owned()),
    }
}

/// Returns the address of the host.
async fn resolved(server: &Authority) -> io::Result<Target> {
    let mut addresses = lookup_host(server.as_str()).await?;
    let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
    Ok(Target::Address(address.ip()))
}

/// Shows scheme, host and port, without the login.
impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.address.authority().map_or("", Authority::as_str);
        write!(f, "{}://{place}", self.scheme)
    }
}
