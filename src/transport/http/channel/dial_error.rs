//! Why no connection was opened.

use std::io;

use crate::transport::ProxyProblem;

/// Any error behind another.
pub(super) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why no connection was opened.
#[derive(Debug)]
pub(in crate::transport::http) enum DialError {
    /// No TCP connection to the server, or to the proxy if there is one.
    Connect(Source),
    /// The client resolves the server's name for the proxy, and did not find it.
    Name(io::Error),
    /// The proxy did not connect to the server.
    Proxy(ProxyFailure),
    /// The TLS handshake with the proxy failed.
    #[cfg(feature = "rustls")]
    TlsToProxy(io::Error),
    /// The TLS handshake with the server failed.
    #[cfg(feature = "rustls")]
    Tls {
        error: io::Error,
        is_certificate_requested: bool,
    },
    /// The HTTP client refused the connection.
    Http(hyper::Error),
    /// The connect timeout expired.
    TooSlow(Phase),
}

/// The failure of a proxy that was reached.
#[derive(Debug)]
pub(in crate::transport::http) struct ProxyFailure {
    pub(in crate::transport::http) problem: ProxyProblem,
    /// What the proxy answered.
    pub(in crate::transport::http) detail: String,
    pub(in crate::transport::http) source: Option<Source>,
}

/// A part of opening a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport::http) enum Phase {
    /// Until the connection to the server stands: through the proxy, if there is one.
    Connect,
    /// The TLS handshake with the server.
    Tls,
}

impl ProxyFailure {
    pub(super) fn new(problem: ProxyProblem, detail: impl Into<String>) -> Self {
        Self {
            problem,
            detail: detail.into(),
            source: None,
        }
    }

    /// The failure of a proxy that ended the connection.
    pub(super) fn closed(source: impl Into<Source>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(ProxyProblem::Closed, "")
        }
    }

    /// The failure of an answer that no such proxy sends.
    pub(super) fn not_a_proxy(detail: impl Into<String>) -> Self {
        Self::new(ProxyProblem::NotAProxy, detail)
    }
}
