//! [`TlsConfig`] for rustls.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{InvalidDnsNameError, ServerName};

use super::TlsError;
use super::builder::TlsConfigBuilder;
use super::certificate::{Chain, Shown};
use super::name::server_name;
use super::requested::Requested;
use super::verifier::{Demands, Verifier};

/// The TLS settings of HTTPS: trusted certificates and the client certificate.
///
/// Building one takes milliseconds and about 100 KiB; clones share it, so reuse it for many
/// sessions. Server certificates must contain the host of the URL.
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
    pub(super) client: Arc<ClientConfig>,
    pub(super) demands: Arc<Demands>,
    /// The authorities that the caller named, which a proxy is verified against as well.
    pub(super) given_roots: Option<Arc<dyn ServerCertVerifier>>,
    /// The name of the server, if it is not the host of the URL.
    pub(super) name: Option<ServerName<'static>>,
    /// For `Debug`.
    pub(super) trust: &'static str,
    pub(super) logs_in: bool,
}

/// The limit of sessions that a transport stores for resumption: it has one server.
const SESSIONS: usize = 8;

impl TlsConfig {
    /// Trusts the certificates that the operating system trusts.
    ///
    /// The client reads them when the first server shows its certificate, and shares them between all
    /// sessions. If they cannot be read, or there are none, connecting fails with
    /// [`CertificateProblem::NoTrustedRoots`](crate::transport::CertificateProblem::NoTrustedRoots).
    ///
    /// # Errors
    ///
    /// Fails if the TLS library rejects its own defaults.
    pub fn platform() -> Result<Self, TlsError> {
        static SHARED: OnceLock<TlsConfig> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared.clone());
        }
        let built = Self::builder().build()?;
        Ok(SHARED.get_or_init(|| built).clone())
    }

    /// Trusts only certificates signed by these authorities.
    ///
    /// Takes one or more certificates in PEM, or one in DER; a self-signed certificate is its own
    /// authority.
    ///
    /// # Errors
    ///
    /// Fails if there is no certificate, or one cannot be read.
    pub fn with_roots(certificates: &[u8]) -> Result<Self, TlsError> {
        Self::builder().roots(certificates).build()
    }

    /// Trusts any certificate: the connection is encrypted, but **the server is not
    /// authenticated**. An attacker who intercepts the connection can read and change everything,
    /// passwords included. Use it only for a first look at a host on a closed network. For a
    /// self-signed certificate, [`TlsConfig::with_roots`] is as easy, and secure.
    ///
    /// # Errors
    ///
    /// Fails if the TLS library rejects its own defaults.
    pub fn danger_accept_any_certificate() -> Result<Self, TlsError> {
        Self::builder().danger_accept_any_certificate().build()
    }

    /// Returns a builder for pins, a client certificate, another server name or a minimum version.
    pub fn builder() -> TlsConfigBuilder {
        TlsConfigBuilder::new()
    }

    /// Whether it has a client certificate.
    pub(in crate::transport) fn logs_in(&self) -> bool {
        self.logs_in
    }

    /// Returns the name for the handshake, which the certificate must contain: the one that the caller
    /// set, or the host of the URL.
    pub(in crate::transport) fn server_name(
        &self,
        host: &str,
    ) -> Result<ServerName<'static>, InvalidDnsNameError> {
        match &self.name {
            Some(name) => Ok(name.clone()),
            None => server_name(host),
        }
    }

    /// Returns the configuration for the HTTP client of a transport, which notes the server's
    /// certificate in `shown`. The costly parts are shared, not copied.
    pub(in crate::transport) fn client(&self, shown: &Shown) -> ClientConfig {
        self.verified(shown.clone(), None)
    }

    /// Returns the configuration for a diagnostic connection.
    pub(in crate::transport) fn looking(&self, shown: &Shown, chain: &Chain) -> ClientConfig {
        self.verified(shown.clone(), Some(chain.clone()))
    }

    fn verified(&self, shown: Shown, chain: Option<Chain>) -> ClientConfig {
        let mut client = ClientConfig::clone(&self.client);
        client.client_auth_cert_resolver = Arc::new(Requested {
            identity: Arc::clone(&client.client_auth_cert_resolver),
            shown: shown.clone(),
        });
        let verifier = Verifier {
            demands: Arc::clone(&self.demands),
            shown,
            chain,
        };
        client
            .dangerous()
            .set_certificate_verifier(Arc::new(verifier));
        // In the shared store it would only evict other sessions.
        client.resumption = Resumption::in_memory_sessions(SESSIONS);
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
