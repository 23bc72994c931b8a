//! Tests HTTPS: which servers are trusted.

use std::sync::Arc;
use std::time::Duration;

use rcgen::CertifiedKey;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use wsman::auth::Credentials;
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::transport::{
    CertificateProblem, Delivery, TimeoutKind, TlsConfig, Transport, TransportError,
    TransportErrorKind,
};

use super::server::{Server, answer, echo, header};
use super::{PASSWORD, ask, message, told};

/// Starts a server with a self-signed certificate for these names; returns the certificate.
async fn https(names: &[&str]) -> (Server, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut server = Server::start(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            // A client that does not trust the certificate aborts the handshake.
            if let Ok(stream) = acceptor.accept(stream).await {
                echo(stream).await;
            }
        }
    })
    .await;
    encrypt(&mut server);
    (server, cert.pem())
}

fn encrypt(server: &mut Server) {
    server
        .url
        .set_scheme("https")
        .unwrap_or_else(|()| panic!("{} stays", server.url));
}

fn transport(server: &Server, tls: TlsConfig) -> HttpTransport {
    let login = Credentials::basic("ops", PASSWORD);
    HttpTransport::new(
        HttpOptions::new(server.url.clone())
            .credentials(login)
            .tls(tls),
    )
    .unwrap()
}

/// Asserts that the handshake fails, and that the message and so the password is not sent.
async fn assert_untrusted(transport: HttpTransport, kind: TransportErrorKind) -> TransportError {
    let untold = message("<s/>");
    let sent = untold.sent.clone();
    let error = ask(&transport, untold).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{}", told(&error));
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!sent.is_raised());
    error
}

#[tokio::test]
async fn trusts_a_certificate_among_the_roots() {
    let (server, pem) = https(&["127.0.0.1"]).await;
    let transport = transport(&server, TlsConfig::with_roots(pem.as_bytes()).unwrap());
    for _ in 0..3 {
        let echoed = ask(&transport, message("<s/>")).await.unwrap();
        let request = std::str::from_utf8(&echoed.body).unwrap();
        assert_eq!(
            header(request, "authorization"),
            Some("Basic b3BzOmNvcnJlY3QtaG9yc2U=")
        );
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn rejects_an_untrusted_certificate() {
    let (server, _) = https(&["127.0.0.1"]).await;
    let (_, other) = https(&["127.0.0.1"]).await;
    let roots = TlsConfig::with_roots(other.as_bytes()).unwrap();
    let unknown = TransportErrorKind::ServerCertificate(CertificateProblem::UnknownIssuer);
    assert_untrusted(transport(&server, roots), unknown).await;
}

#[tokio::test]
async fn rejects_a_certificate_for_another_host() {
    let (server, pem) = https(&["host.example"]).await;
    let roots = TlsConfig::with_roots(pem.as_bytes()).unwrap();
    let wrong = TransportErrorKind::ServerCertificate(CertificateProblem::WrongName);
    let error = assert_untrusted(transport(&server, roots), wrong).await;
    assert!(told(&error).contains("host.example"), "{}", told(&error));
}

#[tokio::test]
async fn accepts_any_certificate_on_request() {
    let (server, _) = https(&["host.example"]).await;
    let tls = TlsConfig::danger_accept_any_certificate().unwrap();
    assert!(format!("{tls:?}").contains("ANY"));
    assert_eq!(
        transport(&server, tls)
            .exchange(message("<s/>"))
            .await
            .unwrap()
            .status,
        200
    );
}

#[tokio::test]
async fn a_server_without_tls_fails_the_handshake() {
    let tls = TlsConfig::danger_accept_any_certificate().unwrap();
    let mut plain = Server::answering(answer("200 OK", "")).await;
    encrypt(&mut plain);
    // The server waits for the end of a request that never comes, so the timeout ends this.
    let options = HttpOptions::new(plain.url.clone())
        .tls(tls.clone())
        .connect_timeout(Duration::from_millis(200));
    let error = HttpTransport::new(options)
        .unwrap()
        .exchange(message(""))
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        TransportErrorKind::Timeout(TimeoutKind::Connect)
    );
    assert_eq!(error.delivery(), Delivery::NotSent);

    for first_words in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let mut hasty = Server::start(move |mut stream, _| async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut hello = [0; 4096];
            assert!(stream.read(&mut hello).await.unwrap() > 0);
            stream.write_all(first_words.as_bytes()).await.unwrap();
        })
        .await;
        encrypt(&mut hasty);
        assert_untrusted(transport(&hasty, tls.clone()), TransportErrorKind::Tls).await;
    }
}

#[test]
fn roots_must_be_certificates() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let unclosed = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    for pem in ["", "hello", broken, unclosed] {
        assert!(TlsConfig::with_roots(pem.as_bytes()).is_err(), "{pem}");
    }
}
