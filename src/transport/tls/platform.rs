//! The trusted certificates of the operating system, which are read when a server shows its own.
//!
//! Reading them opens hundreds of files and takes some milliseconds, and a session over `http://` needs
//! none.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use thiserror::Error as ThisError;

use super::provider::provider;

/// Returns the verifier with the trusted certificates of the operating system, which all sessions share.
pub(super) fn platform_verifier() -> Arc<dyn ServerCertVerifier> {
    static SHARED: OnceLock<Arc<PlatformVerifier>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| Arc::new(PlatformVerifier::new(read_roots)));
    Arc::<PlatformVerifier>::clone(shared)
}

fn read_roots() -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let read = rustls_platform_verifier::Verifier::new(provider())?;
    Ok(Arc::new(read))
}

type Read = dyn Fn() -> Result<Arc<dyn ServerCertVerifier>, Error> + Send + Sync;

/// Verifies certificates with roots that are read once, in a thread beside the first handshake.
///
/// Roots that could not be read are read again for the next certificate.
struct PlatformVerifier(Arc<Roots>);

struct Roots {
    read: Box<Read>,
    /// Held by the reader, so that a handshake waits for it instead of reading as well.
    reading: Mutex<()>,
    verifier: OnceLock<Arc<dyn ServerCertVerifier>>,
    /// Whether the thread was started.
    started: AtomicBool,
}

impl PlatformVerifier {
    fn new(
        read: impl Fn() -> Result<Arc<dyn ServerCertVerifier>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Roots {
            read: Box::new(read),
            reading: Mutex::new(()),
            verifier: OnceLock::new(),
            started: AtomicBool::new(false),
        }))
    }

    /// Starts the thread that reads the roots. Without one, the handshake reads them.
    fn read_ahead(&self) {
        if self.0.started.swap(true, Ordering::Relaxed) {
            return;
        }
        let roots = Arc::clone(&self.0);
        let reader = thread::Builder::new().name("wsman-roots".to_owned());
        // The handshake that needs the roots reports the error.
        let _started = reader.spawn(move || roots.verifier().map(|_| ()));
    }
}

impl Roots {
    fn verifier(&self) -> Result<&dyn ServerCertVerifier, Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier.as_ref());
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier.as_ref());
        }
        let read = (self.read)().map_err(NoRoots)?;
        Ok(self.verifier.get_or_init(|| read).as_ref())
    }
}

impl ServerCertVerifier for PlatformVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = self.0.verifier()?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    /// Needs no roots: the certificate was verified before.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    /// Also starts to read the roots: rustls asks for the schemes when it writes the first message of a
    /// handshake, and the server's certificate is at least one round trip away.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.read_ahead();
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for PlatformVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformVerifier")
            .field("is_read", &self.0.verifier.get().is_some())
            .finish_non_exhaustive()
    }
}

/// The error for trusted certificates that cannot be read, or of which there are none.
#[derive(ThisError)]
#[error("{0}")]
pub(super) struct NoRoots(Error);

impl From<NoRoots> for Error {
    fn from(error: NoRoots) -> Self {
        CertificateError::Other(OtherError(Arc::new(error))).into()
    }
}

/// Prints the message: rustls prints foreign errors only by `Debug`.
impl fmt::Debug for NoRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
