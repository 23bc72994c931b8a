//! Diagnoses the path to the server step by step, on separate connections.

#[cfg(feature = "rustls")]
mod handshake;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Host;

use super::channel::{ByteStream, DialError, Phase, Traffic};
use super::connections::{Connections, Outgoing};
use super::login::LoginResult;
use super::{HttpTransport, failure};
#[cfg(feature = "negotiate")]
use crate::auth::seal::MimeForm;
use crate::transport::{
    ConnectProblem, Delivery, SentFlag, ServerCertificate, TimeoutKind, TransportError,
    TransportErrorKind, WholeAnswer,
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

/// A connection that reaches the server, perhaps through a proxy, before TLS.
#[cfg_attr(not(feature = "rustls"), allow(dead_code))]
pub(crate) struct Reached(Box<dyn ByteStream>);

/// What a proxy does for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyUse {
    /// There is none.
    Nothing,
    /// It sends each request over its own connections.
    Forwards,
    /// It passes the bytes of a connection on (CONNECT, SOCKS).
    Connects,
}

/// The limit of bytes of an answer of which only the head is needed.
const ANSWER: usize = 64 << 10;

impl HttpTransport {
    /// What the proxy of the session does.
    pub(crate) fn proxy_use(&self) -> ProxyUse {
        let path = self.connections.dialler.path();
        if path.is_direct() {
            ProxyUse::Nothing
        } else if path.is_forwarded() {
            ProxyUse::Forwards
        } else {
            ProxyUse::Connects
        }
    }

    /// Whether the client resolves the name of the server.
    pub(crate) fn resolves_the_server(&self) -> bool {
        self.connections.dialler.path().resolves_here()
    }

    /// Returns the names of the login schemes that the credentials can use in this session.
    pub(crate) fn usable_schemes(&self) -> Vec<&'static str> {
        let schemes = self.login.look(|entry| entry.login.schemes());
        schemes.unwrap_or_default()
    }

    /// Returns the host and the port to which the session connects: the server's, or the proxy's.
    pub(crate) fn first_hop(&self) -> (String, u16) {
        let hop = self.connections.dialler.first_hop();
        let host = hop.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (host.to_owned(), hop.port_u16().unwrap_or_default())
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

    /// The address of the server that the caller set.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.connections.dialler.address()
    }

    /// Resolves the addresses of a host.
    pub(crate) async fn resolve(
        &self,
        (host, port): &(String, u16),
    ) -> Result<Vec<SocketAddr>, TransportError> {
        let found = self.in_time(lookup_host((host.as_str(), *port))).await;
        let none = |error| {
            let problem = ConnectProblem::NameNotResolved;
            unreachable(problem, &format!("the name {host} does not resolve"), error)
        };
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
        stream.map_err(|error| {
            let problem = ConnectProblem::of(&error);
            if self.proxy_use() == ProxyUse::Nothing {
                return unreachable(problem, problem.fact(), error);
            }
            let path = self.connections.dialler.path();
            failure::dialling(DialError::Connect(error.into()), path)
        })
    }

    /// Makes the proxy, if there is one, connect to the server.
    pub(crate) async fn reach(&self, stream: TcpStream) -> Result<Reached, TransportError> {
        let dialler = &self.connections.dialler;
        let reached = dialler.reach(stream, Arc::new(Traffic::default()));
        let reached = timeout(dialler.connect_timeout, reached).await;
        let reached = reached.unwrap_or(Err(DialError::TooSlow(Phase::Connect)));
        let reached = reached.map_err(|error| failure::dialling(error, dialler.path()))?;
        Ok(Reached(reached))
    }

    /// Makes a TLS handshake on a connection and closes it.
    #[cfg(feature = "rustls")]
    pub(crate) async fn shake_hands(&self, reached: Reached) -> Handshake {
        handshake::look(self, reached).await
    }

    /// This build has no TLS.
    #[cfg(not(feature = "rustls"))]
    pub(crate) async fn shake_hands(&self, _: Reached) -> Handshake {
        Handshake::default()
    }

    /// Sends an empty message without a login: servers answer with their offers, and OMI does not
    /// answer at all.
    pub(crate) async fn ask_for_offers(
        &self,
        limit: Duration,
    ) -> Result<WholeAnswer, TransportError> {
        let asking = pin!(async {
            // On a connection without a login.
            let Connections { dialler, pool, .. } = &self.connections;
            let mut channel = dialler.open(pool).await?;
            self.connections
                .post(&mut channel, Outgoing::default(), ANSWER)
                .await
        });
        self.within((limit, SentFlag::default()), asking).await
    }

    /// Logs in on a separate connection, if the scheme is connection-oriented whatever the server
    /// offers. Sends nothing else.
    #[cfg(feature = "negotiate")]
    pub(crate) async fn try_login(
        &self,
        limit: Duration,
    ) -> Option<Result<LoginResult, TransportError>> {
        let trying = pin!(self.login.log_in_only(&self.connections, limit));
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

fn unreachable(problem: ConnectProblem, text: &str, error: io::Error) -> TransportError {
    let kind = TransportErrorKind::Connect(problem);
    TransportError::new(kind, Delivery::NotSent, text).with_source(error)
}
