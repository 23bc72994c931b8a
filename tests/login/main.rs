//! Tests each situation of `docs/logging-in.md`: what the user sees, and the next step.
//!
//! A test here is a row of the table, and a row is a test, here or in `tests/foreign`. A test takes
//! its row by its own name, so that the texts stand in the document alone.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
#[path = "../support/authority.rs"]
#[allow(dead_code)]
mod authority;
#[path = "../support/front.rs"]
#[allow(dead_code)]
mod front;
mod hop;
mod hops;
#[path = "../auth/kdc.rs"]
#[cfg(feature = "negotiate")]
mod kdc;
#[cfg(feature = "negotiate")]
mod kerberos;
#[cfg(feature = "negotiate")]
mod offers;
mod passwords;
mod proxies;
mod rights;
mod rows;
mod scenario;
mod settings;
#[path = "../support/logging_in.rs"]
mod table;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::Url;
use wsman::{Credentials, Session, SessionBuilder};

use authority::Issued;

/// Ends TLS with this certificate, and requests none of the client.
fn acceptor(issued: &Issued) -> TlsAcceptor {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(issued.der.clone())],
            PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap(),
        );
    Arc::new(config.unwrap()).into()
}

/// Creates a session with short time limits.
fn builder(url: Url, credentials: Credentials) -> SessionBuilder {
    Session::builder(url)
        .credentials(credentials)
        .allow_unencrypted()
        .connect_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(5))
        .network_delay(Duration::ZERO)
}
