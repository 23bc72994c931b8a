//! The TLS settings of HTTPS, built once and shared between sessions.

#[cfg(feature = "rustls")]
mod any_certificate;
#[cfg(feature = "rustls")]
mod builder;
mod certificate;
#[cfg(feature = "rustls")]
mod config;
#[cfg(test)]
#[cfg(feature = "rustls")]
mod damaged;
#[cfg(feature = "rustls")]
mod failure;
#[cfg(feature = "rustls")]
mod flaw;
#[cfg(feature = "rustls")]
mod name;
#[cfg(feature = "rustls")]
mod pem;
mod pin;
#[cfg(feature = "rustls")]
mod platform;
mod problem;
#[cfg(feature = "rustls")]
mod provider;
#[cfg(feature = "rustls")]
mod proxy;
#[cfg(feature = "rustls")]
mod requested;
#[cfg(feature = "rustls")]
mod signature;
#[cfg(feature = "rustls")]
mod verifier;

use std::error::Error as StdError;
use std::fmt;

#[cfg(feature = "rustls")]
pub use builder::{TlsConfigBuilder, TlsVersion};
#[cfg(feature = "rustls")]
pub(super) use certificate::Chain;
pub use certificate::ServerCertificate;
pub(super) use certificate::Shown;
#[cfg(feature = "rustls")]
pub use config::TlsConfig;
#[cfg(feature = "rustls")]
pub(super) use failure::{TlsProblem, TlsProgress};
#[cfg(feature = "rustls")]
pub(super) use name::server_name;
pub use pin::{CertificatePin, PinError};
pub use problem::CertificateProblem;

/// The protocol in TLS (ALPN).
#[cfg(feature = "rustls")]
const HTTP: &[u8] = b"http/1.1";

/// The error of building a [`TlsConfig`].
#[derive(Debug)]
pub struct TlsError {
    message: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[cfg(feature = "rustls")]
impl TlsError {
    fn new(message: &'static str) -> Self {
        Self {
            message,
            source: None,
        }
    }

    fn caused(message: &'static str, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self {
            source: Some(Box::new(cause)),
            ..Self::new(message)
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl StdError for TlsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The TLS settings of HTTPS: empty, since this build has no TLS (feature `rustls`).
#[cfg(not(feature = "rustls"))]
#[derive(Clone, Copy, Debug)]
pub enum TlsConfig {}
