//! Tests connections through a proxy.

use std::path::Path;
use std::time::Duration;

use wsman::simulator::{Simulator, sample};
use wsman::transport::{
    CertificateProblem, ConnectProblem, Proxy, ProxyProblem, TlsVersion, TransportErrorKind,
};
use wsman::{Delivery, Error, Session, TlsConfig};

use crate::authority::Authority;
use crate::proxies::TestProxy;
use crate::{builder, encrypted, stopped, told, works};

/// `me` and `hunter2: x%` in the encoding of RFC 7617.
const BASIC: &str = "Basic bWU6aHVudGVyMjogeCU=";
const USER: &str = "me";
const PASSWORD: &str = "hunter2: x%";

fn at(scheme: &str, proxy: &TestProxy) -> Proxy {
    Proxy::new(format!("{scheme}://{}", proxy.address).parse().unwrap())
}

/// Ends the session and its connections, so that the proxy has counted them.
async fn went_through(session: Session, proxy: &TestProxy) {
    assert_eq!(proxy.passed(), 0);
    drop(session);
    while proxy.passed() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn https_server() -> (Simulator, TlsConfig) {
    let authority = Authority::new();
    let simulator = encrypted(&authority.localhost()).start().await.unwrap();
    (simulator, TlsConfig::with_roots(authority.der()).unwrap())
}

#[tokio::test]
async fn sends_https_through_each_kind_of_proxy() {
    let (simulator, tls) = https_server().await;
    for (scheme, login) in [
        ("http", false),
        ("http", true),
        ("socks5", false),
        ("socks5", true),
        ("socks5h", true),
    ] {
        let test_proxy = match scheme {
            "http" => TestProxy::http(login.then_some(BASIC)).await,
            _ => TestProxy::socks(login.then_some((USER, PASSWORD))).await,
        };
        let proxy = at(scheme, &test_proxy);
        let proxy = if login {
            proxy.credentials(USER, PASSWORD)
        } else {
            proxy
        };
        let session = builder(&simulator)
            .tls(tls.clone())
            .proxy(proxy)
            .build()
            .unwrap();
        works(&session).await;
        assert!(session.server_certificate().is_some(), "{scheme}");
        went_through(session, &test_proxy).await;
    }
}

#[tokio::test]
async fn sends_http_through_each_kind_of_proxy() {
    let simulator = sample().start().await.unwrap();
    for (scheme, test_proxy) in [
        ("http", TestProxy::http(Some(BASIC)).await),
        ("socks5", TestProxy::socks(Some((USER, PASSWORD))).await),
    ] {
        let proxy = at(scheme, &test_proxy).credentials(USER, PASSWORD);
        let session = builder(&simulator).allow_unencrypted().proxy(proxy);
        let session = session.build().unwrap();
        works(&session).await;
        went_through(session, &test_proxy).await;
    }
}

#[tokio::test]
async fn validates_a_certificate_through_a_proxy() {
    let (simulator, _) = https_server().await;
    let other = TlsConfig::with_roots(Authority::new().der()).unwrap();
    for (scheme, test_proxy) in [
        ("http", TestProxy::http(None).await),
        ("socks5", TestProxy::socks(None).await),
    ] {
        let session = builder(&simulator).tls(other.clone());
        let session = session.proxy(at(scheme, &test_proxy)).build().unwrap();
        let (_, error) = stopped(&session, &simulator).await;
        let problem = error.certificate_problem();
        assert_eq!(
            problem,
            Some(CertificateProblem::UnknownIssuer),
            "{}",
            told(&error)
        );
    }
}

#[tokio::test]
async fn a_proxy_with_a_login_rejects_other_clients() {
    let (simulator, tls) = https_server().await;
    for (scheme, test_proxy) in [
        ("http", TestProxy::http(Some(BASIC)).await),
        ("socks5", TestProxy::socks(Some((USER, PASSWORD))).await),
    ] {
        for proxy in [
            at(scheme, &test_proxy),
            at(scheme, &test_proxy).credentials(USER, "wrong-horse"),
        ] {
            let session = builder(&simulator).tls(tls.clone()).proxy(proxy);
            let session = session.build().unwrap();
            let (kind, error) = stopped(&session, &simulator).await;
            let required = TransportErrorKind::Proxy(ProxyProblem::LoginRequired);
            assert_eq!(kind, required, "{}", told(&error));
            assert!(!told(&error).contains("wrong-horse"), "{}", told(&error));
        }
    }
}

#[tokio::test]
async fn reports_a_forwarding_proxy_that_requires_a_login() {
    let simulator = sample().start().await.unwrap();
    let test_proxy = TestProxy::http(Some(BASIC)).await;
    let session = builder(&simulator).allow_unencrypted();
    let session = session.proxy(at("http", &test_proxy)).build().unwrap();
    let error = session.identify().await.unwrap_err();
    assert_eq!(
        (error.name(), error.http_status()),
        ("Transport", Some(407))
    );
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(error.to_string().contains("Proxy::credentials"), "{error}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn does_not_bypass_an_unreachable_proxy() {
    let (simulator, tls) = https_server().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    for scheme in ["http", "socks5"] {
        let proxy = Proxy::new(format!("{scheme}://{address}").parse().unwrap());
        let session = builder(&simulator).tls(tls.clone()).proxy(proxy);
        let (kind, error) = stopped(&session.build().unwrap(), &simulator).await;
        let problem = ProxyProblem::Unreachable(ConnectProblem::Refused);
        assert_eq!(kind, TransportErrorKind::Proxy(problem), "{}", told(&error));
    }
}

/// Set in a process that a test starts; names a file with the authority of the proxy.
const CHILD: &str = "WSMAN_TEST_IS_CHILD";

/// Runs a test again in a process of its own, to which the environment belongs, with this proxy in
/// all variables.
async fn run_again(test: &str, proxy: &str, authority: &Path) {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env(CHILD, authority);
    child.env("SSL_CERT_FILE", authority);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(name, proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
}

async fn passed(proxy: &TestProxy, wanted: usize) {
    while proxy.passed() < wanted {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(proxy.passed(), wanted);
}

#[tokio::test]
async fn reads_the_proxy_from_the_environment_only_on_request() {
    const NAME: &str = "proxy::reads_the_proxy_from_the_environment_only_on_request";
    if std::env::var_os(CHILD).is_some() {
        return directly_and_by_the_environment().await;
    }
    let test_proxy = TestProxy::http(Some(BASIC)).await;
    let url = format!("http://me:hunter2%3A%20x%25@{}", test_proxy.address);
    run_again(NAME, &url, Path::new("none")).await;
    passed(&test_proxy, 1).await;
}

async fn directly_and_by_the_environment() {
    let (simulator, tls) = https_server().await;
    works(&builder(&simulator).tls(tls.clone()).build().unwrap()).await;
    let session = builder(&simulator).tls(tls).environment_proxy();
    works(&session.build().unwrap()).await;
}

#[tokio::test]
async fn reaches_a_proxy_of_the_environment_over_tls() {
    const NAME: &str = "proxy::reaches_a_proxy_of_the_environment_over_tls";
    if let Some(authority) = std::env::var_os(CHILD) {
        return over_tls(Path::new(&authority)).await;
    }
    let authority = Authority::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, authority.pem()).unwrap();
    let test_proxy = TestProxy::https(&authority.localhost(), &authority, Some(BASIC)).await;
    let url = format!("https://me:hunter2%3A%20x%25@{}", test_proxy.address);
    run_again(NAME, &url, file.path()).await;
    passed(&test_proxy, 2).await;
}

/// HTTP and HTTPS, and HTTPS that does not trust the proxy.
async fn over_tls(proxy: &Path) {
    let plain = sample().start().await.unwrap();
    let session = builder(&plain).allow_unencrypted().environment_proxy();
    let session = session.build().unwrap();
    works(&session).await;
    assert!(session.server_certificate().is_none());

    let authority = Authority::new();
    let issued = authority.localhost();
    let simulator = encrypted(&issued).start().await.unwrap();
    let both = [std::fs::read_to_string(proxy).unwrap(), authority.pem()].concat();
    let tls = TlsConfig::with_roots(both.as_bytes()).unwrap();
    let session = builder(&simulator).tls(tls).environment_proxy();
    let session = session.build().unwrap();
    works(&session).await;
    let shown = session.server_certificate().unwrap();
    assert_eq!(shown.der(), issued.der);

    let simulator = encrypted(&issued).start().await.unwrap();
    let tls = TlsConfig::with_roots(authority.der()).unwrap();
    let session = builder(&simulator).tls(tls).environment_proxy();
    let session = session.build().unwrap();
    let (kind, error) = stopped(&session, &simulator).await;
    let problem = ProxyProblem::Certificate(CertificateProblem::UnknownIssuer);
    assert_eq!(kind, TransportErrorKind::Proxy(problem), "{}", told(&error));
    assert!(session.server_certificate().is_none());
}

/// Sets variables of the environment for a test that runs again in a process of its own.
#[cfg(feature = "negotiate")]
fn run_with(test: &str, variables: &[(&str, &str)]) {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env(CHILD, "1");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    child.envs(variables.iter().copied());
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Only a URL for which the environment names an HTTP proxy is refused.
#[cfg(feature = "negotiate")]
#[test]
fn asks_the_environment_for_the_proxy_of_the_url() {
    const NAME: &str = "proxy::asks_the_environment_for_the_proxy_of_the_url";
    if std::env::var_os(CHILD).is_some() {
        return negotiate_over_plain_http();
    }
    let variables = [
        ("HTTPS_PROXY", "socks5://127.0.0.1:9"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("NO_PROXY", "inner.example, 10.0.0.0/8, fd00::/8"),
    ];
    run_with(NAME, &variables);
}

#[cfg(feature = "negotiate")]
fn negotiate_over_plain_http() {
    let builder = |url: &str| {
        let credentials = wsman::Credentials::ntlm("ops", "hunter2");
        let builder = Session::builder(url).environment_proxy();
        builder.credentials(credentials)
    };
    let build = |url: &str| builder(url).build().map(|_| ());
    for direct in [
        "http://inner.example/wsman",
        "http://Inner.Example.:5985/wsman",
        "http://host.inner.example/wsman",
        "http://10.1.2.3:5985/wsman",
        "http://[fd00::1]:5985/wsman",
    ] {
        build(direct).unwrap();
        // The environment names no proxy here, so an address has an effect.
        let address = "127.0.0.1:5985".parse().unwrap();
        builder(direct).address(address).build().unwrap();
    }
    build("https://outer.example/wsman").unwrap();
    let error = build("http://outer.example/wsman").unwrap_err();
    assert!(error.to_string().contains("use HTTPS or a SOCKS proxy"));
    // A login that is not connection-oriented may be forwarded.
    let basic = builder("http://outer.example/wsman")
        .credentials(wsman::Credentials::basic("ops", "hunter2"));
    basic.allow_unencrypted().build().unwrap();
}

/// A kind of proxy that is not supported is not taken for another.
#[cfg(feature = "negotiate")]
#[test]
fn rejects_a_proxy_of_the_environment_of_another_kind() {
    const NAME: &str = "proxy::rejects_a_proxy_of_the_environment_of_another_kind";
    if std::env::var_os(CHILD).is_none() {
        return run_with(NAME, &[("ALL_PROXY", "socks4://127.0.0.1:9")]);
    }
    let session = Session::builder("https://host.example/wsman").environment_proxy();
    let error = session.build().unwrap_err();
    assert_eq!(error.name(), "Config");
    assert!(error.to_string().contains("socks5h://"), "{error}");
}

/// A proxy over TLS is verified by its own name. Pins, `server_name` and the client certificate are for
/// the server.
#[tokio::test]
async fn a_proxy_over_tls_gets_nothing_of_the_server() {
    let authority = Authority::new();
    let issued = authority.server("host.example", |_| {});
    let clients = Authority::new();
    let simulator = encrypted(&issued).client_authority(clients.pem());
    let simulator = simulator.start().await.unwrap();
    let test_proxy = TestProxy::https(&authority.localhost(), &clients, Some(BASIC)).await;
    let client = clients.client();
    let tls = || {
        TlsConfig::builder()
            .roots(authority.der())
            .server_name("host.example")
            .client_certificate(client.chain.as_bytes(), client.key.as_bytes())
    };
    let first = builder(&simulator).tls(tls().build().unwrap()).build();
    let first = first.unwrap();
    works(&first).await;

    let pin = first.server_certificate().unwrap().pin();
    let tls = tls().pin(pin).max_version(TlsVersion::Tls12).build();
    let proxy = at("https", &test_proxy).credentials(USER, PASSWORD);
    let session = builder(&simulator).tls(tls.unwrap()).proxy(proxy);
    let session = session.build().unwrap();
    works(&session).await;
    assert_eq!(session.server_certificate().unwrap().der(), issued.der);
    assert_eq!(test_proxy.certificates(), 0);
}

#[test]
fn rejects_invalid_proxy_urls() {
    let refused = |proxy: &str| -> Error {
        let proxy = Proxy::new(proxy.parse().unwrap());
        let session = Session::builder("https://host.example/wsman");
        session.proxy(proxy).build().unwrap_err()
    };
    for wrong in ["socks4://proxy:1", "ftp://proxy", "socks5:proxy"] {
        let error = refused(wrong);
        assert_eq!(error.name(), "Config", "{wrong}");
        assert!(error.to_string().contains("socks5h://"), "{error}");
    }
    let error = refused("http://me:hunter2@proxy:1");
    assert_eq!(error.name(), "Config");
    assert!(!told(&error).contains("hunter2"), "{}", told(&error));
}
