//! Reads certificates and keys from files.

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;
use super::flaw::explain;

/// Reads the authorities of several files, each with one or more certificates.
pub(super) fn roots(files: &[Vec<u8>]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in files.iter().map(|file| certificates(file)) {
        for certificate in certificate? {
            roots.add(certificate.clone()).map_err(|cause| {
                let text = "a certificate cannot be used as an authority: a server's own can be pinned, with `TlsConfigBuilder::trust_pins_alone`";
                TlsError::caused(text, explain(cause, &[&certificate]))
            })?;
        }
    }
    Ok(roots)
}

/// Reads a certificate and its chain.
pub(super) fn chain(file: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    certificates(file)
}

/// Reads a private key.
pub(super) fn key(file: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(file).map_err(|cause| match cause {
        pem::Error::NoItemsFound => {
            TlsError::new("the PEM text holds no private key, or an encrypted one")
        }
        cause => TlsError::caused("the private key cannot be read", cause),
    })
}

/// Reads one or more certificates in PEM, or one in DER.
fn certificates(file: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(file)
        .collect::<Result<_, _>>()
        .map_err(|cause| TlsError::caused("the PEM text cannot be read", cause))?;
    match certificates.is_empty() {
        false => Ok(certificates),
        true if file.first() == Some(&DER) => Ok(vec![CertificateDer::from(file.to_vec())]),
        true => Err(TlsError::new("the text holds no certificate")),
    }
}

/// The first byte of every certificate in DER (a sequence, X.690).
const DER: u8 = 0x30;
