//! The trusted certificates are read once, late, and not at all over `http://`.

use std::sync::atomic::AtomicUsize;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;

use super::*;
use crate::transport::tls::failure::{TlsProblem, TlsProgress};
use crate::transport::tls::flaw::explain;
use crate::transport::{CertificateProblem, TlsConfig};

/// An authority of a test, whose roots are "read" by a function that counts.
struct System {
    verifier: Arc<PlatformVerifier>,
    reads: Arc<AtomicUsize>,
    /// A test that holds it delays the reading.
    gate: Arc<Mutex<()>>,
    /// A certificate that the authority signed.
    signed: CertificateDer<'static>,
}

impl System {
    /// The reading fails as often as `failures` says.
    fn new(failures: usize) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        let params = CertificateParams::new(["host.example".to_owned()]).unwrap();
        let signed = params.signed_by(&KeyPair::generate().unwrap(), &issuer);
        let reads = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(Mutex::new(()));
        let (counted, passed) = (Arc::clone(&reads), Arc::clone(&gate));
        let read = move || {
            let before = counted.fetch_add(1, Ordering::SeqCst);
            drop(passed.lock().unwrap());
            if before < failures {
                return Err(Error::General("no certificates were found".to_owned()));
            }
            let mut roots = RootCertStore::empty();
            roots.add(root.clone()).unwrap();
            let trust = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
            Ok(trust.build().unwrap() as Arc<dyn ServerCertVerifier>)
        };
        Self {
            verifier: Arc::new(PlatformVerifier::new(read)),
            reads,
            gate,
            signed: signed.unwrap().der().clone(),
        }
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    fn verify(&self, certificate: &[u8]) -> Result<(), Error> {
        let name = ServerName::try_from("host.example").unwrap();
        let certificate = CertificateDer::from(certificate);
        let now = UnixTime::now();
        let verified = (self.verifier).verify_server_cert(&certificate, &[], &name, &[], now);
        verified.map(|_| ())
    }
}

fn in_the_handshake(error: &Error) -> TlsProblem {
    let progress = TlsProgress {
        is_established: false,
        is_certificate_requested: false,
    };
    TlsProblem::of(error, progress)
}

#[test]
fn reads_the_roots_with_the_first_certificate_and_once() {
    let system = System::new(0);
    assert_eq!(system.reads(), 0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| system.verify(&system.signed).unwrap());
        }
    });
    assert_eq!(system.reads(), 1);
}

/// What starts the reading does not wait for it.
#[test]
fn the_schemes_of_the_first_message_need_no_roots() {
    let system = System::new(0);
    let gate = system.gate.lock().unwrap();
    let schemes = system.verifier.supported_verify_schemes();
    assert!(system.verifier.0.verifier.get().is_none());
    let expected = &provider().signature_verification_algorithms;
    assert_eq!(schemes, expected.supported_schemes());
    drop(gate);
    // The handshake waits for the thread, and does not read them again.
    system.verifier.supported_verify_schemes();
    system.verify(&system.signed).unwrap();
    assert_eq!(system.reads(), 1);
}

#[test]
fn rejects_what_the_roots_did_not_sign() {
    let (system, other) = (System::new(0), System::new(0));
    let error = system.verify(&other.signed).unwrap_err();
    let problem = in_the_handshake(&error);
    let expected = TlsProblem::ServerCertificate(CertificateProblem::UnknownIssuer);
    assert_eq!(problem, expected, "{error}");
    system.verify(&system.signed).unwrap();
}

/// No certificate is accepted without roots, whatever its form.
#[test]
fn unreadable_roots_are_an_error_of_their_own() {
    let system = System::new(2);
    let first_version = {
        let mut der = system.signed.to_vec();
        let version = [0xA0, 3, 2, 1, 2];
        let at = der.windows(5).position(|part| part == version).unwrap();
        der[at + 4] = 0;
        CertificateDer::from(der)
    };
    for certificate in [&system.signed, &first_version] {
        let error = system.verify(certificate).unwrap_err();
        let error = explain(error, &[certificate]);
        let expected = TlsProblem::ServerCertificate(CertificateProblem::NoTrustedRoots);
        assert_eq!(in_the_handshake(&error), expected, "{error}");
        assert!(error.to_string().contains("no certificates were found"));
    }
    // The system was mended meanwhile.
    system.verify(&system.signed).unwrap();
    assert_eq!(system.reads(), 3);
}

#[test]
fn all_sessions_share_the_roots_of_the_system() {
    let trust = |tls: &TlsConfig| Arc::clone(&tls.demands.trust);
    let one = TlsConfig::platform().unwrap();
    let two = TlsConfig::builder().build().unwrap();
    assert!(Arc::ptr_eq(&trust(&one), &trust(&two)));
    assert!(Arc::ptr_eq(&trust(&one), &platform_verifier()));
}
