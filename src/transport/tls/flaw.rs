//! Names what is unusual about a rejected certificate: rustls only says that it is invalid.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, OtherError};
use thiserror::Error as ThisError;

use super::CertificateProblem;
use super::platform::NoRoots;
use crate::auth::x509::Certificate;

/// The smallest RSA key in bits that rustls accepts.
pub(super) const USUAL_KEY: usize = 2048;

/// An unusual property of a certificate, for which it is rejected.
#[derive(Clone, Copy, PartialEq, Eq, ThisError)]
pub(super) enum Flaw {
    #[error("the certificate has the form of X.509 version {0}")]
    Version(u8),
    #[error("the certificate is signed with {0}")]
    BrokenHash(&'static str),
    #[error("the certificate contains no host name (subjectAltName)")]
    NoHostName,
    #[error("the RSA key of the certificate has {0} bits")]
    WeakKey(usize),
}

impl Flaw {
    pub(super) fn problem(self) -> CertificateProblem {
        match self {
            Flaw::Version(_) | Flaw::BrokenHash(_) => CertificateProblem::Obsolete,
            Flaw::NoHostName => CertificateProblem::NoHostName,
            Flaw::WeakKey(_) => CertificateProblem::WeakKey,
        }
    }

    /// Returns the flaw for which the chain was rejected with this error.
    fn of(error: &CertificateError, chain: &[&CertificateDer<'_>]) -> Option<Self> {
        use CertificateError as E;
        let mut read = chain.iter().filter_map(|der| Certificate::read(der));
        match error {
            E::NotValidForName | E::NotValidForNameContext { .. } => {
                let is_nameless = read.next()?.hosts().is_empty();
                is_nameless.then_some(Flaw::NoHostName)
            }
            // These are as clear as they can be.
            E::Expired
            | E::ExpiredContext { .. }
            | E::NotValidYet
            | E::NotValidYetContext { .. }
            | E::UnknownIssuer
            | E::Revoked
            | E::InvalidPurpose
            | E::InvalidPurposeContext { .. } => None,
            E::Other(other) if other.0.is::<Flaw>() || other.0.is::<NoRoots>() => None,
            // A signature that cannot be verified also reads as a bad one.
            _ => read.find_map(|certificate| Flaw::in_form(&certificate)),
        }
    }

    fn in_form(certificate: &Certificate<'_>) -> Option<Self> {
        if certificate.version() != 3 {
            return Some(Flaw::Version(certificate.version()));
        }
        let broken = certificate.broken_hash().map(Flaw::BrokenHash);
        broken.or_else(|| Flaw::in_key(certificate))
    }

    /// Returns the flaw of a key with which rustls verifies no signature.
    pub(super) fn in_key(certificate: &Certificate<'_>) -> Option<Self> {
        let size = certificate.key()?.rsa_size()?;
        (size < USUAL_KEY).then_some(Flaw::WeakKey(size))
    }
}

/// Replaces an error of rustls by the flaw of the certificate that caused it.
pub(super) fn explain(error: Error, chain: &[&CertificateDer<'_>]) -> Error {
    let flaw = match &error {
        Error::InvalidCertificate(error) => Flaw::of(error, chain),
        _ => None,
    };
    flaw.map_or(error, Error::from)
}

impl From<Flaw> for Error {
    fn from(flaw: Flaw) -> Self {
        CertificateError::Other(OtherError(Arc::new(flaw))).into()
    }
}

/// Prints the message: rustls prints foreign errors only by `Debug`.
impl fmt::Debug for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
