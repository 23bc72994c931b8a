//! Opens connections to the server.

use std::net::SocketAddr;
#[cfg(feature = "rustls")]
use std::sync::OnceLock;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http::Uri;
use hyper::client::conn::http1::{Builder, Connection};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service as _;
use url::Url;

use super::dial_error::{DialError, Phase};
use super::pool::{IdleChannels, Pool};
use super::proxied::Path;
use super::stream::{ByteStream, MonitoredStream, Socket};
use super::traffic::Traffic;
use super::{BUFFER, Channel, HEADS, LEAST_BUFFER};
use crate::meter;
#[cfg(not(feature = "rustls"))]
use crate::transport::ServerCertificate;
use crate::transport::TransportError;
use crate::transport::http::body::OutgoingBody;
use crate::transport::http::options::Route;
use crate::transport::http::{SetupError, failure};
use crate::transport::tls::{Shown, TlsConfig};

/// Opens connections to the server of one transport.
pub(in crate::transport::http) struct Dialler {
    pub(in crate::transport::http) connect_timeout: Duration,
    /// The most bytes of the head of an answer.
    pub(in crate::transport::http) head_limit: usize,
    pub(in crate::transport::http) encrypted: bool,
    pub(super) tls: Option<TlsConfig>,
    /// The configuration of TLS, which is made for the first connection.
    #[cfg(feature = "rustls")]
    pub(super) client: OnceLock<Arc<rustls::ClientConfig>>,
    /// The same for a proxy that is reached over TLS.
    #[cfg(feature = "rustls")]
    pub(super) client_of_proxy: OnceLock<Arc<rustls::ClientConfig>>,
    pub(super) path: Path,
    /// Scheme, host and port of the server.
    pub(super) server: Uri,
    /// The address to connect to, if the caller set one.
    address: Option<SocketAddr>,
    /// The last certificate of the server.
    pub(in crate::transport::http) shown: Shown,
}

impl Dialler {
    pub(in crate::transport::http) fn new(
        url: &Url,
        connect_timeout: Duration,
        tls: Option<TlsConfig>,
        route: &Route,
        address: Option<SocketAddr>,
    ) -> Result<Self, SetupError> {
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(SetupError::Scheme),
        };
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let server = format!("{}://{host}:{port}", url.scheme());
        let server = Uri::try_from(server).map_err(|error| SetupError::Client(error.into()))?;
        let path = Path::new(route, &server)?;
        if address.is_some() && !path.is_direct() {
            return Err(SetupError::AddressThroughProxy);
        }
        Ok(Self {
            connect_timeout,
            head_limit: BUFFER,
            encrypted,
            tls: trusted(tls, encrypted)?,
            #[cfg(feature = "rustls")]
            client: OnceLock::new(),
            #[cfg(feature = "rustls")]
            client_of_proxy: OnceLock::new(),
            path,
            server,
            address,
            shown: Shown::default(),
        })
    }

    /// Sets the most bytes of the head of an answer.
    pub(in crate::transport::http) fn head_limit(mut self, bytes: usize) -> Self {
        self.head_limit = bytes.max(LEAST_BUFFER);
        self
    }

    /// The way to the server.
    pub(in crate::transport::http) fn path(&self) -> &Path {
        &self.path
    }

    /// The address that the caller set.
    pub(in crate::transport::http) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The TLS settings; `None` for plain HTTP.
    #[cfg(feature = "rustls")]
    pub(in crate::transport::http) fn tls(&self) -> Option<&TlsConfig> {
        self.tls.as_ref()
    }

    /// Whether there is a client certificate.
    #[cfg(feature = "rustls")]
    pub(in crate::transport::http) fn has_certificate(&self) -> bool {
        self.tls.as_ref().is_some_and(TlsConfig::logs_in)
    }

    #[cfg(not(feature = "rustls"))]
    pub(in crate::transport::http) fn has_certificate(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether there is a client certificate that the server has not requested in a handshake.
    pub(in crate::transport::http) fn certificate_is_unrequested(&self) -> bool {
        self.encrypted && self.has_certificate() && !self.shown.is_requested()
    }

    /// Opens a connection within the connect timeout. The caller has a permit of the pool.
    pub(in crate::transport::http) async fn open(
        &self,
        pool: &Pool,
    ) -> Result<Channel, TransportError> {
        pool.make_room();
        let mut phase = Phase::Connect;
        let dialled = timeout(self.connect_timeout, self.dial(pool.idle(), &mut phase)).await;
        let dialled = dialled.unwrap_or(Err(DialError::TooSlow(phase)));
        meter::connection(if dialled.is_ok() { "opened" } else { "failed" });
        dialled.map_err(|error| failure::dialling(error, &self.path))
    }

    async fn dial(
        &self,
        idle: Weak<IdleChannels>,
        phase: &mut Phase,
    ) -> Result<Channel, DialError> {
        let traffic = Arc::new(Traffic::default());
        let tcp = match self.address {
            Some(address) => connect_to(address).await?,
            None => connect(self.first_hop()).await?,
        };
        let socket = self.reach(tcp, Arc::clone(&traffic)).await?;
        let (stream, certificate) = if self.encrypted {
            *phase = Phase::Tls;
            self.encrypt(socket).await?
        } else {
            (socket, None)
        };
        if let Some(certificate) = &certificate {
            self.shown.note(certificate.clone());
        }
        let most = self.head_limit.saturating_mul(HEADS);
        let stream = MonitoredStream::new(stream, Arc::clone(&traffic), most);
        let stream = TokioIo::new(stream);
        let (sender, connection) = Builder::new()
            .max_buf_size(self.head_limit)
            .handshake(stream)
            .await
            .map_err(DialError::Http)?;
        tokio::spawn(drive(connection, idle));
        Ok(Channel {
            sender,
            traffic,
            #[cfg(feature = "negotiate")]
            certificate,
            #[cfg(feature = "negotiate")]
            login: None,
        })
    }
}

impl Dialler {
    /// The address to connect to: that of the server, or of the proxy.
    pub(in crate::transport::http) fn first_hop(&self) -> &Uri {
        self.path.first_hop(&self.server)
    }

    /// Reaches the server over a connection to the first hop.
    pub(in crate::transport::http) async fn reach(
        &self,
        tcp: TcpStream,
        traffic: Arc<Traffic>,
    ) -> Result<Box<dyn ByteStream>, DialError> {
        let socket: Box<dyn ByteStream> = Box::new(Socket::new(tcp, traffic));
        let socket = if self.path.is_encrypted() {
            self.encrypt_to_proxy(socket).await?
        } else {
            socket
        };
        self.path.pass(socket, &self.server).await
    }
}

/// Drives a connection until it is closed, and closes idle ones in the meantime.
async fn drive(
    connection: Connection<TokioIo<MonitoredStream>, OutgoingBody>,
    idle: Weak<IdleChannels>,
) {
    let mut connection = std::pin::pin!(connection);
    let mut patience = idle.upgrade().map(|idle| idle.limit()).unwrap_or_default();
    // The exchange on the connection gets its errors.
    while timeout(patience, connection.as_mut()).await.is_err() {
        match idle.upgrade() {
            Some(idle) => patience = idle.expire(),
            // The transport is gone, and its channels with it.
            None => return,
        }
    }
}

/// Connects to an address that the caller set.
async fn connect_to(address: SocketAddr) -> Result<TcpStream, DialError> {
    let connecting = async {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        Ok(tcp)
    };
    connecting
        .await
        .map_err(|error: std::io::Error| DialError::Connect(error.into()))
}

/// Connects to the host and the port of a URL.
async fn connect(address: &Uri) -> Result<TcpStream, DialError> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    let connected = connector.call(address.clone()).await;
    Ok(connected
        .map_err(|error| DialError::Connect(error.into()))?
        .into_inner())
}

/// Returns the TLS settings of HTTPS: those of the caller, or the trusted certificates of the system.
#[cfg(feature = "rustls")]
fn trusted(tls: Option<TlsConfig>, encrypted: bool) -> Result<Option<TlsConfig>, SetupError> {
    Ok(match tls {
        Some(tls) => Some(tls),
        None if encrypted => Some(TlsConfig::platform()?),
        None => None,
    })
}

#[cfg(not(feature = "rustls"))]
fn trusted(tls: Option<TlsConfig>, encrypted: bool) -> Result<Option<TlsConfig>, SetupError> {
    if encrypted {
        Err(SetupError::NoTls)
    } else {
        Ok(tls)
    }
}

#[cfg(not(feature = "rustls"))]
impl Dialler {
    async fn encrypt(
        &self,
        _: Box<dyn ByteStream>,
    ) -> Result<(Box<dyn ByteStream>, Option<ServerCertificate>), DialError> {
        Err(no_tls())
    }

    async fn encrypt_to_proxy(
        &self,
        _: Box<dyn ByteStream>,
    ) -> Result<Box<dyn ByteStream>, DialError> {
        Err(no_tls())
    }
}

#[cfg(not(feature = "rustls"))]
fn no_tls() -> DialError {
    // Building the transport rejects URLs that need it.
    DialError::Connect("this build has no TLS".into())
}
