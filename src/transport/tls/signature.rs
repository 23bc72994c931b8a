//! Verifies the signature of a handshake with the public key of the certificate alone.
//!
//! rustls first reads the certificate as RFC 5280 demands, and refuses old forms. A pinned
//! certificate is trusted whatever its form.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RsaParameters, UnparsedPublicKey,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme};

use super::flaw::Flaw;
use crate::auth::x509::{Certificate, PublicKey};

/// A handshake message with its signature, and the certificate whose key signed it.
pub(super) struct Signed<'a> {
    pub(super) message: &'a [u8],
    pub(super) certificate: &'a CertificateDer<'a>,
    pub(super) signature: &'a DigitallySignedStruct,
}

type Verified = Result<HandshakeSignatureValid, Error>;

impl Signed<'_> {
    /// Verifies a signature of TLS 1.2, in which the scheme does not name the curve.
    pub(super) fn verify_tls12(&self, algorithms: &WebPkiSupportedAlgorithms) -> Verified {
        let certificate = self.read()?;
        let key = certificate.key().ok_or(CertificateError::BadEncoding)?;
        if let Some(flaw) = Flaw::in_key(&certificate) {
            return self.verify_small(&key).ok_or(flaw.into());
        }
        let scheme = self.signature.scheme;
        let mut candidates = (algorithms.mapping.iter())
            .filter(|(known, _)| *known == scheme)
            .flat_map(|(_, candidates)| *candidates);
        let algorithm = candidates
            .find(|candidate| candidate.public_key_alg_id().as_ref() == key.algorithm)
            .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        algorithm
            .verify_signature(key.bits, self.message, self.signature.signature())
            .map(|()| HandshakeSignatureValid::assertion())
            .map_err(|_| CertificateError::BadSignature.into())
    }

    /// Verifies a signature of TLS 1.3.
    pub(super) fn verify_tls13(&self, algorithms: &WebPkiSupportedAlgorithms) -> Verified {
        let certificate = self.read()?;
        if let Some(flaw) = Flaw::in_key(&certificate) {
            return Err(flaw.into());
        }
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key);
        verify_tls13_signature_with_raw_key(self.message, &key, self.signature, algorithms)
    }

    fn read(&self) -> Result<Certificate<'_>, Error> {
        let certificate = Certificate::read(self.certificate);
        certificate.ok_or(CertificateError::BadEncoding.into())
    }

    /// Verifies with an RSA key of 1024 bits or more, for which only PKCS #1 is implemented.
    fn verify_small(&self, key: &PublicKey<'_>) -> Option<HandshakeSignatureValid> {
        let parameters: &'static RsaParameters = match self.signature.scheme {
            SignatureScheme::RSA_PKCS1_SHA256 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            SignatureScheme::RSA_PKCS1_SHA512 => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            _ => return None,
        };
        let key = UnparsedPublicKey::new(parameters, key.bits);
        let verified = key.verify(self.message, self.signature.signature());
        verified.ok().map(|()| HandshakeSignatureValid::assertion())
    }
}

/// Returns the schemes in the order in which a server should choose them: the ones that
/// [`Signed::verify_tls12`] can verify with a small key first.
pub(super) fn schemes(algorithms: &WebPkiSupportedAlgorithms) -> Vec<SignatureScheme> {
    let mut schemes = algorithms.supported_schemes();
    schemes.sort_by_key(|scheme| match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 | SignatureScheme::RSA_PKCS1_SHA512 => 1,
        SignatureScheme::RSA_PKCS1_SHA384
        | SignatureScheme::RSA_PSS_SHA256
        | SignatureScheme::RSA_PSS_SHA384
        | SignatureScheme::RSA_PSS_SHA512 => 2,
        _ => 0,
    });
    schemes
}
