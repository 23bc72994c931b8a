//! Tests where connections go, and under which names.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;
use wsman::diagnose::{CheckKind, CheckOutcome};
use wsman::simulator::{PASSWORD, Simulator, USER, sample};
use wsman::transport::{Proxy, TlsConfigBuilder};
use wsman::{Credentials, Session, SessionBuilder, TlsConfig, Url};

use crate::authority::{Authority, Issued};
use crate::proxies::TestProxy;
use crate::{told, works};

/// A server in front of a simulator, which notes the names of the handshakes (SNI).
struct Named {
    _simulator: Simulator,
    address: SocketAddr,
    names: Arc<Mutex<Vec<Option<String>>>>,
    requests: Arc<Mutex<Vec<u8>>>,
}

impl Named {
    async fn start(issued: &Issued) -> Self {
        let simulator = sample().start().await.unwrap();
        let chain = CertificateDer::pem_slice_iter(issued.chain.as_bytes());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                chain.map(Result::unwrap).collect(),
                PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap(),
            );
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let names = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (noted, backend) = (Arc::clone(&names), simulator.address());
        let heard = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    let Ok(client) = acceptor.accept(stream).await else {
                        return;
                    };
                    let name = client.get_ref().1.server_name().map(str::to_owned);
                    noted.lock().unwrap().push(name);
                    forward(client, backend, &heard).await;
                });
            }
        });
        Self {
            _simulator: simulator,
            address,
            names,
            requests,
        }
    }

    /// Asserts the name in the handshakes of a session and its diagnosis, and the `Host` header.
    async fn assert_seen(&self, session: &Session, name: Option<&str>, host: &str) {
        works(session).await;
        let diagnosis = session.diagnose().await;
        assert!(diagnosis.is_healthy(), "{diagnosis}");
        let names = self.names.lock().unwrap().clone();
        assert!(names.len() >= 2, "{names:?}");
        for seen in names {
            assert_eq!(seen.as_deref(), name);
        }
        let requests = String::from_utf8(self.requests.lock().unwrap().clone()).unwrap();
        let lines = requests.lines().map(str::to_ascii_lowercase);
        let hosts: Vec<String> = lines.filter(|line| line.starts_with("host:")).collect();
        assert!(hosts.len() >= 2, "{requests}");
        for seen in hosts {
            assert_eq!(seen, format!("host: {host}"));
        }
    }
}

/// Forwards a connection, and keeps what the client sends.
async fn forward(client: TlsStream<TcpStream>, backend: SocketAddr, heard: &Mutex<Vec<u8>>) {
    let server = TcpStream::connect(backend).await.unwrap();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let requests = async {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from_client.read(&mut piece).await {
            heard.lock().unwrap().extend_from_slice(&piece[..read]);
            to_server.write_all(&piece[..read]).await.unwrap();
        }
        to_server.shutdown().await
    };
    let answers = tokio::io::copy(&mut from_server, &mut to_client);
    let _ended = tokio::join!(requests, answers);
}

fn builder(url: &str, tls: TlsConfigBuilder) -> SessionBuilder {
    Session::builder(url.parse::<wsman::Url>().unwrap())
        .credentials(Credentials::basic(USER, PASSWORD))
        .namespace("root/cimv2")
        .tls(tls.build().unwrap())
}

fn trusting(authority: &Authority) -> TlsConfigBuilder {
    TlsConfig::builder().roots(authority.der())
}

#[tokio::test]
async fn sends_the_configured_name() {
    let authority = Authority::new();
    let server = Named::start(&authority.server("host.example", |_| {})).await;
    let url = format!("https://{}/wsman", server.address);
    let tls = trusting(&authority).server_name("host.example");
    let session = builder(&url, tls).build().unwrap();
    let host = server.address.to_string();
    server
        .assert_seen(&session, Some("host.example"), &host)
        .await;
}

/// A proxy tunnels to the host of the URL; the name in the handshake is the server's.
#[tokio::test]
async fn sends_the_configured_name_through_a_proxy() {
    let authority = Authority::new();
    let server = Named::start(&authority.server("host.example", |_| {})).await;
    let proxy = TestProxy::http(None).await;
    let url = format!("https://{}/wsman", server.address);
    let tls = trusting(&authority).server_name("host.example");
    let proxy = Proxy::new(format!("http://{}", proxy.address).parse().unwrap());
    let session = builder(&url, tls).proxy(proxy).build().unwrap();
    let host = server.address.to_string();
    server
        .assert_seen(&session, Some("host.example"), &host)
        .await;
}

/// An address is no name for a handshake (RFC 6066 3).
#[tokio::test]
async fn sends_no_name_for_an_address() {
    let authority = Authority::new();
    let server = Named::start(&authority.server("192.0.2.7", |_| {})).await;
    let tls = trusting(&authority).server_name("192.0.2.7");
    let session = builder("https://host.example:5986/wsman", tls).address(server.address);
    let session = session.build().unwrap();
    server
        .assert_seen(&session, None, "host.example:5986")
        .await;
}

/// A trailing dot, capitals and other letters than ASCII are spellings of one name. The `Host` header
/// is that of the URL.
#[tokio::test]
async fn one_host_has_one_name_in_each_spelling() {
    let authority = Authority::new();
    for (host, name, header) in [
        ("host.example.", "host.example", "host.example.:5986"),
        ("Host.EXAMPLE", "host.example", "host.example:5986"),
        (
            "B\u{fc}cher.example.",
            "xn--bcher-kva.example",
            "xn--bcher-kva.example.:5986",
        ),
    ] {
        let issued = authority.server(name, |_| {});
        let server = Named::start(&issued).await;
        let url = format!("https://{host}:5986/wsman");
        let session = builder(&url, trusting(&authority)).address(server.address);
        let session = session.build().unwrap();
        server.assert_seen(&session, Some(name), header).await;

        let server = Named::start(&issued).await;
        let tls = trusting(&authority).server_name(host);
        let session = builder(&format!("https://{}/wsman", server.address), tls);
        let session = session.build().unwrap();
        let header = server.address.to_string();
        server.assert_seen(&session, Some(name), &header).await;
    }
}

#[tokio::test]
async fn connects_to_the_address_under_the_name_of_the_url() {
    let authority = Authority::new();
    let server = Named::start(&authority.server("host.example", |_| {})).await;
    let builder = builder("https://host.example:5986/wsman", trusting(&authority));
    let session = builder.address(server.address).build().unwrap();
    server
        .assert_seen(&session, Some("host.example"), "host.example:5986")
        .await;
}

/// As an IPv6 address with a zone, which a URL cannot hold.
#[tokio::test]
async fn connects_to_the_address_under_the_address_of_the_url() {
    let authority = Authority::new();
    let server = Named::start(&authority.server("fe80::1", |_| {})).await;
    let url = "https://[fe80::1]:5986/wsman";
    let session = builder(url, trusting(&authority)).address(server.address);
    let session = session.build().unwrap();
    server.assert_seen(&session, None, "[fe80::1]:5986").await;
    let diagnosis = session.diagnose().await;
    let resolved = &diagnosis.check(CheckKind::Name).unwrap().outcome;
    let skipped = CheckOutcome::Skipped("the session sets the address".to_owned());
    assert_eq!(*resolved, skipped);
    assert_eq!(diagnosis.addresses, [server.address]);

    // The certificate must still be that of the URL.
    let other = builder("https://[fe80::2]:5986/wsman", trusting(&authority));
    let error = other
        .address(server.address)
        .build()
        .unwrap()
        .identify()
        .await;
    let problem = error.unwrap_err().certificate_problem();
    assert_eq!(
        problem,
        Some(wsman::transport::CertificateProblem::WrongName)
    );
}

#[test]
fn rejects_an_address_through_a_proxy() {
    let url: Url = "http://host.example/wsman".parse().unwrap();
    let error = Session::builder(url)
        .proxy(Proxy::new("http://127.0.0.1:9".parse().unwrap()))
        .address("127.0.0.1:5985".parse().unwrap())
        .build()
        .unwrap_err();
    assert_eq!(error.name(), "Config");
    assert!(told(&error).contains("no effect through a proxy"));
}
