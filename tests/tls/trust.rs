//! Tests which servers are trusted.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS12;
use wsman::simulator::Dialect;
use wsman::transport::{
    CertificatePin, CertificateProblem as Problem, TlsConfigBuilder, TlsVersion, TransportErrorKind,
};
use wsman::{Error, Session, TlsConfig};

use crate::authority::{Authority, Issued, expired, of_tomorrow};
use crate::{encrypted, on_the_way, session, stopped, told, works};

#[tokio::test]
async fn trusts_an_authority_in_pem_and_in_der() {
    let authority = Authority::new();
    for dialect in Dialect::ALL {
        let simulator = encrypted(&authority.localhost()).dialect(dialect);
        let simulator = simulator.start().await.unwrap();
        assert_eq!(simulator.url().scheme(), "https");
        let pem = TlsConfig::with_roots(authority.pem().as_bytes()).unwrap();
        works(&session(&simulator, pem)).await;
        let der = TlsConfig::with_roots(authority.der()).unwrap();
        works(&session(&simulator, der)).await;
    }
}

#[tokio::test]
async fn trusts_several_authorities() {
    let [first, second] = [Authority::new(), Authority::new()];
    let tls = TlsConfig::builder()
        .roots(first.pem().as_bytes())
        .roots(second.der())
        .build()
        .unwrap();
    for authority in [first, second] {
        let simulator = encrypted(&authority.localhost()).start().await.unwrap();
        works(&session(&simulator, tls.clone())).await;
    }
}

/// Returns the problem with a certificate, and its error.
async fn refused(issued: &Issued, tls: TlsConfigBuilder) -> (Problem, Error) {
    let simulator = encrypted(issued).start().await.unwrap();
    let session = session(&simulator, tls.build().unwrap());
    let (kind, error) = stopped(&session, &simulator).await;
    let problem = error.certificate_problem().unwrap();
    assert_eq!(kind, TransportErrorKind::ServerCertificate(problem));
    assert!(error.to_string().contains(&problem.to_string()), "{error}");
    assert_eq!(session.server_certificate(), None);
    (problem, error)
}

fn trusting(authority: &Authority) -> TlsConfigBuilder {
    TlsConfig::builder().roots(authority.pem().as_bytes())
}

#[tokio::test]
async fn reports_the_problem_with_a_certificate() {
    let authority = Authority::new();
    let old = authority.server("127.0.0.1", expired);
    assert_eq!(
        refused(&old, trusting(&authority)).await.0,
        Problem::Expired
    );
    let new = authority.server("127.0.0.1", of_tomorrow);
    assert_eq!(
        refused(&new, trusting(&authority)).await.0,
        Problem::NotYetValid
    );

    let other = Authority::new();
    let (problem, _) = refused(&authority.localhost(), trusting(&other)).await;
    assert_eq!(problem, Problem::UnknownIssuer);
    let [old, renewed] = ["the same", "the same"].map(Authority::named);
    let (problem, _) = refused(&renewed.localhost(), trusting(&old)).await;
    assert_eq!(problem, Problem::UnknownIssuer);
    // This machine does not know the authority either.
    let (problem, _) = refused(&authority.localhost(), TlsConfig::builder()).await;
    assert_eq!(problem, Problem::UnknownIssuer);

    let elsewhere = authority.server("host.example", |_| {});
    let (problem, error) = refused(&elsewhere, trusting(&authority)).await;
    assert_eq!(problem, Problem::WrongName);
    assert!(told(&error).contains("host.example"), "{}", told(&error));

    let (problem, _) = refused(&authority.client(), trusting(&authority)).await;
    assert!(
        matches!(problem, Problem::Unfit | Problem::WrongName),
        "{problem:?}"
    );
}

#[tokio::test]
async fn validates_a_certificate_against_the_configured_name() {
    let authority = Authority::new();
    let elsewhere = authority.server("host.example", |_| {});
    let simulator = encrypted(&elsewhere).start().await.unwrap();
    let tls = trusting(&authority)
        .server_name("host.example")
        .build()
        .unwrap();
    works(&session(&simulator, tls)).await;

    // The name of the URL no longer counts.
    let tls = trusting(&authority).server_name("host.example");
    let (problem, _) = refused(&authority.localhost(), tls).await;
    assert_eq!(problem, Problem::WrongName);
}

#[tokio::test]
async fn requires_a_pin_in_addition_to_the_authority() {
    let authority = Authority::new();
    let issued = authority.localhost();
    let simulator = encrypted(&issued).start().await.unwrap();
    let first = session(&simulator, trusting(&authority).build().unwrap());
    assert_eq!(first.server_certificate(), None);
    works(&first).await;
    let shown = first.server_certificate().unwrap();
    assert_eq!(shown.der(), issued.der);

    let wrong = CertificatePin::certificate([7; 32]);
    for pin in [shown.pin(), shown.public_key_pin().unwrap()] {
        let tls = trusting(&authority).pin(wrong).pin(pin).build().unwrap();
        works(&session(&simulator, tls)).await;
    }
    let other = Authority::new();
    let (problem, _) = refused(&issued, trusting(&other).pin(shown.pin())).await;
    assert_eq!(problem, Problem::UnknownIssuer);

    for wrong in [wrong, CertificatePin::public_key([7; 32])] {
        let (problem, error) = refused(&issued, trusting(&authority).pin(wrong)).await;
        assert_eq!(problem, Problem::NotPinned);
        // The error holds the presented certificate, to compare with the expected one.
        assert!(
            told(&error).contains(&shown.pin().to_string()),
            "{}",
            told(&error)
        );
    }
}

#[tokio::test]
async fn a_pin_alone_suffices_on_request() {
    let issued = Authority::new().server("host.example", expired);
    let simulator = encrypted(&issued).start().await.unwrap();
    let any_server = TlsConfig::builder().danger_accept_any_certificate();
    let first = session(&simulator, any_server.build().unwrap());
    works(&first).await;

    let pin = first.server_certificate().unwrap().pin();
    let alone = |pin| TlsConfig::builder().pin(pin).trust_pins_alone();
    works(&session(&simulator, alone(pin).build().unwrap())).await;
    let another = Authority::new().localhost();
    assert_eq!(refused(&another, alone(pin)).await.0, Problem::NotPinned);
    let any_server = TlsConfig::builder().danger_accept_any_certificate();
    assert_eq!(
        refused(&another, any_server.pin(pin)).await.0,
        Problem::NotPinned
    );
}

#[tokio::test]
async fn shares_one_configuration_between_sessions() {
    let authority = Authority::new();
    let tls = trusting(&authority).build().unwrap();
    let issued = [authority.localhost(), authority.localhost()];
    let mut sessions = Vec::new();
    for issued in &issued {
        let simulator = encrypted(issued).start().await.unwrap();
        let session = session(&simulator, tls.clone());
        works(&session).await;
        sessions.push((session, simulator));
    }
    for ((session, _), issued) in sessions.iter().zip(&issued) {
        works(session).await;
        assert_eq!(session.server_certificate().unwrap().der(), issued.der);
    }
}

#[tokio::test]
async fn knows_the_certificate_on_resumed_connections() {
    let authority = Authority::new();
    let issued = authority.localhost();
    let simulator = encrypted(&issued).start().await.unwrap();
    let session = session(&simulator, trusting(&authority).build().unwrap());
    // As many connections as concurrent requests.
    for _ in 0..2 {
        let (a, b, c) = tokio::join!(works(&session), works(&session), works(&session));
        let ((), (), ()) = (a, b, c);
    }
    assert!(simulator.connections() > 1);
    let shown = session.server_certificate().unwrap();
    assert_eq!(shown.der(), issued.der);
    let binding = shown.channel_binding();
    assert!(binding.starts_with(b"tls-server-end-point:"));
    assert_eq!(binding.len(), b"tls-server-end-point:".len() + 32);
}

/// A server that supports only TLS 1.2.
async fn old_server(issued: &Issued) -> wsman::Url {
    let chain = CertificateDer::pem_slice_iter(issued.chain.as_bytes());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            chain.map(Result::unwrap).collect(),
            PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that rejects the version aborts the handshake; otherwise the server disconnects.
            let _ = acceptor.accept(stream).await;
        }
    });
    url.parse().unwrap()
}

#[tokio::test]
async fn rejects_a_version_below_the_minimum() {
    let authority = Authority::new();
    let url = old_server(&authority.localhost()).await;
    let identify = async |tls: TlsConfigBuilder| {
        let session = Session::builder(url.clone()).tls(tls.build().unwrap());
        on_the_way(session.build().unwrap().identify().await.unwrap_err()).0
    };
    // The handshake succeeds, and then the server disconnects.
    let old = identify(trusting(&authority)).await;
    assert_eq!(old, TransportErrorKind::Interrupted);
    let new = identify(trusting(&authority).min_version(TlsVersion::Tls13)).await;
    assert_eq!(new, TransportErrorKind::Tls);

    let simulator = encrypted(&authority.localhost()).start().await.unwrap();
    let tls = trusting(&authority).min_version(TlsVersion::Tls13);
    works(&session(&simulator, tls.build().unwrap())).await;
}
