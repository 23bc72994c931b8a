//! TLS with a proxy.

use std::sync::Arc;

use rustls::ClientConfig;

use super::builder::{TlsVersion, versions};
use super::certificate::Shown;
use super::config::TlsConfig;
use super::platform::platform_verifier;
use super::verifier::{Demands, Verifier};
use super::{HTTP, TlsError};

impl TlsConfig {
    /// Returns the configuration for a proxy that is reached over TLS. Its certificate must be of an
    /// authority that the caller trusts, by default of the system's, and for the proxy's own name.
    ///
    /// All else is for the server: pins, its name, the versions of TLS, any accepted certificate, and
    /// the client certificate, which would tell the proxy who the client is.
    pub(in crate::transport) fn of_proxy(
        of_server: Option<&TlsConfig>,
    ) -> Result<ClientConfig, TlsError> {
        let given = of_server.and_then(|tls| tls.given_roots.clone());
        let trust = given.unwrap_or_else(platform_verifier);
        let verifier = Verifier {
            demands: Arc::new(Demands {
                trust,
                pins: Vec::new(),
            }),
            shown: Shown::default(),
            chain: None,
        };
        let mut client = versions(TlsVersion::Tls12, TlsVersion::Tls13)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        client.alpn_protocols = vec![HTTP.to_vec()];
        Ok(client)
    }
}
