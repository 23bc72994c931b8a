//! Maps the errors of connections and of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::channel::{DialError, Flood, Hop, Path, Phase, ProxyFailure, Unrequested};
#[cfg(feature = "rustls")]
use crate::auth::LoginProblem;
#[cfg(feature = "rustls")]
use crate::transport::tls::{TlsProblem, TlsProgress};
use crate::transport::{
    ConnectProblem, Delivery, ProxyProblem, SentFlag, TimeoutKind, TransportError,
    TransportErrorKind,
};

/// What the errors of an exchange tell of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) sent: SentFlag,
    /// Whether the server requested the client's certificate in a TLS handshake.
    #[cfg_attr(not(feature = "rustls"), allow(dead_code))]
    pub(super) is_certificate_requested: bool,
    /// The most bytes of the head of the answer.
    pub(super) head_limit: usize,
}

/// Maps an error of an exchange, whose connection was made before.
pub(super) fn failure(error: hyper::Error, told: &Told) -> TransportError {
    #[cfg(feature = "rustls")]
    if let Some(problem) = tls_problem(&error, true, told.is_certificate_requested) {
        return ended(problem, &told.sent).with_source(error);
    }
    let (kind, message) = classify(&error, told.head_limit);
    TransportError::new(kind, told.sent.delivery(), message).with_source(error)
}

/// The error of TLS that ended after the handshake.
#[cfg(feature = "rustls")]
fn ended(problem: TlsProblem, sent: &SentFlag) -> TransportError {
    let delivery = match problem {
        // In TLS 1.3 the message directly follows the client's certificate. The server did not read
        // it.
        TlsProblem::ClientCertificate if sent.is_raised() => Delivery::Answered,
        // The server may have read it before it requested a certificate or another handshake.
        _ => sent.delivery(),
    };
    let kind = match problem {
        TlsProblem::ClientCertificate
        | TlsProblem::CertificateRequestedLate
        | TlsProblem::AnotherHandshake => TransportErrorKind::ClientCertificate,
        _ => TransportErrorKind::Interrupted,
    };
    let is_late = problem == TlsProblem::CertificateRequestedLate;
    TransportError::new(kind, delivery, problem.to_string())
        .with_login_problem(is_late.then_some(LoginProblem::CertificateNotRequested))
}

fn classify(error: &hyper::Error, head_limit: usize) -> (TransportErrorKind, String) {
    if is_long_head(error) {
        let message = format!(
            "the head of the answer is larger than {head_limit} bytes, or has more than 100 headers (SessionBuilder::head_limit)"
        );
        return (TransportErrorKind::HeadTooLarge, message);
    }
    if let Some(Flood(limit)) = causes(error).find_map(|cause| cause.downcast_ref()) {
        let message = format!(
            "the server sent more than {limit} bytes of interim answers, HTTP 1xx (SessionBuilder::head_limit)"
        );
        return (TransportErrorKind::HeadTooLarge, message);
    }
    let message = if is_unrequested(error) {
        "the server sent something before it was asked: its answer is not believed"
    } else if error.is_parse() {
        "the server does not answer in HTTP: check the port, and whether it uses TLS (https://)"
    } else {
        "the connection broke before the answer was complete"
    };
    (TransportErrorKind::Interrupted, message.to_owned())
}

/// Maps an error of opening a connection: nothing was sent. If there is a proxy, it is named.
pub(super) fn dialling(error: DialError, path: &Path) -> TransportError {
    match (error, path.hop()) {
        (DialError::Connect(error), Some(hop)) => {
            let problem = ProxyProblem::Unreachable(connect_problem(error.as_ref()));
            of_proxy(hop, problem, "").with_source(error)
        }
        (DialError::Connect(error), None) => {
            unconnected(connect_problem(error.as_ref())).with_source(error)
        }
        (DialError::Name(error), _) => {
            let text = "the name of the server does not resolve: check the name and the DNS servers, or use \
                        socks5h://, which lets the proxy resolve it";
            let kind = TransportErrorKind::Connect(ConnectProblem::NameNotResolved);
            unsent(kind, text).with_source(error)
        }
        (DialError::Proxy(failure), Some(hop)) => refused_by(hop, failure),
        // Without a proxy there is no such failure.
        (DialError::Proxy(_), None) => unconnected(ConnectProblem::Other),
        (DialError::Http(error), _) => unconnected(ConnectProblem::Other).with_source(error),
        (DialError::TooSlow(phase), hop) => too_slow(phase, hop),
        #[cfg(feature = "rustls")]
        (DialError::TlsToProxy(error), Some(hop)) => tls_to_proxy(error, hop),
        #[cfg(feature = "rustls")]
        // Without a proxy there is no such failure.
        (DialError::TlsToProxy(error), None) => tls_to_server(error, false, None),
        #[cfg(feature = "rustls")]
        (
            DialError::Tls {
                error,
                is_certificate_requested,
            },
            hop,
        ) => tls_to_server(error, is_certificate_requested, hop),
    }
}

fn unsent(kind: TransportErrorKind, message: impl Into<String>) -> TransportError {
    TransportError::new(kind, Delivery::NotSent, message)
}

fn unconnected(problem: ConnectProblem) -> TransportError {
    unsent(TransportErrorKind::Connect(problem), problem.to_string())
}

/// The error of a proxy, which names it.
fn of_proxy(hop: &Hop, problem: ProxyProblem, detail: &str) -> TransportError {
    let separator = if detail.is_empty() { "" } else { ": " };
    let text = format!("{problem} ({hop}{separator}{detail})");
    unsent(TransportErrorKind::Proxy(problem), text)
}

fn refused_by(hop: &Hop, failure: ProxyFailure) -> TransportError {
    let error = of_proxy(hop, failure.problem, &failure.detail);
    match failure.source {
        Some(source) => error.with_source(source),
        None => error,
    }
}

#[cfg(feature = "rustls")]
fn tls_to_proxy(error: io::Error, hop: &Hop) -> TransportError {
    let problem = match tls_problem(&error, false, false) {
        Some(TlsProblem::ServerCertificate(problem)) => ProxyProblem::Certificate(problem),
        _ => ProxyProblem::Tls,
    };
    of_proxy(hop, problem, "").with_source(error)
}

#[cfg(feature = "rustls")]
fn tls_to_server(
    error: io::Error,
    is_certificate_requested: bool,
    hop: Option<&Hop>,
) -> TransportError {
    if let Some(problem) = tls_problem(&error, false, is_certificate_requested) {
        let kind = match problem {
            TlsProblem::ServerCertificate(problem) => {
                TransportErrorKind::ServerCertificate(problem)
            }
            TlsProblem::ClientCertificate => TransportErrorKind::ClientCertificate,
            _ => TransportErrorKind::Tls,
        };
        return unsent(kind, problem.to_string()).with_source(error);
    }
    if !has_left(&error) {
        return unconnected(ConnectProblem::of(&error)).with_source(error);
    }
    let closed = TlsProblem::Closed;
    let text = match hop {
        None => closed.to_string(),
        Some(hop) => format!("{closed} (or the proxy {hop} closed it)"),
    };
    unsent(TransportErrorKind::Tls, text).with_source(error)
}

/// The error of a connection that was not opened within the connect timeout.
fn too_slow(phase: Phase, hop: Option<&Hop>) -> TransportError {
    let text = match (phase, hop) {
        (Phase::Connect, None) => "no connection within the connect timeout".to_owned(),
        (Phase::Connect, Some(hop)) => format!(
            "the proxy gave no connection within the connect timeout: check its address and port, and \
             whether it reaches the server ({hop})"
        ),
        (Phase::Tls, None) => "no TLS handshake within the connect timeout".to_owned(),
        (Phase::Tls, Some(hop)) => {
            format!("no TLS handshake through the proxy within the connect timeout ({hop})")
        }
    };
    unsent(TransportErrorKind::Timeout(TimeoutKind::Connect), text)
}

/// The error of a request on a connection that is closed, which was not sent.
pub(super) fn closed() -> TransportError {
    TransportError::new(
        TransportErrorKind::Interrupted,
        Delivery::NotSent,
        "the server closed the connection before the message was sent",
    )
}

/// The error of an exchange that took longer than its time limit. Before the message left, a proxy may be
/// the cause.
pub(super) fn too_long(delivery: Delivery, hop: Option<&Hop>) -> TransportError {
    let text = "the exchange took longer than its time limit (SessionBuilder::operation_timeout)";
    let text = match hop {
        Some(hop) if delivery == Delivery::NotSent => {
            format!("{text}, before the message was sent (through {hop})")
        }
        _ => text.to_owned(),
    };
    let kind = TransportErrorKind::Timeout(TimeoutKind::Operation);
    TransportError::new(kind, delivery, text)
}

/// Returns why no connection was made. The HTTP client has no type for a name that does not resolve; a
/// test holds the text that it has instead.
fn connect_problem(error: &(dyn StdError + 'static)) -> ConnectProblem {
    let is_of_name = |cause: &(dyn StdError + 'static)| cause.to_string().starts_with("dns error");
    if causes(error).any(is_of_name) {
        return ConnectProblem::NameNotResolved;
    }
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .map(ConnectProblem::of)
        .find(|problem| *problem != ConnectProblem::Other)
        .unwrap_or(ConnectProblem::Other)
}

/// Returns the meaning of the error of rustls, if one caused the failure.
#[cfg(feature = "rustls")]
fn tls_problem(
    error: &(dyn StdError + 'static),
    is_established: bool,
    is_certificate_requested: bool,
) -> Option<TlsProblem> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())?;
    let progress = TlsProgress {
        is_established,
        is_certificate_requested,
    };
    Some(TlsProblem::of(error, progress))
}

/// Whether the peer closed the connection.
#[cfg(feature = "rustls")]
fn has_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    )
}

/// Whether the head of an answer does not fit the buffer. The HTTP client has the type of this for
/// servers alone; a test holds the text that it has for clients.
fn is_long_head(error: &hyper::Error) -> bool {
    causes(error).any(|cause| cause.to_string() == "message head is too large")
}

/// Whether the server sent something while no request was out.
fn is_unrequested(error: &hyper::Error) -> bool {
    causes(error).any(|cause| cause.is::<Unrequested>())
}

/// Iterates over an error and its sources. `io::Error::source` skips the error that it wraps.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Proxy;
    use crate::transport::http::options::Route;

    /// Each kind of error of a socket, and why no connection was made.
    const KINDS: [(io::ErrorKind, ConnectProblem); 8] = [
        (io::ErrorKind::ConnectionRefused, ConnectProblem::Refused),
        (io::ErrorKind::ConnectionReset, ConnectProblem::Reset),
        (io::ErrorKind::ConnectionAborted, ConnectProblem::Reset),
        (io::ErrorKind::HostUnreachable, ConnectProblem::Unreachable),
        (
            io::ErrorKind::NetworkUnreachable,
            ConnectProblem::Unreachable,
        ),
        (io::ErrorKind::NetworkDown, ConnectProblem::Unreachable),
        (io::ErrorKind::AddrNotAvailable, ConnectProblem::Unreachable),
        (io::ErrorKind::PermissionDenied, ConnectProblem::Other),
    ];

    /// An error of a layer between, with the error of the socket as its source.
    #[derive(Debug)]
    struct Around(io::Error);

    impl std::fmt::Display for Around {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("tcp connect error")
        }
    }

    impl StdError for Around {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    type Socket = Box<dyn StdError + Send + Sync>;

    /// The forms in which an error of a socket arrives.
    fn forms(kind: io::ErrorKind) -> [Socket; 4] {
        let socket = || io::Error::from(kind);
        [
            socket().into(),
            io::Error::other(socket()).into(),
            Around(socket()).into(),
            io::Error::other(Around(socket())).into(),
        ]
    }

    #[test]
    fn classifies_each_error_of_a_direct_connection() {
        for (kind, problem) in KINDS {
            for error in forms(kind) {
                let error = dialling(DialError::Connect(error), &Path::Direct);
                assert_eq!(
                    error.kind(),
                    TransportErrorKind::Connect(problem),
                    "{kind:?}"
                );
                assert_eq!(error.to_string(), problem.to_string());
                assert_eq!(error.delivery(), Delivery::NotSent);
                assert!(error.source().is_some());
            }
        }
    }

    #[test]
    fn an_error_on_the_way_through_a_proxy_keeps_its_cause() {
        let proxy = Proxy::new("http://proxy.example:3128".parse().unwrap());
        let server = "http://host.example:5985/".parse().unwrap();
        let path = Path::new(&Route::Proxy(proxy), &server).unwrap();
        for (kind, problem) in KINDS {
            for error in forms(kind) {
                let error = dialling(DialError::Connect(error), &path);
                let expected = TransportErrorKind::Proxy(ProxyProblem::Unreachable(problem));
                assert_eq!(error.kind(), expected);
                assert!(error.to_string().contains("(http://proxy.example:3128)"));
                assert_eq!(error.delivery(), Delivery::NotSent);
                assert_eq!(connect_problem(error.source().unwrap()), problem);
            }
        }
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn classifies_each_error_of_a_handshake() {
        for (kind, problem) in KINDS {
            let error = dialling(
                DialError::Tls {
                    error: kind.into(),
                    is_certificate_requested: false,
                },
                &Path::Direct,
            );
            // What resets a handshake is most often a port that does not speak TLS.
            let expected = match kind {
                io::ErrorKind::ConnectionReset => TransportErrorKind::Tls,
                _ => TransportErrorKind::Connect(problem),
            };
            assert_eq!(error.kind(), expected, "{kind:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
    }
}
