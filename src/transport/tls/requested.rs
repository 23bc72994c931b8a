//! Notes whether the server requests the client's certificate.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use super::certificate::Shown;

/// The client's certificate, if there is one. rustls asks for it if the server requests one in the handshake. It has no
/// renegotiation, in which HTTP.sys requests one by default, and no authentication after a handshake of
/// TLS 1.3.
#[derive(Debug)]
pub(super) struct Requested {
    pub(super) identity: Arc<dyn ResolvesClientCert>,
    pub(super) shown: Shown,
}

impl ResolvesClientCert for Requested {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.shown.note_request();
        self.identity.resolve(root_hint_subjects, schemes)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.identity.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.identity.has_certs()
    }
}
