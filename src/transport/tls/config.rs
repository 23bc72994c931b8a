//! [`TlsConfig`] over rustls.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, RootCertStore};

use super::TlsError;
use super::builder::TlsConfigBuilder;
use super::certificate::{Chain, Shown};
use super::verifier::{Demands, Verifier};

/// What HTTPS trusts, and what it shows.
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
    /// `None`: nobody is trusted.
    demands: Option<Arc<Demands>>,
    /// For `Debug`.
    trust: &'static str,
    logs_in: bool,
}

/// How many sessions a transport remembers to resume: it has one server.
const SESSIONS: usize = 8;

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
        let built = Self::builder().build()?;
        Ok(SHARED.get_or_init(|| built).clone())
    }

    /// Trusts certificates signed by these authorities, and no others.
    ///
    /// It is given one certificate or more in PEM, or one in DER; a self-signed one can stand for
    /// itself.
    ///
    /// # Errors
    ///
    /// There is no certificate, or one that cannot be read.
    pub fn with_roots(certificates: &[u8]) -> Result<Self, TlsError> {
        Self::builder().roots(certificates).build()
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
        Self::builder().danger_accept_any_certificate().build()
    }

    /// Sets up more than that: pins, a client certificate, another name, a lowest version.
    pub fn builder() -> TlsConfigBuilder {
        TlsConfigBuilder::new()
    }

    /// Trusts nobody: for a client that stays with plain HTTP, which would otherwise set up a TLS
    /// of its own that costs as much as [`TlsConfig::platform`] and is not shared.
    pub(in crate::transport) fn nobody() -> Result<Self, TlsError> {
        static SHARED: OnceLock<TlsConfig> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared.clone());
        }
        let client = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|cause| TlsError::caused("no common TLS version and cipher", cause))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let built = Self {
            client: Arc::new(client),
            demands: None,
            trust: "nobody",
            logs_in: false,
        };
        Ok(SHARED.get_or_init(|| built).clone())
    }

    pub(super) fn new(
        client: ClientConfig,
        demands: Demands,
        trust: &'static str,
        logs_in: bool,
    ) -> Self {
        Self {
            client: Arc::new(client),
            demands: Some(Arc::new(demands)),
            trust,
            logs_in,
        }
    }

    /// Whether it has a client certificate.
    pub(in crate::transport) fn logs_in(&self) -> bool {
        self.logs_in
    }

    /// The configuration for the HTTP client of a transport, which notes there what its server
    /// shows: its costly parts are shared, not copied.
    pub(in crate::transport) fn client(&self, shown: &Shown) -> ClientConfig {
        self.verified(shown.clone(), None)
    }

    /// The same for one connection that is made to be looked at.
    pub(in crate::transport) fn looking(&self, chain: &Chain) -> ClientConfig {
        self.verified(Shown::default(), Some(chain.clone()))
    }

    fn verified(&self, shown: Shown, chain: Option<Chain>) -> ClientConfig {
        let mut client = ClientConfig::clone(&self.client);
        if let Some(demands) = &self.demands {
            let verifier = Verifier {
                demands: Arc::clone(demands),
                shown,
                chain,
            };
            client
                .dangerous()
                .set_certificate_verifier(Arc::new(verifier));
            // In the others' store it would only throw theirs away.
            client.resumption = Resumption::in_memory_sessions(SESSIONS);
        }
        client
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig")
            .field("trust", &self.trust)
            .field("client_certificate", &self.logs_in)
            .finish_non_exhaustive()
    }
}

/// Named here, not installed for the process: a library has no say in what others use.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(aws_lc_rs::default_provider()))
        .clone()
}

/// What the operating system trusts, read once.
pub(super) fn platform_verifier() -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    static SHARED: OnceLock<Arc<dyn ServerCertVerifier>> = OnceLock::new();
    if let Some(shared) = SHARED.get() {
        return Ok(Arc::clone(shared));
    }
    let built = rustls_platform_verifier::Verifier::new(provider()).map_err(|cause| {
        TlsError::caused(
            "the trusted certificates of this system cannot be used",
            cause,
        )
    })?;
    Ok(Arc::clone(SHARED.get_or_init(|| Arc::new(built))))
}
