//! Verifies a server's certificate beyond its chain of trust.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};

use super::certificate::{Chain, ServerCertificate, Shown};
use super::flaw::explain;
use super::pin::{CertificatePin, NotPinned};

/// The requirements of a configuration, which its transports share.
#[derive(Debug)]
pub(super) struct Demands {
    pub(super) trust: Arc<dyn ServerCertVerifier>,
    /// One pin must match, if there are any.
    pub(super) pins: Vec<CertificatePin>,
}

/// The verifier of one transport: it notes the server's certificate.
///
/// rustls resumes a connection only with the same verifier, so a resumed connection is with the
/// server whose certificate was noted.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) demands: Arc<Demands>,
    pub(super) shown: Shown,
    /// For the diagnosis: all certificates of the server, before they are verified.
    pub(super) chain: Option<Chain>,
}

impl Demands {
    fn check_pins(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let shown = ServerCertificate::new(certificate);
        if self.pins.is_empty() || self.pins.iter().any(|pin| pin.fits(&shown)) {
            return Ok(());
        }
        let error = OtherError(Arc::new(NotPinned::new(&shown)));
        Err(CertificateError::Other(error).into())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(chain) = &self.chain {
            chain.note(end_entity, intermediates);
        }
        let verified = self.demands.trust.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let chain: Vec<_> = std::iter::once(end_entity).chain(intermediates).collect();
        let verified = verified.map_err(|error| explain(error, &chain))?;
        self.demands.check_pins(end_entity)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let trust = &self.demands.trust;
        let valid = trust.verify_tls12_signature(message, certificate, signature);
        let valid = valid.map_err(|error| explain(error, &[certificate]))?;
        self.shown.note(ServerCertificate::new(certificate));
        Ok(valid)
    }

    /// Notes the certificate here, because any server can send a certificate without holding its
    /// key.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let trust = &self.demands.trust;
        let valid = trust.verify_tls13_signature(message, certificate, signature);
        let valid = valid.map_err(|error| explain(error, &[certificate]))?;
        self.shown.note(ServerCertificate::new(certificate));
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.demands.trust.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.demands.trust.root_hint_subjects()
    }
}
