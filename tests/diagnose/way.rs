//! Tests faults that prevent a connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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
        "- FAILED - - - - - - - -",
        "{diagnosis}"
    );
    assert_failed(&diagnosis, CheckKind::Port, "check its address and port");
    assert!(simulator.requests().is_empty());
}

/// Starts a proxy that answers CONNECT with this status; returns its address.
async fn proxy(status: &'static str) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await?);
                }
                let head = String::from_utf8(head).unwrap();
                let target = head.strip_prefix("CONNECT ").unwrap();
                let (target, _) = target.split_once(' ').unwrap();
                let answer = format!("HTTP/1.1 {status}\r\n\r\n");
                client.write_all(answer.as_bytes()).await?;
                if status.starts_with("200") {
                    let mut server = TcpStream::connect(target).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    Proxy::new(url.parse().unwrap())
}

#[tokio::test]
async fn checks_each_hop_through_a_proxy() {
    let (authority, other) = (Authority::new(), Authority::new());
    let issued = authority.localhost();
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.start().await.unwrap();
    for (status, root, expected) in [
        ("200 OK", &authority, "- ok ok ok ok ok ok ok - ok"),
        ("200 OK", &other, "- ok ok FAILED - - - - - -"),
        ("502 Bad Gateway", &authority, "- ok FAILED - - - - - - -"),
    ] {
        let tls = TlsConfig::with_roots(root.der()).unwrap();
        let builder = builder(simulator.url(), basic()).tls(tls);
        let diagnosis = diagnosed(builder.proxy(proxy(status).await)).await;
        assert_eq!(outcomes(&diagnosis), expected, "{diagnosis}");
        let shown = diagnosis.certificates.first();
        let is_shown = shown.is_some_and(|shown| shown.der() == issued.der);
        assert_eq!(is_shown, status.starts_with("200"), "{diagnosis}");
        assert!(diagnosis.to_string().contains("(the proxy) accepts"));
    }
}

#[tokio::test]
async fn a_proxy_of_socks_connects_too() {
    let simulator = sample().start().await.unwrap();
    let target = simulator.address();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("socks5h://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                // The methods, and the request (RFC 1928 3, 4).
                let mut methods = [0; 3];
                client.read_exact(&mut methods).await?;
                client.write_all(&[5, 0]).await?;
                let mut request = [0; 10];
                client.read_exact(&mut request).await?;
                client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
                let mut server = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    let proxy = Proxy::new(url.parse().unwrap());
    let diagnosis = diagnosed(builder(simulator.url(), basic()).proxy(proxy)).await;
    assert_eq!(
        outcomes(&diagnosis),
        "- ok ok - ok ok ok ok note ok",
        "{diagnosis}"
    );
    let text = diagnosis.to_string();
    let line = format!("the proxy connects to {target}");
    assert!(text.contains(&line), "{text}");
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
    assert!(line.starts_with("name         ok "), "{line}");
    assert!(line.contains("127.0.0.1"), "{line}");
}
