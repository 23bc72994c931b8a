//! Proxies that give no connection to the server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wsman::simulator::{PASSWORD, USER};
use wsman::transport::{
    CertificateProblem, ConnectProblem, Proxy, ProxyProblem, TimeoutKind, TransportErrorKind,
};
use wsman::{Credentials, Delivery, Error, SessionBuilder, TlsConfig, Url};

use crate::authority::Authority;
use crate::builder;
use crate::scenario::{shows, told};
use crate::table::row;

/// What a proxy writes after each message that it reads; then it closes the connection.
type Script = Vec<Vec<u8>>;

async fn scripted(script: Script) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let script = script.clone();
            tokio::spawn(async move {
                let mut piece = [0; 4096];
                for answer in script {
                    let _read = stream.read(&mut piece).await;
                    let _written = stream.write_all(&answer).await;
                }
                // Reads to the end, so that the answer is not lost to a reset.
                let _ended = stream.shutdown().await;
                while let Ok(1..) = stream.read(&mut piece).await {}
            });
        }
    });
    address
}

/// A proxy of one kind, and the login to it.
struct Case {
    scheme: &'static str,
    script: Script,
    login: bool,
}

fn http(answer: impl Into<Vec<u8>>) -> Case {
    Case {
        scheme: "http",
        script: vec![answer.into()],
        login: false,
    }
}

/// A proxy that answers CONNECT with a status and a page.
fn status(line: &str, headers: &str) -> Case {
    http(format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 2\r\n\r\nno").into_bytes())
}

fn socks(answers: &[&[u8]]) -> Case {
    Case {
        scheme: "socks5h",
        script: answers.iter().map(|answer| answer.to_vec()).collect(),
        login: false,
    }
}

/// A SOCKS proxy that replies so to the request for a connection.
fn reply(code: u8) -> Case {
    socks(&[&[5, 0], &[5, code, 0, 1, 0, 0, 0, 0, 0, 0]])
}

fn through(scheme: &str, address: SocketAddr, login: bool) -> SessionBuilder {
    let proxy = Proxy::new(format!("{scheme}://{address}").parse().unwrap());
    let proxy = if login {
        proxy.credentials("me", "wrong-horse")
    } else {
        proxy
    };
    let url: Url = "https://server.example:5986/wsman".parse().unwrap();
    let tls = TlsConfig::danger_accept_any_certificate().unwrap();
    builder(url, Credentials::ntlm(USER, PASSWORD))
        .tls(tls)
        .proxy(proxy)
}

/// Asserts that the error blames the proxy, names it, and that nothing was sent.
fn blames(error: &Error, kind: TransportErrorKind, (scheme, address): (&str, SocketAddr)) {
    let text = told(error);
    assert_eq!(error.transport_kind(), Some(kind), "{text}");
    assert_eq!(error.delivery(), Delivery::NotSent, "{text}");
    assert!(text.contains(&format!("({scheme}://{address}")), "{text}");
    assert!(!text.contains("wrong-horse"), "{text}");
    assert_eq!(error.login(), None, "{text}");
}

/// Asserts what the user sees of each proxy.
async fn proxies(test: &str, cases: impl IntoIterator<Item = (Case, ProxyProblem)>) {
    for (number, (case, problem)) in cases.into_iter().enumerate() {
        let Case {
            scheme,
            script,
            login,
        } = case;
        let address = scripted(script).await;
        let builder = || through(scheme, address, login);
        let error = if number == 0 {
            shows(test, builder).await
        } else {
            builder().build().unwrap().identify().await.unwrap_err()
        };
        row(test).assert_in(&told(&error));
        blames(
            &error,
            TransportErrorKind::Proxy(problem),
            (scheme, address),
        );
        // Another login meets the same proxy.
        let basic = builder().credentials(Credentials::basic(USER, PASSWORD));
        let error = basic.build().unwrap().identify().await.unwrap_err();
        assert_eq!(error.proxy_problem(), Some(problem));
    }
}

#[tokio::test]
async fn login_required() {
    let line = "407 Proxy Authentication Required";
    let offers = "Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate, Basic realm=\"x\"\r\n";
    let rejects = Case {
        login: true,
        ..socks(&[&[5, 2], &[1, 1]])
    };
    let cases = [
        status(line, offers),
        status(line, ""),
        socks(&[&[5, 0xFF]]),
        rejects,
    ];
    let cases = cases.map(|case| (case, ProxyProblem::LoginRequired));
    proxies("proxies::login_required", cases).await;
}

#[tokio::test]
async fn forbidden() {
    let cases = [status("403 Forbidden", ""), reply(2)];
    let cases = cases.map(|case| (case, ProxyProblem::Forbidden));
    proxies("proxies::forbidden", cases).await;
}

#[tokio::test]
async fn server_unreachable() {
    let cases = [
        status("502 Bad Gateway", ""),
        status(
            "503 Service Unavailable",
            "X-Squid-Error: ERR_CONNECT_FAIL 111\r\n",
        ),
        http("HTTP/1.0 502 Bad Gateway\r\n\r\n"),
        reply(1),
        reply(3),
        reply(4),
        reply(5),
    ];
    let cases = cases.map(|case| (case, ProxyProblem::ServerUnreachable));
    proxies("proxies::server_unreachable", cases).await;
}

#[tokio::test]
async fn server_silent() {
    let cases = [status("504 Gateway Timeout", ""), reply(6)];
    let cases = cases.map(|case| (case, ProxyProblem::ServerSilent));
    proxies("proxies::server_silent", cases).await;
}

#[tokio::test]
async fn closed() {
    let cases = [
        http(""),
        http("HTTP/1.1 200 OK\r\nVia: "),
        socks(&[&[]]),
        socks(&[&[5, 0], &[5, 0, 0]]),
    ];
    let cases = cases.map(|case| (case, ProxyProblem::Closed));
    proxies("proxies::closed", cases).await;
}

#[tokio::test]
async fn not_a_proxy() {
    let endless = format!("HTTP/1.1 200 OK\r\nVia: {}", "x".repeat(1 << 20));
    let cases = [
        http("SSH-2.0-OpenSSH_9.6\r\n"),
        http([5, 0]),
        http(endless),
        http("HTTP/1.1 200 OK\r\n\r\nearly"),
        socks(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]),
        socks(&[&[4, 0]]),
        socks(&[&[5, 2]]),
        socks(&[&[5, 0], &[5, 0, 0, 9]]),
        socks(&[&[5, 0], &[4, 0, 0, 1]]),
    ];
    let cases = cases.map(|case| (case, ProxyProblem::NotAProxy));
    proxies("proxies::not_a_proxy", cases).await;
}

#[tokio::test]
async fn refused() {
    let cases = [
        (status("400 Bad Request", ""), 400),
        (
            status("301 Moved Permanently", "Location: http://x/\r\n"),
            301,
        ),
        (http("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 101),
        (reply(7), 7),
        (reply(200), 200),
    ];
    let cases = cases.map(|(case, code)| (case, ProxyProblem::Refused(code)));
    proxies("proxies::refused", cases).await;
}

#[tokio::test]
async fn unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let problem = ProxyProblem::Unreachable(ConnectProblem::Refused);
    for scheme in ["http", "https", "socks5", "socks5h"] {
        let builder = || through(scheme, address, true);
        let error = builder().build().unwrap().identify().await.unwrap_err();
        let kind = TransportErrorKind::Proxy(problem);
        row("proxies::unreachable").assert_in(&told(&error));
        blames(&error, kind, (scheme, address));
    }
    shows("proxies::unreachable", || through("http", address, true)).await;
}

/// A proxy that is silent, or sends its answer too slowly.
#[tokio::test]
async fn answers_too_late() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                for byte in b"HTTP/1.1 200 Connection established\r\n\r\n" {
                    if stream.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
    });
    let builder = || through("http", address, false).connect_timeout(Duration::from_millis(500));
    let error = shows("proxies::answers_too_late", builder).await;
    let kind = TransportErrorKind::Timeout(TimeoutKind::Connect);
    blames(&error, kind, ("http", address));
}

/// A proxy of any kind that connects, and then ends the connection.
#[tokio::test]
async fn ends_the_handshake() {
    let granted: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let test = "proxies::ends_the_handshake";
    for (number, case) in [
        http("HTTP/1.0 200 Connection established\r\n\r\n"),
        socks(&[&[5, 0], granted]),
    ]
    .into_iter()
    .enumerate()
    {
        let scheme = case.scheme;
        let address = scripted(case.script).await;
        let builder = || through(scheme, address, false);
        let error = if number == 0 {
            shows(test, builder).await
        } else {
            builder().build().unwrap().identify().await.unwrap_err()
        };
        row(test).assert_in(&told(&error));
        assert_eq!(error.transport_kind(), Some(TransportErrorKind::Tls));
        let proxy = format!("the proxy {scheme}://{address}");
        assert!(told(&error).contains(&proxy), "{}", told(&error));
    }
}

#[tokio::test]
async fn rejected_certificate() {
    let authority = Authority::new();
    let issued = authority.server("proxy.example", |_| {});
    let simulator = wsman::simulator::sample().tls(&issued.chain, &issued.key);
    let simulator = simulator.start().await.unwrap();
    let address = simulator.address();
    let of = |root: &Authority| TlsConfig::with_roots(root.der()).unwrap();
    let [stranger, known] = [of(&Authority::new()), of(&authority)];
    let any = TlsConfig::danger_accept_any_certificate().unwrap();
    let test = "proxies::rejected_certificate";
    for (tls, problem) in [
        (stranger, CertificateProblem::UnknownIssuer),
        (known, CertificateProblem::WrongName),
        // Only the server may have any certificate.
        (any, CertificateProblem::UnknownIssuer),
    ] {
        let builder = || through("https", address, true).tls(tls.clone());
        let error = builder().build().unwrap().identify().await.unwrap_err();
        row(test).assert_in(&told(&error));
        let kind = TransportErrorKind::Proxy(ProxyProblem::Certificate(problem));
        blames(&error, kind, ("https", address));
        // That is a problem of the server's.
        assert_eq!(error.certificate_problem(), None);
    }
    shows(test, || through("https", address, true)).await;
}

#[tokio::test]
async fn proxy_without_tls() {
    let test = "proxies::proxy_without_tls";
    let address = scripted(vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()]).await;
    let error = shows(test, || through("https", address, false)).await;
    let kind = TransportErrorKind::Proxy(ProxyProblem::Tls);
    blames(&error, kind, ("https", address));
}

/// A proxy that forwards plain HTTP, and answers itself.
fn forwarded(address: SocketAddr) -> SessionBuilder {
    let proxy = Proxy::new(format!("http://{address}").parse().unwrap());
    let url: Url = "http://server.example:5985/wsman".parse().unwrap();
    builder(url, Credentials::basic(USER, PASSWORD)).proxy(proxy.credentials("me", "wrong-horse"))
}

/// Asserts what the user sees of a proxy that forwards, with each login that can be forwarded.
async fn forwards(test: &str, cases: &[(&str, &str, ProxyProblem, Delivery)]) {
    for (number, (line, headers, problem, delivery)) in cases.iter().enumerate() {
        let answer = format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 2\r\n\r\nno");
        let address = scripted(vec![answer.into_bytes(); 4]).await;
        if number == 0 {
            shows(test, || forwarded(address)).await;
        }
        for credentials in [
            Credentials::basic(USER, PASSWORD),
            Credentials::digest(USER, PASSWORD),
            Credentials::none(),
        ] {
            let session = forwarded(address).credentials(credentials);
            let share = wsman::Instance::new("Win32_Share").with_key("Name", "logs");
            let put = session.build().unwrap().put_instance(&share).await;
            let error = put.unwrap_err();
            let text = told(&error);
            row(test).assert_in(&text);
            assert_eq!(error.proxy_problem(), Some(*problem), "{text}");
            assert!(error.delivery() <= *delivery, "{text}");
            assert!(text.contains(&format!("(http://{address}")), "{text}");
            assert!(!text.contains("wrong-horse"), "{text}");
            let status: u16 = line[..3].parse().unwrap();
            assert_eq!(error.http_status(), Some(status), "{text}");
        }
    }
}

#[tokio::test]
async fn forwarding_requires_a_login() {
    let line = "407 Proxy Authentication Required";
    let offers = "Proxy-Authenticate: Basic realm=\"x\"\r\n";
    let problem = ProxyProblem::LoginRequired;
    let cases = [
        (line, offers, problem, Delivery::Answered),
        (line, "", problem, Delivery::Answered),
    ];
    forwards("proxies::forwarding_requires_a_login", &cases).await;
}

#[tokio::test]
async fn forwarding_is_forbidden() {
    let problem = ProxyProblem::Forbidden;
    let squid = "Server: squid/6.10\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nVia: 1.1 proxy\r\n";
    let cases = [
        ("403 Forbidden", squid, problem, Delivery::Answered),
        (
            "403 Forbidden",
            "Content-Type: text/html\r\nServer: x\r\n",
            problem,
            Delivery::Answered,
        ),
    ];
    forwards("proxies::forwarding_is_forbidden", &cases).await;

    // The server itself denies access, or one of both does.
    for (headers, is_open) in [("Server: Microsoft-HTTPAPI/2.0\r\n", false), ("", true)] {
        let answer = format!("HTTP/1.1 403 Forbidden\r\n{headers}Content-Length: 0\r\n\r\n");
        let address = scripted(vec![answer.into_bytes()]).await;
        let session = forwarded(address).build().unwrap();
        let error = session.identify().await.unwrap_err();
        assert_eq!(error.name(), "AccessDenied", "{error}");
        let proxy = format!("or from the proxy http://{address}");
        assert_eq!(told(&error).contains(&proxy), is_open, "{error}");
    }
}

#[tokio::test]
async fn forwarding_does_not_reach_the_server() {
    let cases = [
        (
            "502 Bad Gateway",
            "Via: 1.1 x\r\n",
            ProxyProblem::ServerUnreachable,
            Delivery::Unknown,
        ),
        (
            "502 Bad Gateway",
            "",
            ProxyProblem::ServerUnreachable,
            Delivery::Unknown,
        ),
    ];
    forwards("proxies::forwarding_does_not_reach_the_server", &cases).await;
}

#[tokio::test]
async fn forwarding_waits_in_vain() {
    let silent = ProxyProblem::ServerSilent;
    let cases = [(
        "504 Gateway Timeout",
        "Retry-After: 7\r\n",
        silent,
        Delivery::Unknown,
    )];
    forwards("proxies::forwarding_waits_in_vain", &cases).await;
}

/// Squid answers 503 if it does not reach the server; a service answers so, too.
#[tokio::test]
async fn forwarding_is_not_available() {
    let answer =
        "HTTP/1.1 503 Service Unavailable\r\nServer: squid/6.10\r\nContent-Length: 0\r\n\r\n";
    let address = scripted(vec![answer.as_bytes().to_vec(); 4]).await;
    let error = shows("proxies::forwarding_is_not_available", || {
        forwarded(address)
    })
    .await;
    assert_eq!(error.name(), "ShuttingDown");
    assert!(
        told(&error).contains(&format!("proxy http://{address} ")),
        "{error}"
    );
}
