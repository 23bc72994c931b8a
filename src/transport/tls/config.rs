//! [`TlsConfig`] over rustls.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WantsClientCert;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use super::TlsError;
use super::any_certificate::AnyCertificate;

/// What HTTPS trusts.
///
/// Setting one up costs milliseconds and about 100 KiB; clones share it, so give the same one to
/// many sessions. Certificates must name the host of the URL.
///
/// ```
/// use wsman::transport::TlsConfig;
///
/// # let made = rcgen::generate_simple_self_signed(["host.example".to_owned()])?;
/// # let pem = made.cert.pem();
/// let tls = TlsConfig::with_roots(pem.as_bytes())?;
/// let for_the_next_session = tls.clone();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TlsConfig {
    client: Arc<ClientConfig>,
    trust: &'static str,
}

impl TlsConfig {
    /// Trusts what the operating system trusts.
    ///
    /// It is set up on the first call and shared from then on.
    ///
    /// # Errors
    ///
    /// The trusted certificates of the system cannot be read, or there are none.
    pub fn platform() -> Result<Self, TlsError> {
        static SHARED: OnceLock<TlsConfig> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared.clone());
        }
        let verifier = rustls_platform_verifier::Verifier::new(provider()).map_err(|cause| {
            error(
                "the trusted certificates of this system cannot be used",
                cause,
            )
        })?;
        let built = Self::verified_by(Arc::new(verifier), "platform")?;
        Ok(SHARED.get_or_init(|| built).clone())
    }

    /// Trusts certificates signed by these authorities, and no others.
    ///
    /// `pem` holds one certificate or more; a self-signed one can stand for itself.
    ///
    /// # Errors
    ///
    /// `pem` holds no certificate, or one that cannot be read.
    pub fn with_roots(pem: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|cause| error("the PEM text cannot be read", cause))?;
            roots
                .add(certificate)
                .map_err(|cause| error("a certificate is not fit for an authority", cause))?;
        }
        if roots.is_empty() {
            return Err(TlsError::new("the PEM text holds no certificate"));
        }
        Ok(Self::finished(
            builder()?.with_root_certificates(roots),
            "given roots",
        ))
    }

    /// Trusts any certificate of anybody: the connection is encrypted, but **with whom is
    /// unknown**, and whoever stands in between can read and change everything, passwords
    /// included. For a first look at a host on a closed network; for a self-signed
    /// certificate, [`TlsConfig::with_roots`] is as easy and safe.
    ///
    /// # Errors
    ///
    /// The TLS library refuses its own defaults.
    pub fn danger_accept_any_certificate() -> Result<Self, TlsError> {
        Self::verified_by(
            Arc::new(AnyCertificate::new(&provider())),
            "ANY CERTIFICATE",
        )
    }

    /// Trusts nobody: for a client that stays with plain HTTP, which would otherwise set up a TLS
    /// of its own that costs as much as [`TlsConfig::platform`] and is not shared.
    pub(in crate::transport) fn nobody() -> Result<Self, TlsError> {
        static SHARED: OnceLock<TlsConfig> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared.clone());
        }
        let verified = builder()?.with_root_certificates(RootCertStore::empty());
        Ok(SHARED
            .get_or_init(|| Self::finished(verified, "nobody"))
            .clone())
    }

    fn verified_by(
        verifier: Arc<dyn ServerCertVerifier>,
        trust: &'static str,
    ) -> Result<Self, TlsError> {
        let verified = builder()?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Ok(Self::finished(verified, trust))
    }

    fn finished(
        verified: ConfigBuilder<ClientConfig, WantsClientCert>,
        trust: &'static str,
    ) -> Self {
        let mut client = verified.with_no_client_auth();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            client: Arc::new(client),
            trust,
        }
    }

    /// The configuration for the HTTP client: its parts are shared, not copied.
    pub(in crate::transport) fn client(&self) -> ClientConfig {
        ClientConfig::clone(&self.client)
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig")
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

/// Named here, not installed for the process: a library has no say in what others use.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(aws_lc_rs::default_provider()))
        .clone()
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, TlsError> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|cause| error("no common TLS version and cipher", cause))
}

fn error(message: &'static str, cause: impl std::error::Error + Send + Sync + 'static) -> TlsError {
    TlsError {
        source: Some(Box::new(cause)),
        ..TlsError::new(message)
    }
}
