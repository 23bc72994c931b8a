//! Tests faults that prevent a connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use wsman::TlsConfig;
use wsman::diagnose::CheckKind;
use wsman::simulator::{Dialect, sample};
use wsman::transport::{CertificateProblem, Proxy};

use crate::authority::{Authority, Issued, expired};
use crate::{assert_failed, basic, builder, diagnosed, outcomes};

#[tokio::test]
async fn reports_a_name_without_an_address() {
    let url = "http://missing.invalid:5985/wsman".parse().unwrap();
    let diagnosis = diagnosed(builder(url, basic())).await;
    assert_failed(&diagnosis, CheckKind::Name, "check the name");
}

#[tokio::test]
async fn reports_a_closed_port() {
    let simulator = sample().start().await.unwrap();
    simulator.refuse().await;
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Port, "winrm quickconfig");
    assert_eq!(diagnosis.addresses, [simulator.address()]);
}

#[tokio::test]
async fn shows_untrusted_certificates() {
    let (authority, other) = (Authority::new(), Authority::new());
    let wrong_name = authority.server("elsewhere.example", |_| {});
    for (issued, root, problem) in [
        (
            authority.localhost(),
            &other,
            CertificateProblem::UnknownIssuer,
        ),
        (
            authority.server("127.0.0.1", expired),
            &authority,
            CertificateProblem::Expired,
        ),
        (wrong_name, &authority, CertificateProblem::WrongName),
    ] {
        let diagnosis = over_tls(&issued, root).await;
        assert_failed(&diagnosis, CheckKind::Tls, &problem.to_string());
        let error = diagnosis.failed().unwrap().error.as_ref().unwrap();
        assert_eq!(error.certificate_problem(), Some(problem));
        let shown = &diagnosis.certificates;
        assert_eq!(shown.first().unwrap().der(), issued.der, "{diagnosis}");
        if problem == CertificateProblem::Expired {
            assert!(diagnosis.to_string().contains("expired on 2021-01-01"));
        }
    }
}

async fn over_tls(issued: &Issued, root: &Authority) -> wsman::diagnose::Diagnosis {
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.start().await.unwrap();
    let tls = TlsConfig::with_roots(root.der()).unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic()).tls(tls)).await;
    assert!(simulator.requests().is_empty());
    diagnosis
}

#[tokio::test]
async fn reports_a_port_without_tls() {
    let simulator = sample().start().await.unwrap();
    let mut url = simulator.url();
    url.set_scheme("https").unwrap();
    let tls = TlsConfig::with_roots(Authority::new().der()).unwrap();
    let diagnosis = diagnosed(builder(url, basic()).tls(tls)).await;
    assert_failed(&diagnosis, CheckKind::Tls, "uses TLS");
}

/// A server that gives every message this response.
async fn something_else(answer: &'static [u8]) -> (Url, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        // The first connection only tests that the port is open.
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            heard.extend_from_slice(&piece[..read]);
            let _gone = stream.write_all(answer).await;
        }
        heard
    });
    (url.parse().unwrap(), heard)
}

/// The client sends no password to a server that does not speak WS-Management.
#[tokio::test]
async fn sends_no_password_to_another_server() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html/>"[..],
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let (url, heard) = something_else(answer).await;
        let diagnosis = diagnosed(builder(url, basic())).await;
        assert_failed(&diagnosis, CheckKind::Identify, "no WS-Management");
        let heard = String::from_utf8(heard.await.unwrap()).unwrap();
        let heard = heard.to_ascii_lowercase();
        assert!(heard.contains("wsmanidentify: unauthenticated"), "{heard}");
        assert!(!heard.contains("authorization"), "{heard}");
    }
}

#[tokio::test]
async fn does_not_bypass_an_unreachable_proxy() {
    let simulator = sample().dialect(Dialect::Windows).start().await.unwrap();
    let proxy = Proxy::new("http://127.0.0.1:9".parse().unwrap());
    let builder = builder(simulator.url(), basic())
        .proxy(proxy)
        .connect_timeout(Duration::from_secs(2));
    let diagnosis = diagnosed(builder).await;
    assert_eq!(
        outcomes(&diagnosis),
        "- - - FAILED - - - - -",
        "{diagnosis}"
    );
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn reports_a_name_with_its_addresses() {
    let simulator = sample().start().await.unwrap();
    let mut url = simulator.url();
    url.set_host(Some("localhost")).unwrap();
    let diagnosis = diagnosed(builder(url, basic())).await;
    assert!(diagnosis.addresses.contains(&simulator.address()));
    assert!(diagnosis.is_healthy(), "{diagnosis}");
    let line = diagnosis.to_string();
    assert!(line.starts_with("name      ok "), "{line}");
    assert!(line.contains("127.0.0.1"), "{line}");
}
