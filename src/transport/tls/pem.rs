//! Certificates and keys as files hold them.

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// The authorities of several files, each with one certificate or more.
pub(super) fn roots(files: &[Vec<u8>]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in files.iter().map(|file| certificates(file)) {
        for certificate in certificate? {
            roots.add(certificate).map_err(|cause| {
                TlsError::caused("a certificate is not fit for an authority", cause)
            })?;
        }
    }
    Ok(roots)
}

/// A certificate and those that lead to its authority.
pub(super) fn chain(file: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    certificates(file)
}

/// A private key.
pub(super) fn key(file: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(file).map_err(|cause| match cause {
        pem::Error::NoItemsFound => {
            TlsError::new("the PEM text holds no private key, or one that is encrypted")
        }
        cause => TlsError::caused("the private key cannot be read", cause),
    })
}

/// One certificate or more in PEM, or one in DER.
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

/// How every certificate begins (a sequence, X.690).
const DER: u8 = 0x30;
