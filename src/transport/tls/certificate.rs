//! The server's certificate.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

#[cfg(feature = "rustls")]
use rustls::pki_types::CertificateDer;

use crate::auth::channel_binding::tls_server_end_point;
use crate::auth::x509::Certificate;

/// The certificate of a server, which proved that it holds the key.
///
/// ```
/// use wsman::simulator::sample;
/// use wsman::{Credentials, Session, TlsConfig};
/// # #[cfg(feature = "rustls")]
/// # wsman::doc_examples::block_on(async || {
/// # let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
/// # let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
/// let simulator = sample().tls(&pem, &key).start().await?;
/// let session = Session::builder(simulator.url())
///     .credentials(Credentials::basic(simulator.user(), simulator.password()))
///     .tls(TlsConfig::with_roots(pem.as_bytes())?)
///     .build()?;
/// session.identify().await?;
/// if let Some(certificate) = session.server_certificate() {
///     println!("{}", certificate.pin()); // to be pinned from now on
/// }
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    der: Arc<[u8]>,
}

impl ServerCertificate {
    #[cfg(feature = "rustls")]
    pub(in crate::transport) fn new(der: &[u8]) -> Self {
        Self { der: der.into() }
    }

    /// The certificate itself (X.509, DER).
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the subject, such as `CN=host.example, O=Example`; `None` if it cannot be read. It
    /// is unverified, unless the server is trusted.
    pub fn subject(&self) -> Option<String> {
        Certificate::read(&self.der)?.subject()
    }

    /// Returns the issuer that the certificate names.
    pub fn issuer(&self) -> Option<String> {
        Certificate::read(&self.der)?.issuer()
    }

    /// Returns the end of the validity.
    pub fn not_after(&self) -> Option<SystemTime> {
        let seconds = Certificate::read(&self.der)?.not_after()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds.try_into().ok()?))
    }

    /// Returns the host names and addresses of the certificate (`subjectAltName`).
    pub fn hosts(&self) -> Vec<String> {
        let certificate = Certificate::read(&self.der);
        certificate.map(|read| read.hosts()).unwrap_or_default()
    }

    /// Returns the channel binding: `tls-server-end-point:` and the hash of the certificate, with
    /// the hash function of its signature (RFC 5929 4.1).
    pub fn channel_binding(&self) -> Vec<u8> {
        tls_server_end_point(&self.der)
    }
}

/// Shows the pin, which identifies the certificate.
impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerCertificate")
            .field(&format_args!("{}", self.pin()))
            .finish()
    }
}

/// What the server of one transport showed and requested in its handshakes.
#[derive(Clone, Debug, Default)]
pub(in crate::transport) struct Shown {
    certificate: Arc<Mutex<Option<ServerCertificate>>>,
    /// Whether the server has requested the client's certificate.
    requested: Arc<AtomicBool>,
}

impl Shown {
    pub(in crate::transport) fn note(&self, certificate: ServerCertificate) {
        *self.lock() = Some(certificate);
    }

    pub(in crate::transport) fn last(&self) -> Option<ServerCertificate> {
        self.lock().clone()
    }

    #[cfg(feature = "rustls")]
    pub(super) fn note_request(&self) {
        self.requested.store(true, Ordering::Release);
    }

    /// Whether the server has requested the client's certificate in a handshake.
    pub(in crate::transport) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ServerCertificate>> {
        self.certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The certificates that a server showed, trusted or not.
#[cfg(feature = "rustls")]
#[derive(Clone, Debug, Default)]
pub(in crate::transport) struct Chain(Arc<Mutex<Vec<ServerCertificate>>>);

#[cfg(feature = "rustls")]
impl Chain {
    pub(super) fn note(&self, first: &CertificateDer<'_>, others: &[CertificateDer<'_>]) {
        let all = std::iter::once(first).chain(others);
        *self.lock() = all.map(|der| ServerCertificate::new(der)).collect();
    }

    /// Returns the certificates, the server's own first.
    pub(in crate::transport) fn all(&self) -> Vec<ServerCertificate> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<ServerCertificate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
