//! Maps the errors of connections and of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::channel::{DialError, Path, Unrequested};
#[cfg(feature = "rustls")]
use crate::transport::tls::TlsProblem;
use crate::transport::{
    ConnectProblem, Delivery, SentFlag, TimeoutKind, TransportError, TransportErrorKind,
};

/// Maps an error of an exchange.
pub(super) fn failure(error: hyper::Error, sent: &SentFlag) -> TransportError {
    let (kind, message) = classify(&error);
    let delivery = match kind {
        // In TLS 1.3 the message directly follows the client's certificate. The server did not read
        // it.
        TransportErrorKind::ClientCertificate if sent.is_raised() => Delivery::Answered,
        _ => sent.delivery(),
    };
    TransportError::new(kind, delivery, message).with_source(error)
}

fn classify(error: &hyper::Error) -> (TransportErrorKind, String) {
    if let Some(problem) = tls_problem(error) {
        return problem;
    }
    let message = if is_unrequested(error) {
        "the server sent something before it was asked: its answer is not believed"
    } else {
        "the connection broke before the answer was complete"
    };
    (TransportErrorKind::Interrupted, message.to_owned())
}

/// Maps an error of opening a connection: nothing was sent.
pub(super) fn dialling(error: DialError, path: &Path) -> TransportError {
    let new = |kind, message: &str| TransportError::new(kind, Delivery::NotSent, message);
    match error {
        DialError::Connect(error) | DialError::Proxy(error) if !path.is_direct() => new(
            TransportErrorKind::Proxy,
            "no connection through the proxy: the proxy or the server is unreachable, or the proxy requires another login",
        )
        .with_source(error),
        DialError::Connect(error) | DialError::Proxy(error) => {
            let problem = connect_problem(error.as_ref());
            new(TransportErrorKind::Connect(problem), &problem.to_string()).with_source(error)
        }
        DialError::Http(error) => {
            let problem = ConnectProblem::Other;
            new(TransportErrorKind::Connect(problem), &problem.to_string()).with_source(error)
        }
        #[cfg(feature = "rustls")]
        DialError::Tls(error) => {
            let (kind, message) = tls_problem(&error).unwrap_or_else(|| {
                if has_left(&error) {
                    return (TransportErrorKind::Tls, TlsProblem::Closed.to_string());
                }
                let problem = ConnectProblem::of(&error);
                (TransportErrorKind::Connect(problem), problem.to_string())
            });
            new(kind, &message).with_source(error)
        }
    }
}

/// The error of a request on a connection that is closed, which was not sent.
pub(super) fn closed() -> TransportError {
    TransportError::new(
        TransportErrorKind::Interrupted,
        Delivery::NotSent,
        "the server closed the connection before the message was sent",
    )
}

/// The error of a connection that was not opened within the connect timeout.
pub(super) fn too_slow() -> TransportError {
    TransportError::new(
        TransportErrorKind::Timeout(TimeoutKind::Connect),
        Delivery::NotSent,
        "no connection within the connect timeout",
    )
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

/// Returns the error of rustls, if it caused the failure.
#[cfg(feature = "rustls")]
fn tls_problem(error: &(dyn StdError + 'static)) -> Option<(TransportErrorKind, String)> {
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
fn tls_problem(_: &(dyn StdError + 'static)) -> Option<(TransportErrorKind, String)> {
    None
}

/// Whether the peer closed the connection.
#[cfg(feature = "rustls")]
fn has_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    )
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
