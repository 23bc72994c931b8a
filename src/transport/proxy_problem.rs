//! Problems of a proxy.

use std::fmt;

use super::{CertificateProblem, ConnectProblem};

/// Why a proxy gave no connection. Nothing was sent to the server.
///
/// Its `Display` includes the remedy.
///
/// ```
/// use wsman::transport::ProxyProblem;
/// let text = ProxyProblem::LoginRequired.to_string();
/// assert!(text.ends_with("set it with `Proxy::credentials`"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyProblem {
    /// There is no connection to the proxy itself.
    Unreachable(ConnectProblem),
    /// The certificate of a proxy that is reached over TLS was rejected.
    Certificate(CertificateProblem),
    /// The TLS handshake with the proxy failed.
    Tls,
    /// The proxy requires a login, or rejects the one that it got: HTTP 407, or in SOCKS no accepted
    /// method or a failed one.
    LoginRequired,
    /// The proxy does not allow the connection: HTTP 403, or SOCKS reply 2.
    Forbidden,
    /// The proxy did not reach the server: HTTP 502 or 503, or SOCKS reply 1, 3, 4 or 5.
    ServerUnreachable,
    /// The proxy waited in vain for the server: HTTP 504, or SOCKS reply 6.
    ServerSilent,
    /// The proxy closed the connection without an answer.
    Closed,
    /// The answer is not that of a proxy of this kind.
    NotAProxy,
    /// The proxy refused the connection with another HTTP status or SOCKS reply.
    Refused(u16),
}

impl fmt::Display for ProxyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable(ConnectProblem::Refused) => {
                "the proxy refused the connection: check its address and port"
            }
            Self::Unreachable(ConnectProblem::NameNotResolved) => {
                "the name of the proxy does not resolve: check the name and the DNS servers"
            }
            Self::Unreachable(_) => {
                "the proxy is unreachable: check its address and port, and the network"
            }
            Self::Certificate(_) => {
                "the certificate of the proxy is rejected: it must name the proxy, be valid, and be signed \
                 by a trusted authority (pins and `server_name` are for the server alone)"
            }
            Self::Tls => {
                "the TLS handshake with the proxy failed: check that its port uses TLS, or name the proxy as \
                 http://"
            }
            Self::LoginRequired => {
                "the proxy requires a login, or rejects the one it got: set it with `Proxy::credentials`"
            }
            Self::Forbidden => {
                "the proxy does not allow a connection to this host and port: allow it there (in Squid \
                 http_access and SSL_ports), or connect without the proxy (NO_PROXY)"
            }
            Self::ServerUnreachable => {
                "the proxy does not reach the server: check the name, the port and the network as the proxy \
                 sees them"
            }
            Self::ServerSilent => {
                "the proxy waited in vain for the server: check the port, and the firewalls between them"
            }
            Self::Closed => {
                "the proxy closed the connection without an answer: check its kind (http://, socks5://) and \
                 its port"
            }
            Self::NotAProxy => {
                "the answer is not that of a proxy of this kind: check its kind (http://, socks5://) and its \
                 port"
            }
            Self::Refused(_) => "the proxy refused the request for a connection: check its log",
        })
    }
}
