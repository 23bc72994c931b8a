//! Tests certificates of another age, and servers of other TLS versions.

use tokio_rustls::rustls::version::{TLS12, TLS13};
use wsman::simulator::{PASSWORD, USER, sample};
use wsman::transport::{
    CertificatePin, CertificateProblem as Problem, TlsConfigBuilder, TlsVersion,
};
use wsman::{Credentials, Delivery, Session, TlsConfig, Url};

use crate::authority::Authority;
use crate::front::{Form, Shown, front};
use crate::{encrypted, told, works};

fn session(url: &Url, tls: TlsConfigBuilder) -> Session {
    Session::builder(url.clone())
        .credentials(Credentials::basic(USER, PASSWORD))
        .namespace("root/cimv2")
        .tls(tls.build().unwrap())
        .build()
        .unwrap()
}

fn any() -> TlsConfigBuilder {
    TlsConfig::builder().danger_accept_any_certificate()
}

fn pinned(pin: CertificatePin) -> TlsConfigBuilder {
    TlsConfig::builder().pin(pin).trust_pins_alone()
}

async fn problem(url: &Url, tls: TlsConfigBuilder) -> (Option<Problem>, String) {
    let error = session(url, tls).identify().await.unwrap_err();
    (error.certificate_problem(), told(&error))
}

const FORMS: [Form; 7] = [
    Form::Usual,
    Form::Version1,
    Form::Version4,
    Form::NegativeSerial,
    Form::EmptySerial,
    Form::Sha1,
    Form::AuthorityWithoutNames,
];

#[tokio::test]
async fn a_pin_accepts_a_certificate_of_any_form() {
    let simulator = sample().start().await.unwrap();
    for (form, version) in FORMS
        .into_iter()
        .flat_map(|form| [(form, &TLS12), (form, &TLS13)])
    {
        let shown = Shown::new(form);
        let url = front(&simulator, &shown.certificate, &shown.key, version).await;
        let first = session(&url, any());
        works(&first).await;
        let certificate = first.server_certificate().unwrap();
        assert_eq!(certificate.der(), shown.certificate, "{form:?}");

        for pin in [certificate.pin(), certificate.public_key_pin().unwrap()] {
            works(&session(&url, pinned(pin))).await;
        }
        let other = problem(&url, pinned(CertificatePin::certificate([7; 32]))).await;
        assert_eq!(other.0, Some(Problem::NotPinned), "{form:?}: {}", other.1);
    }
}

/// A certificate is public; only its key proves who the server is.
#[tokio::test]
async fn a_pin_rejects_a_server_without_the_key() {
    let simulator = sample().start().await.unwrap();
    for (form, version) in FORMS
        .into_iter()
        .flat_map(|form| [(form, &TLS12), (form, &TLS13)])
    {
        let [shown, other] = [Shown::new(form), Shown::new(form)];
        let url = front(&simulator, &shown.certificate, &shown.key, version).await;
        let known = session(&url, any());
        works(&known).await;
        let pin = known.server_certificate().unwrap().pin();

        let url = front(&simulator, &shown.certificate, &other.key, version).await;
        let impostor = session(&url, pinned(pin));
        let error = impostor.identify().await.unwrap_err();
        assert_eq!(error.name(), "Transport", "{form:?}: {}", told(&error));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(impostor.server_certificate(), None, "{form:?}");
    }
}

#[tokio::test]
async fn names_the_form_for_which_a_certificate_is_rejected() {
    let simulator = sample().start().await.unwrap();
    for (form, expected, detail) in [
        (
            Form::Version1,
            Problem::Obsolete,
            "the form of X.509 version 1",
        ),
        (
            Form::Version4,
            Problem::Obsolete,
            "the form of X.509 version 4",
        ),
        (Form::Sha1, Problem::Obsolete, "signed with SHA-1"),
        (
            Form::AuthorityWithoutNames,
            Problem::Unfit,
            "CaUsedAsEndEntity",
        ),
    ] {
        let shown = Shown::new(form);
        let url = front(&simulator, &shown.certificate, &shown.key, &TLS13).await;
        let roots = TlsConfig::builder().roots(Authority::new().der());
        // A signature is verified only with the key of a trusted authority.
        let roots = if matches!(form, Form::Sha1 | Form::AuthorityWithoutNames) {
            roots.roots(&shown.certificate)
        } else {
            roots
        };
        let (problem, text) = problem(&url, roots).await;
        assert_eq!(problem, Some(expected), "{form:?}: {text}");
        assert!(text.contains(detail), "{form:?}: {text}");
        assert!(
            text.contains("pin it with `TlsConfigBuilder::trust_pins_alone`"),
            "{text}"
        );
    }
}

#[test]
fn names_the_form_for_which_an_authority_is_rejected() {
    let shown = Shown::new(Form::Version4);
    let text = told(&TlsConfig::with_roots(&shown.certificate).unwrap_err());
    assert!(text.contains("can be pinned"), "{text}");
    assert!(text.contains("X.509 version 4"), "{text}");
}

#[tokio::test]
async fn reports_a_certificate_without_names() {
    let authority = Authority::new();
    let issued = authority.server("127.0.0.1", |params| params.subject_alt_names.clear());
    let simulator = encrypted(&issued).start().await.unwrap();
    let roots = TlsConfig::builder().roots(authority.der());
    let (problem, text) = problem(&simulator.url(), roots).await;
    assert_eq!(problem, Some(Problem::NoHostName), "{text}");
}

#[test]
fn rejects_a_maximum_below_the_minimum() {
    let builder = any()
        .min_version(TlsVersion::Tls13)
        .max_version(TlsVersion::Tls12);
    let error = builder.build().unwrap_err();
    assert!(
        error.to_string().contains("is older than `min_version`"),
        "{error}"
    );
}

#[tokio::test]
async fn reports_a_server_of_a_newer_version_than_the_maximum() {
    let simulator = sample().start().await.unwrap();
    let shown = Shown::new(Form::Usual);
    let url = front(&simulator, &shown.certificate, &shown.key, &TLS13).await;
    let error = session(&url, any().max_version(TlsVersion::Tls12))
        .identify()
        .await;
    let text = told(&error.unwrap_err());
    assert!(
        text.contains("supports no TLS version of this session"),
        "{text}"
    );
    works(&session(&url, any().max_version(TlsVersion::Tls13))).await;
}
