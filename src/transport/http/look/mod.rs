//! Diagnoses the path to the server step by step, on separate connections.

#[cfg(feature = "rustls")]
mod handshake;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Host;

use super::HttpTransport;
use super::connections::{Connections, Outgoing};
#[cfg(feature = "rustls")]
use super::failure;
use super::login::LoginResult;
#[cfg(feature = "negotiate")]
use crate::auth::seal::MimeForm;
use crate::transport::{
    ConnectProblem, Delivery, IncomingMessage, SentFlag, ServerCertificate, TimeoutKind,
    TransportError, TransportErrorKind,
};

/// The result of a TLS handshake.
#[derive(Debug, Default)]
pub(crate) struct Handshake {
    /// The negotiated version, such as `TLS 1.3`.
    pub(crate) version: Option<&'static str>,
    /// The server's certificates, its own first.
    pub(crate) chain: Vec<ServerCertificate>,
    pub(crate) error: Option<TransportError>,
}

/// The limit of bytes of an answer of which only the head is needed.
const ANSWER: usize = 64 << 10;

impl HttpTransport {
    /// Whether connections go directly to the server.
    pub(crate) fn is_direct(&self) -> bool {
        self.connections.dialler.path().is_direct()
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.connections.dialler.encrypted
    }

    /// Whether there is a login.
    pub(crate) fn logs_in(&self) -> bool {
        self.login.logs_in()
    }

    /// Returns the host and the port of the URL.
    pub(crate) fn host_and_port(&self) -> (String, u16) {
        // Without the brackets of an IPv6 address, which name resolution rejects.
        let host = match self.connections.url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        };
        (
            host,
            self.connections
                .url
                .port_or_known_default()
                .unwrap_or_default(),
        )
    }

    /// Whether the caller set the address of the server.
    pub(crate) fn has_address(&self) -> bool {
        self.connections.dialler.address().is_some()
    }

    /// Resolves the addresses of the server.
    pub(crate) async fn resolve(&self) -> Result<Vec<SocketAddr>, TransportError> {
        if let Some(address) = self.connections.dialler.address() {
            return Ok(vec![address]);
        }
        let (host, port) = self.host_and_port();
        let found = self.in_time(lookup_host((host.as_str(), port))).await;
        let none = |error| unreachable(ConnectProblem::NameNotResolved, error);
        let addresses: Vec<_> = found?.map_err(none)?.collect();
        if addresses.is_empty() {
            Err(none(io::ErrorKind::NotFound.into()))
        } else {
            Ok(addresses)
        }
    }

    /// Connects to the first address that accepts a connection.
    pub(crate) async fn dial(&self, addresses: &[SocketAddr]) -> Result<TcpStream, TransportError> {
        let stream = self.in_time(TcpStream::connect(addresses)).await?;
        stream.map_err(|error| unreachable(ConnectProblem::of(&error), error))
    }

    /// Makes a TLS handshake on a connection and closes it.
    #[cfg(feature = "rustls")]
    pub(crate) async fn shake_hands(&self, stream: TcpStream) -> Handshake {
        handshake::look(self, stream).await
    }

    /// This build has no TLS.
    #[cfg(not(feature = "rustls"))]
    pub(crate) async fn shake_hands(&self, _: TcpStream) -> Handshake {
        Handshake::default()
    }

    /// Sends an empty message without a login: servers answer with their offers, and OMI does not
    /// answer at all.
    pub(crate) async fn ask_for_offers(
        &self,
        limit: Duration,
    ) -> Result<IncomingMessage, TransportError> {
        let asking = async {
            // On a connection without a login.
            let Connections { dialler, pool, .. } = &self.connections;
            let mut channel = dialler.open(pool).await?;
            self.connections
                .post(&mut channel, Outgoing::default(), ANSWER)
                .await
        };
        self.within((limit, SentFlag::default()), asking).await
    }

    /// Logs in on a separate connection, if the scheme is connection-oriented whatever the server
    /// offers. Sends nothing else.
    #[cfg(feature = "negotiate")]
    pub(crate) async fn try_login(
        &self,
        limit: Duration,
    ) -> Option<Result<LoginResult, TransportError>> {
        let trying = self.login.log_in_only(&self.connections, limit);
        let tried = self.within((limit, SentFlag::default()), trying).await;
        tried.transpose()
    }

    /// This build has no connection-oriented login.
    #[cfg(not(feature = "negotiate"))]
    pub(crate) async fn try_login(
        &self,
        _: Duration,
    ) -> Option<Result<LoginResult, TransportError>> {
        None
    }

    /// Describes the form of sealed messages, once it is known.
    pub(crate) fn sealed_form(&self) -> Option<&'static str> {
        #[cfg(feature = "negotiate")]
        return self.login.look(|entry| {
            Some(match entry.login.connection_oriented()?.known_form()? {
                MimeForm::Tabbed => "in the form of MS-WSMV 2.2.9.1",
                MimeForm::Untabbed => "in the form of OMI, without tabs",
            })
        })?;
        #[cfg(not(feature = "negotiate"))]
        None
    }

    /// Whether messages are sealed.
    pub(crate) fn seals(&self) -> bool {
        #[cfg(feature = "negotiate")]
        return self
            .login
            .look(|entry| entry.login.connection_oriented()?.is_sealed().then_some(()))
            .flatten()
            .is_some();
        #[cfg(not(feature = "negotiate"))]
        false
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, TransportError> {
        let done = timeout(self.connections.dialler.connect_timeout, work).await;
        done.map_err(|_| {
            let kind = TransportErrorKind::Timeout(TimeoutKind::Connect);
            TransportError::new(
                kind,
                Delivery::NotSent,
                "no connection within the connect timeout",
            )
        })
    }
}

fn unreachable(problem: ConnectProblem, error: io::Error) -> TransportError {
    let kind = TransportErrorKind::Connect(problem);
    TransportError::new(kind, Delivery::NotSent, problem.to_string()).with_source(error)
}
