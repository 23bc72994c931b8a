//! The builder of a [`TlsConfig`].

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use zeroize::Zeroizing;

use super::any_certificate::AnyCertificate;
use super::name::server_name;
use super::platform::platform_verifier;
use super::provider::provider;
use super::verifier::Demands;
use super::{CertificatePin, HTTP, TlsConfig, TlsError, pem};

/// Builds a [`TlsConfig`]; from [`TlsConfig::builder`].
///
/// ```
/// use wsman::transport::{CertificatePin, TlsConfig, TlsVersion};
///
/// # let made = rcgen::generate_simple_self_signed(["host.example".to_owned()])?;
/// # let (ca, chain, key) = (made.cert.pem(), made.cert.pem(), made.signing_key.serialize_pem());
/// let tls = TlsConfig::builder()
///     .roots(ca.as_bytes())
///     .client_certificate(chain.as_bytes(), key.as_bytes())
///     .min_version(TlsVersion::Tls13)
///     .server_name("host.example") // though the URL has its IP address
///     .build()?;
///
/// // A self-signed certificate, known by its hash alone:
/// # let fingerprint = "AB".repeat(32);
/// let tls = TlsConfig::builder()
///     .pin(fingerprint.parse()?)
///     .trust_pins_alone()
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct TlsConfigBuilder {
    trust: Trust,
    pins: Vec<CertificatePin>,
    server_name: Option<String>,
    identity: Option<Identity>,
    min_version: TlsVersion,
    max_version: TlsVersion,
}

/// The trusted authorities of the server's certificate.
enum Trust {
    Platform,
    Roots(Vec<Vec<u8>>),
    PinsAlone,
    AnyCertificate,
}

/// A client certificate with its chain and key, in PEM.
struct Identity {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[default]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl TlsConfigBuilder {
    /// Starts with the trusted certificates of the operating system, TLS 1.2 and 1.3, and no client
    /// certificate.
    pub(super) fn new() -> Self {
        Self {
            trust: Trust::Platform,
            pins: Vec::new(),
            server_name: None,
            identity: None,
            min_version: TlsVersion::Tls12,
            max_version: TlsVersion::Tls13,
        }
    }

    /// Trusts certificates signed by these authorities, instead of those that the system trusts:
    /// one or more certificates in PEM, or one in DER. Each call adds more.
    pub fn roots(mut self, certificates: &[u8]) -> Self {
        let certificates = certificates.to_vec();
        match &mut self.trust {
            Trust::Roots(roots) => roots.push(certificates),
            trust => *trust = Trust::Roots(vec![certificates]),
        }
        self
    }

    /// Requires a certificate that matches one of the pins and is also trusted. Pin the next key as
    /// well if certificates are renewed.
    pub fn pin(mut self, pin: CertificatePin) -> Self {
        self.pins.push(pin);
        self
    }

    /// Accepts a pinned certificate whatever its issuer, names, validity and form: for self-signed
    /// and for old certificates. The server must still prove that it holds the key.
    pub fn trust_pins_alone(mut self) -> Self {
        self.trust = Trust::PinsAlone;
        self
    }

    /// Trusts any certificate, as [`TlsConfig::danger_accept_any_certificate`] does. Pins still
    /// apply.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.trust = Trust::AnyCertificate;
        self
    }

    /// Sets the name that the server's certificate must contain, instead of the host of the URL:
    /// for a host that is reached by its IP address, a short name or a tunnel. A DNS name or an IP
    /// address.
    ///
    /// The client still connects to the host of the URL. A DNS name is also sent in the handshake
    /// (SNI).
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Sets the client certificate, followed by its chain, and its key: both in PEM, the key
    /// unencrypted (PKCS #8, PKCS #1 or SEC 1). The client shows it if the server requests one. To
    /// log in with it, use [`Credentials::certificate`](crate::Credentials::certificate).
    pub fn client_certificate(mut self, chain: &[u8], key: &[u8]) -> Self {
        self.identity = Some(Identity {
            chain: chain.to_vec(),
            key: Zeroizing::new(key.to_vec()),
        });
        self
    }

    /// Sets the oldest accepted version. Defaults to TLS 1.2.
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// Sets the newest accepted version. Defaults to TLS 1.3.
    ///
    /// A server with an RSA key of 1024 bits needs TLS 1.2 and a pin: a small key proves itself
    /// only by PKCS #1 signatures, which TLS 1.3 does not have.
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = version;
        self
    }

    /// Builds the configuration.
    ///
    /// # Errors
    ///
    /// Fails if a certificate or the key cannot be read, they do not match, the name is invalid, or
    /// no certificate is trusted. The trusted certificates of the system are read later, as
    /// [`TlsConfig::platform`] says.
    pub fn build(self) -> Result<TlsConfig, TlsError> {
        let name = self.server_name.as_deref().map(server_name).transpose();
        let name = name.map_err(|cause| {
            TlsError::caused(
                "the server's name is neither a DNS name nor an IP address",
                cause,
            )
        })?;
        let demands = Demands {
            trust: self.trust.verifier(&self.pins)?,
            pins: self.pins,
        };
        let given_roots = match self.trust {
            Trust::Roots(_) => Some(Arc::clone(&demands.trust)),
            Trust::Platform | Trust::PinsAlone | Trust::AnyCertificate => None,
        };
        let verified = versions(self.min_version, self.max_version)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&demands.trust));
        let logs_in = self.identity.is_some();
        let mut client = match self.identity {
            None => verified.with_no_client_auth(),
            Some(Identity { chain, key }) => verified
                .with_client_auth_cert(pem::chain(&chain)?, pem::key(&key)?)
                .map_err(|cause| {
                    TlsError::caused("the client certificate cannot be used with its key", cause)
                })?,
        };
        client.alpn_protocols = vec![HTTP.to_vec()];
        Ok(TlsConfig {
            client: Arc::new(client),
            demands: Arc::new(demands),
            given_roots,
            name,
            trust: self.trust.name(),
            logs_in,
        })
    }
}

impl Trust {
    fn verifier(&self, pins: &[CertificatePin]) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        match self {
            Trust::Platform => Ok(platform_verifier()),
            Trust::Roots(roots) => {
                let roots = Arc::new(pem::roots(roots)?);
                WebPkiServerVerifier::builder_with_provider(roots, provider())
                    .build()
                    .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
                    .map_err(|cause| {
                        TlsError::caused("the trusted certificates cannot be used", cause)
                    })
            }
            Trust::PinsAlone if pins.is_empty() => Err(TlsError::new(
                "`trust_pins_alone` requires a pin: add one with `TlsConfigBuilder::pin`",
            )),
            Trust::PinsAlone | Trust::AnyCertificate => {
                Ok(Arc::new(AnyCertificate::new(&provider())))
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Trust::Platform => "platform",
            Trust::Roots(_) => "given roots",
            Trust::PinsAlone => "pins alone",
            Trust::AnyCertificate => "ANY CERTIFICATE",
        }
    }
}

pub(super) fn versions(
    min: TlsVersion,
    max: TlsVersion,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, TlsError> {
    let versions: &[_] = match (min, max) {
        (TlsVersion::Tls12, TlsVersion::Tls13) => rustls::ALL_VERSIONS,
        (TlsVersion::Tls12, TlsVersion::Tls12) => &[&rustls::version::TLS12],
        (TlsVersion::Tls13, TlsVersion::Tls13) => &[&rustls::version::TLS13],
        (TlsVersion::Tls13, TlsVersion::Tls12) => {
            return Err(TlsError::new("`max_version` is older than `min_version`"));
        }
    };
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(|cause| TlsError::caused("no common TLS version and cipher", cause))
}

/// Hides the key and the certificates.
impl fmt::Debug for TlsConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfigBuilder")
            .field("trust", &self.trust.name())
            .field("pins", &self.pins)
            .field("server_name", &self.server_name)
            .field("client_certificate", &self.identity.is_some())
            .field("min_version", &self.min_version)
            .field("max_version", &self.max_version)
            .finish()
    }
}
