//! Certificates, and versions and ciphers of TLS.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::TLS13;
use wsman::simulator::{PASSWORD, USER, sample};
use wsman::transport::{CertificatePin, TlsConfigBuilder};
use wsman::{Credentials, TlsConfig, Url};

use crate::authority::{Authority, Issued, expired, of_tomorrow};
use crate::builder;
use crate::front::{Form, Shown, front};
use crate::scenario::shows;

/// Asserts what a session with this URL tells.
async fn asserts(test: &str, url: Url, tls: TlsConfigBuilder) {
    let credentials = Credentials::basic(USER, PASSWORD);
    let tls = tls.build().unwrap();
    shows(test, || {
        builder(url.clone(), credentials.clone()).tls(tls.clone())
    })
    .await;
}

/// Asserts what a session with a server of this certificate tells.
async fn of(test: &str, issued: &Issued, tls: TlsConfigBuilder) {
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.start().await.unwrap();
    asserts(test, simulator.url(), tls).await;
}

fn trusting(authority: &Authority) -> TlsConfigBuilder {
    TlsConfig::builder().roots(authority.der())
}

#[tokio::test]
async fn unknown_issuer() {
    let issued = Authority::new().localhost();
    of("tls::unknown_issuer", &issued, trusting(&Authority::new())).await;
}

#[tokio::test]
async fn expired_certificate() {
    let authority = Authority::new();
    let issued = authority.server("127.0.0.1", expired);
    of("tls::expired_certificate", &issued, trusting(&authority)).await;
}

#[tokio::test]
async fn not_yet_valid() {
    let authority = Authority::new();
    let issued = authority.server("127.0.0.1", of_tomorrow);
    of("tls::not_yet_valid", &issued, trusting(&authority)).await;
}

#[tokio::test]
async fn other_name() {
    let authority = Authority::new();
    let issued = authority.server("host.example", |_| {});
    of("tls::other_name", &issued, trusting(&authority)).await;
}

#[tokio::test]
async fn no_host_name() {
    let authority = Authority::new();
    let issued = authority.server("127.0.0.1", |params| params.subject_alt_names.clear());
    of("tls::no_host_name", &issued, trusting(&authority)).await;
}

#[tokio::test]
async fn other_pin() {
    let issued = Authority::new().localhost();
    let pin = CertificatePin::certificate([7; 32]);
    let tls = TlsConfig::builder().pin(pin).trust_pins_alone();
    of("tls::other_pin", &issued, tls).await;
}

#[tokio::test]
async fn old_form() {
    let simulator = sample().start().await.unwrap();
    let shown = Shown::new(Form::Version1);
    let url = front(&simulator, &shown.certificate, &shown.key, &TLS13).await;
    asserts("tls::old_form", url, trusting(&Authority::new())).await;
}

#[tokio::test]
async fn certificate_of_an_authority() {
    let simulator = sample().start().await.unwrap();
    let shown = Shown::new(Form::AuthorityWithoutNames);
    let url = front(&simulator, &shown.certificate, &shown.key, &TLS13).await;
    let tls = TlsConfig::builder().roots(&shown.certificate);
    asserts("tls::certificate_of_an_authority", url, tls).await;
}

#[tokio::test]
async fn no_client_certificate() {
    let authority = Authority::new();
    let issued = authority.localhost();
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.client_authority(authority.pem());
    let simulator = simulator.start().await.unwrap();
    let tls = trusting(&authority);
    asserts("tls::no_client_certificate", simulator.url(), tls).await;
}

/// Starts a server that answers the first message of TLS with these bytes and closes.
async fn answering(bytes: &'static [u8]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _read = stream.read(&mut hello).await;
            let _written = stream.write_all(bytes).await;
        }
    });
    url.parse().unwrap()
}

async fn handshake(test: &str, answer: &'static [u8]) {
    let tls = TlsConfig::builder().danger_accept_any_certificate();
    asserts(test, answering(answer).await, tls).await;
}

#[tokio::test]
async fn no_common_version() {
    // The alert `protocol_version`.
    handshake("tls::no_common_version", &[21, 3, 1, 0, 2, 2, 70]).await;
}

#[tokio::test]
async fn no_common_cipher() {
    // The alert `handshake_failure`.
    handshake("tls::no_common_cipher", &[21, 3, 3, 0, 2, 2, 40]).await;
}

#[tokio::test]
async fn closed_in_the_handshake() {
    handshake("tls::closed_in_the_handshake", &[]).await;
}

#[tokio::test]
async fn port_without_tls() {
    let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    handshake("tls::port_without_tls", answer).await;
}
