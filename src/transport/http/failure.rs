//! Maps the errors of the HTTP client.

use std::error::Error as StdError;
use std::io;

#[cfg(feature = "rustls")]
use crate::transport::tls::TlsProblem;
use crate::transport::{
    ConnectProblem, Delivery, SentFlag, TimeoutKind, TransportError, TransportErrorKind,
};

/// Maps an error of the HTTP client, whose own kinds do not say whether anything was sent.
pub(super) fn failure(error: reqwest::Error, sent: &SentFlag) -> TransportError {
    // The caller knows the URL, and it may hold what a log should not.
    let error = error.without_url();
    let (kind, message) = classify(&error);
    let delivery = match kind {
        _ if error.is_connect() => Delivery::NotSent,
        // In TLS 1.3 the message directly follows the client's certificate. The server did not read
        // it.
        TransportErrorKind::ClientCertificate if sent.is_raised() => Delivery::Answered,
        _ => sent.delivery(),
    };
    TransportError::new(kind, delivery, message).with_source(error)
}

/// Attributes a failed connection to the proxy.
pub(super) fn on_the_way(error: TransportError) -> TransportError {
    match error.kind() {
        TransportErrorKind::Connect(_) => error.with_kind(
            TransportErrorKind::Proxy,
            "no connection through the proxy: the proxy or the server is unreachable, or the proxy requires another login",
        ),
        _ => error,
    }
}

fn classify(error: &reqwest::Error) -> (TransportErrorKind, String) {
    if let Some(problem) = tls_problem(error) {
        return problem;
    }
    #[cfg(feature = "rustls")]
    if left_while_connecting(error) {
        return (TransportErrorKind::Tls, TlsProblem::Closed.to_string());
    }
    let (kind, message) = if error.is_connect() && error.is_timeout() {
        (
            TransportErrorKind::Timeout(TimeoutKind::Connect),
            "no connection within the connect timeout",
        )
    } else if error.is_connect() {
        let problem = connect_problem(error);
        return (TransportErrorKind::Connect(problem), problem.to_string());
    } else {
        (
            TransportErrorKind::Interrupted,
            "the connection broke before the answer was complete",
        )
    };
    (kind, message.to_owned())
}

/// Returns why no connection was made. The HTTP client has no type for a name that does not resolve; a
/// test holds the text that it has instead.
fn connect_problem(error: &reqwest::Error) -> ConnectProblem {
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

/// Returns the error of rustls, if it caused the failure.
#[cfg(feature = "rustls")]
fn tls_problem(error: &reqwest::Error) -> Option<(TransportErrorKind, String)> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())?;
    Some(meaning(error))
}

/// Maps an error of rustls.
#[cfg(feature = "rustls")]
pub(super) fn meaning(error: &rustls::Error) -> (TransportErrorKind, String) {
    let problem = TlsProblem::of(error);
    let kind = match problem {
        TlsProblem::ServerCertificate(problem) => TransportErrorKind::ServerCertificate(problem),
        TlsProblem::ClientCertificate => TransportErrorKind::ClientCertificate,
        _ => TransportErrorKind::Tls,
    };
    (kind, problem.to_string())
}

#[cfg(not(feature = "rustls"))]
fn tls_problem(_: &reqwest::Error) -> Option<(TransportErrorKind, String)> {
    None
}

/// Whether the peer closed the connection during the handshake: a connection that is only being
/// opened is refused instead.
#[cfg(feature = "rustls")]
fn left_while_connecting(error: &reqwest::Error) -> bool {
    let left = |cause: &(dyn StdError + 'static)| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|io| {
            matches!(
                io.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
            )
        })
    };
    error.is_connect() && causes(error).any(left)
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
