//! Certificates, and versions and ciphers of TLS.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::TLS13;
use wsman::auth::LoginCause;
use wsman::simulator::{PASSWORD, USER, sample};
use wsman::transport::{CertificatePin, TlsConfigBuilder};
use wsman::{Credentials, Delivery, Instance, TlsConfig, Url};

use crate::authority::{Authority, Issued, expired, of_tomorrow};
use crate::front::{Form, Shown, front};
use crate::scenario::{shows, told};
use crate::table::row;
use crate::{acceptor, builder};

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

/// The environment names an empty file of certificates. A process reads them once, so this has its own.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_trusted_roots() {
    const TEST: &str = "tls::no_trusted_roots";
    const NONE: &str = "/dev/null";
    if std::env::var_os("SSL_CERT_FILE").is_some_and(|file| file == NONE) {
        let issued = Authority::new().localhost();
        return of(TEST, &issued, TlsConfig::builder()).await;
    }
    let own = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST])
        .env("SSL_CERT_FILE", NONE)
        .env("SSL_CERT_DIR", NONE)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&own.stdout).into_owned();
    assert!(own.status.success() && told.contains("1 passed"), "{told}");
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

/// A server over TLS that requests no certificate, and answers each message so; or not at all, and closes
/// the connection.
async fn without_request(issued: &Issued, answer: &'static str) -> Url {
    let acceptor = acceptor(issued);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let accepting = acceptor.accept(stream);
            tokio::spawn(async move {
                let Ok(mut stream) = accepting.await else {
                    return;
                };
                let mut piece = [0; 4096];
                while !answer.is_empty() && matches!(stream.read(&mut piece).await, Ok(1..)) {
                    let _written = stream.write_all(answer.as_bytes()).await;
                }
                let _read = stream.read(&mut piece).await;
            });
        }
    });
    url.parse().unwrap()
}

#[tokio::test]
async fn certificate_requested_after_the_handshake() {
    const TEST: &str = "tls::certificate_requested_after_the_handshake";
    let authority = Authority::new();
    let issued = authority.localhost();
    let client = Authority::new().client();
    let http_sys =
        "HTTP/1.1 403 Forbidden\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Length: 0\r\n\r\n";
    let iis = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nServer: Microsoft-IIS/10.0\r\n\
        Content-Length: 66\r\n\r\n<html><head><title>403.7 - Client certificate required</title></head>";
    let winrm = "HTTP/1.1 401 \r\nServer: Microsoft-HTTPAPI/2.0\r\nWWW-Authenticate: Negotiate\r\n\
        Content-Length: 0\r\n\r\n";
    for (answer, name, delivery) in [
        (http_sys, "AccessDenied", Delivery::Answered),
        (iis, "AccessDenied", Delivery::Answered),
        (winrm, "Auth", Delivery::Answered),
        // As after a renegotiation that the client refused. The server may also have read the message.
        ("", "Transport", Delivery::Unknown),
    ] {
        let url = without_request(&issued, answer).await;
        let tls = trusting(&authority)
            .client_certificate(client.chain.as_bytes(), client.key.as_bytes())
            .build()
            .unwrap();
        let builder = |credentials| builder(url.clone(), credentials).tls(tls.clone());
        let session = builder(Credentials::certificate()).build().unwrap();
        let share = Instance::new("Win32_Share").with_key("Name", "logs");
        let error = session.put_instance(&share).await.unwrap_err();
        assert_eq!(
            (error.name(), error.delivery()),
            (name, delivery),
            "{error}"
        );
        let causes = &error.login().unwrap().causes;
        assert_eq!(*causes, [LoginCause::CertificateNotRequested], "{error}");
        row(TEST).assert_in(&told(&error));
    }
    let url = without_request(&issued, winrm).await;
    let tls = trusting(&authority)
        .client_certificate(client.chain.as_bytes(), client.key.as_bytes())
        .build()
        .unwrap();
    let builder = || builder(url.clone(), Credentials::certificate()).tls(tls.clone());
    shows(TEST, builder).await;

    // Where the login is another one, rights are the likelier cause.
    let url = without_request(&issued, http_sys).await;
    let basic = crate::builder(url, Credentials::basic(USER, PASSWORD)).tls(tls);
    let error = basic.build().unwrap().identify().await.unwrap_err();
    let causes = [LoginCause::MayNotUse, LoginCause::CertificateNotRequested];
    assert_eq!(error.login().unwrap().causes, causes);
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
