//! The HTTPS server.

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

#[cfg(feature = "negotiate")]
use crate::auth::channel_binding::tls_server_end_point;

/// The server's certificate, its key and the client authorities, in PEM.
#[derive(Default)]
pub(in crate::simulator) struct TlsFiles {
    pub(in crate::simulator) certificate: Vec<u8>,
    pub(in crate::simulator) key: Vec<u8>,
    pub(in crate::simulator) client_authority: Option<Vec<u8>>,
}

/// Hides the key.
impl fmt::Debug for TlsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFiles")
            .field("demands_certificate", &self.client_authority.is_some())
            .finish_non_exhaustive()
    }
}

impl TlsFiles {
    /// Parses the files.
    pub(in crate::simulator) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(invalid)?;
        let builder = match &self.client_authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(authority, "the authority of the clients")? {
                    roots.add(certificate).map_err(invalid)?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build();
                builder.with_client_cert_verifier(verifier.map_err(invalid)?)
            }
        };
        let chain = certificates(&self.certificate, "the certificate of the server")?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| {
            let expected = "an unencrypted key in PEM (PKCS #8, PKCS #1 or SEC 1)";
            unreadable("the key of the server", expected, &error)
        })?;
        let config = builder.with_single_cert(chain, key).map_err(|error| {
            let expected = "the key of that certificate";
            unreadable("the key of the server", expected, &error)
        })?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Returns the channel binding of its connections (RFC 5929 4.1).
    #[cfg(feature = "negotiate")]
    pub(in crate::simulator) fn channel_binding(&self) -> Option<Vec<u8>> {
        let shown = CertificateDer::pem_slice_iter(&self.certificate).next()?;
        Some(tls_server_end_point(&shown.ok()?))
    }
}

/// Makes the TLS handshake; `None` if it fails.
pub(in crate::simulator) async fn accept(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
) -> Option<TlsStream<TcpStream>> {
    match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => Some(stream),
        Err((_, stream)) => {
            // If the connection closed at once with unread data, the alert might not reach the
            // client.
            linger(stream).await;
            None
        }
    }
}

async fn linger(mut stream: TcpStream) {
    let mut rest = [0; 4096];
    if stream.shutdown().await.is_ok() {
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }
}

/// Whether the client sent a certificate, which the handshake has verified.
pub(in crate::simulator) fn has_client_certificate(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.peer_certificates().is_some()
}

/// Reads one or more certificates.
fn certificates(pem: &[u8], what: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    const EXPECTED: &str = "certificates in PEM (-----BEGIN CERTIFICATE-----)";
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let read = read.map_err(|error| unreadable(what, EXPECTED, &error))?;
    if read.is_empty() {
        return Err(unreadable(what, EXPECTED, &pem::Error::NoItemsFound));
    }
    Ok(read)
}

fn unreadable(what: &str, expected: &str, error: &dyn StdError) -> io::Error {
    let text = format!("{what} cannot be used: {error}; expected {expected}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn invalid(error: impl StdError + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
