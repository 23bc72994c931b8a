//! What an error of the HTTP client means.

use std::error::Error as StdError;
use std::io;

use crate::transport::{Delivery, SentFlag, TimeoutKind, TransportError, TransportErrorKind};

/// Translates an error of the HTTP client, whose own kinds do not tell whether anything was sent.
pub(super) fn failure(error: reqwest::Error, sent: &SentFlag) -> TransportError {
    // The URL is what the caller knows, and may be what a log should not.
    let error = error.without_url();
    let (kind, message) = classify(&error);
    let delivery = if error.is_connect() {
        Delivery::NotSent
    } else {
        sent.delivery()
    };
    TransportError::new(kind, delivery, message).with_source(error)
}

fn classify(error: &reqwest::Error) -> (TransportErrorKind, &'static str) {
    if is_tls(error) {
        (TransportErrorKind::Tls, "TLS failed")
    } else if error.is_connect() && error.is_timeout() {
        (
            TransportErrorKind::Timeout(TimeoutKind::Connect),
            "no connection within the connect timeout",
        )
    } else if error.is_connect() {
        (TransportErrorKind::Connect, "no connection")
    } else {
        (
            TransportErrorKind::Interrupted,
            "the connection broke before the answer was whole",
        )
    }
}

/// Whether TLS is what failed: rustls says so, or the peer left in the middle of the handshake.
fn is_tls(error: &reqwest::Error) -> bool {
    let connecting = error.is_connect();
    causes(error).any(|cause| {
        let left = cause
            .downcast_ref::<io::Error>()
            .is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof);
        is_rustls(cause) || (connecting && left)
    })
}

#[cfg(feature = "rustls")]
fn is_rustls(error: &(dyn StdError + 'static)) -> bool {
    error.is::<rustls::Error>()
}

#[cfg(not(feature = "rustls"))]
fn is_rustls(_: &(dyn StdError + 'static)) -> bool {
    false
}

/// An error and what caused it. `io::Error::source` passes over the error that it wraps.
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
