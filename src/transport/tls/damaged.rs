//! Damages the certificate of a server: it is rejected, or it is the pinned key that counts.

use std::sync::Arc;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::any_certificate::AnyCertificate;
use super::certificate::{ServerCertificate, Shown};
use super::pin::CertificatePin;
use super::provider::provider;
use super::verifier::{Demands, Verifier};
use crate::auth::damage::{Edit, Specimen, element};
use crate::auth::x509::Certificate;

/// The certificate of an authority, and one that it signed.
fn chain() -> (CertificateDer<'static>, CertificateDer<'static>) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().der().clone();
    let issuer = Issuer::new(params, key);
    let params = CertificateParams::new(["host.example".to_owned()]).unwrap();
    let signed = params.signed_by(&KeyPair::generate().unwrap(), &issuer);
    (authority, signed.unwrap().der().clone())
}

fn verifier(trust: Arc<dyn ServerCertVerifier>, pins: Vec<CertificatePin>) -> Verifier {
    let demands = Demands { trust, pins };
    Verifier {
        demands: Arc::new(demands),
        shown: Shown::default(),
        chain: None,
    }
}

fn verify(verifier: &Verifier, der: &[u8]) -> Result<(), rustls::Error> {
    let name = ServerName::try_from("host.example").unwrap();
    let shown = CertificateDer::from(der);
    let verified = verifier.verify_server_cert(&shown, &[], &name, &[], UnixTime::now());
    verified.map(|_| ())
}

/// The signature covers every byte but its own, and a changed one verifies nothing.
#[test]
fn a_certificate_of_an_authority_is_protected() {
    let (authority, signed) = chain();
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let trust = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
    let verifier = verifier(trust.build().unwrap(), Vec::new());
    let specimen = Specimen::new("certificate", &signed, &["invalid peer certificate"]);
    specimen.check(|edit| verify(&verifier, &edit.apply(&signed)));
}

#[test]
fn a_pinned_certificate_is_protected() {
    let (_, signed) = chain();
    let pin = ServerCertificate::new(&signed).pin();
    let verifier = verifier(Arc::new(AnyCertificate::new(&provider())), vec![pin]);
    let errors = &["the server showed a certificate with the hash"];
    let specimen = Specimen::new("pinned certificate", &signed, errors).exhaustively();
    specimen.check(|edit| verify(&verifier, &edit.apply(&signed)));
}

/// With a pinned key all else in a certificate may differ. The handshake then proves that the server
/// has that key.
#[test]
fn the_key_of_a_pinned_key_is_protected() {
    let (_, signed) = chain();
    let key = Certificate::read(&signed).unwrap().public_key.to_vec();
    let pin = ServerCertificate::new(&signed).public_key_pin().unwrap();
    let verifier = verifier(Arc::new(AnyCertificate::new(&provider())), vec![pin]);
    let errors = &["the server showed a certificate with the hash"];
    let at = signed.windows(key.len()).position(|part| part == key);
    let at = at.unwrap();
    let before = element(&signed, &[0x30, 0x30]);
    let why = "only the key is pinned";
    let specimen = Specimen::new("pinned key", &signed, errors)
        .accepts(Edit::additions())
        .ignores(2..4, why)
        .ignores(before.start..at, why)
        .ignores(at + key.len()..signed.len(), why);
    specimen.check(|edit| {
        let changed = edit.apply(&signed);
        verify(&verifier, &changed)?;
        // The key of the handshake is the one that was pinned.
        let shown = Certificate::read(&changed).map(|shown| shown.public_key.to_vec());
        assert_eq!(shown.as_ref(), Some(&key), "{edit:?}");
        Ok::<_, rustls::Error>(())
    });
}
