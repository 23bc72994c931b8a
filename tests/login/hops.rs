//! Proxies, gateways and servers that are in the way.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use wsman::auth::{LoginCause, ServicePrincipal};
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm, USER, sample,
};
use wsman::transport::Proxy;
use wsman::{Credentials, Delivery, Error, TlsConfig, Url};

use crate::authority::{Authority, Issued};
use crate::hop::{answering, read};
use crate::scenario::{diagnoses, told};
use crate::table::row;
use crate::{acceptor, builder};

/// How a hop ends a connection after each answer.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Dropped,
    ConnectionClose,
    Http10,
}

const ENDINGS: [Ending; 3] = [Ending::Dropped, Ending::ConnectionClose, Ending::Http10];

/// A hop before a server that keeps no connection, at two ports.
struct Hop {
    plain: SocketAddr,
    tls: SocketAddr,
}

impl Hop {
    async fn start(ending: Ending, server: SocketAddr, issued: &Issued) -> Self {
        let plain = listening(move |client| one_exchange(client, server, ending)).await;
        let acceptor = acceptor(issued);
        let tls = listening(move |client| {
            let accepting = acceptor.accept(client);
            async move {
                if let Ok(client) = accepting.await {
                    one_exchange(client, server, ending).await;
                }
            }
        });
        let tls = tls.await;
        Self { plain, tls }
    }
}

/// Serves each connection so.
async fn listening<Done>(serve: impl Fn(TcpStream) -> Done + Send + 'static) -> SocketAddr
where
    Done: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client));
        }
    });
    address
}

async fn one_exchange<S>(mut client: S, server: SocketAddr, ending: Ending)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(request) = read(&mut client).await else {
        return;
    };
    let mut server = TcpStream::connect(server).await.unwrap();
    server.write_all(&request).await.unwrap();
    let answer = String::from_utf8(read(&mut server).await.unwrap()).unwrap();
    let answer = match ending {
        Ending::Dropped => answer,
        Ending::ConnectionClose => answer.replacen("\r\n", "\r\nConnection: close\r\n", 1),
        Ending::Http10 => answer.replacen("HTTP/1.1", "HTTP/1.0", 1),
    };
    client.write_all(answer.as_bytes()).await.unwrap();
    // Sends the end of TLS as well.
    let _ended = client.shutdown().await;
}

/// A proxy of HTTP (CONNECT) and of SOCKS 5 with addresses, which connects to one server alone.
async fn proxy(server: SocketAddr) -> SocketAddr {
    listening(move |mut client| async move {
        let mut piece = [0; 4096];
        let read = client.read(&mut piece).await.unwrap();
        if piece[..read].starts_with(b"CONNECT ") {
            client.write_all(b"HTTP/1.0 200 OK\r\n\r\n").await.unwrap();
        } else {
            client.write_all(&[5, 0]).await.unwrap();
            let _request = client.read(&mut piece).await.unwrap();
            let granted = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            client.write_all(&granted).await.unwrap();
        }
        let mut server = TcpStream::connect(server).await.unwrap();
        let _ended = copy_bidirectional(&mut client, &mut server).await;
    })
    .await
}

/// Asserts that each login says so, on each way to the hop.
async fn connection_is_not_kept_by(
    server: SocketAddr,
    logins: &[(Credentials, Option<&KeyDistributionCentre>)],
) {
    const TEST: &str = "hops::connection_is_not_kept";
    let authority = Authority::new();
    let tls = TlsConfig::with_roots(authority.der()).unwrap();
    for ending in ENDINGS {
        let hop = Hop::start(ending, server, &authority.localhost()).await;
        let [plain, encrypted] = [("http", hop.plain), ("https", hop.tls)];
        for ((scheme, address), proxy) in [
            (plain, None),
            (encrypted, None),
            (encrypted, Some(("http", proxy(hop.tls).await))),
            (encrypted, Some(("socks5", proxy(hop.tls).await))),
            (plain, Some(("socks5", proxy(hop.plain).await))),
        ] {
            let url: Url = format!("{scheme}://{address}/wsman").parse().unwrap();
            for (credentials, realm) in logins {
                let mut builder = builder(url.clone(), credentials.clone())
                    .tls(tls.clone())
                    .service_principal(ServicePrincipal::new().host("localhost"))
                    .krb5_conf("/dev/null");
                if let Some(realm) = realm {
                    builder = builder.kdc(realm.address());
                }
                if let Some((kind, address)) = proxy {
                    let url = format!("{kind}://{address}").parse().unwrap();
                    builder = builder.proxy(Proxy::new(url));
                }
                let session = builder.build().unwrap();
                let share = wsman::Instance::new("Win32_Share").with_key("Name", "logs");
                let error = session.put_instance(&share).await.unwrap_err();
                let text = format!("{ending:?} {scheme} {proxy:?} {credentials:?}: {error:?}");
                assert!(matches!(error, Error::Auth(_)), "{text}");
                assert_eq!(error.delivery(), Delivery::NotSent, "{text}");
                let causes = &error.login().unwrap().causes;
                assert_eq!(*causes, [LoginCause::ConnectionNotKept], "{text}");
                row(TEST).assert_in(&told(&error));
            }
        }
    }
}

#[tokio::test]
async fn connection_is_not_kept() {
    let ntlm = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(ntlm).start().await.unwrap();
    let logins = [
        Credentials::ntlm(USER, PASSWORD),
        Credentials::negotiate(USER, PASSWORD),
        Credentials::password(USER, PASSWORD),
    ];
    let logins = logins.map(|login| (login, None));
    connection_is_not_kept_by(simulator.address(), &logins).await;
    let issued = Authority::new().localhost();
    for ending in ENDINGS {
        let hop = Hop::start(ending, simulator.address(), &issued).await;
        let url: Url = format!("http://{}/wsman", hop.plain).parse().unwrap();
        let builder = builder(url, Credentials::ntlm(USER, PASSWORD));
        diagnoses("hops::connection_is_not_kept", builder).await;
    }

    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let realm = realm.service("HTTP/localhost").start().await.unwrap();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &realm.keytab()).unwrap();
    let kerberos = [LoginScheme::Kerberos(scheme)];
    let simulator = sample().logins(kerberos).start().await.unwrap();
    let user = format!("{USER}@EXAMPLE.TEST");
    let logins = [
        Credentials::kerberos(user.clone(), PASSWORD),
        Credentials::negotiate(user.clone(), PASSWORD),
        Credentials::password(user, PASSWORD),
    ];
    let logins = logins.map(|login| (login, Some(&realm)));
    connection_is_not_kept_by(simulator.address(), &logins).await;
}

/// Asserts that an answer with this status keeps its `Retry-After`, whatever the login.
async fn keeps_retry_after(test: &str, status: &str) {
    let logins = [
        Credentials::none(),
        Credentials::basic(USER, PASSWORD),
        Credentials::digest(USER, PASSWORD),
        Credentials::ntlm(USER, PASSWORD),
        Credentials::password(USER, PASSWORD),
    ];
    for (header, seconds) in [
        ("Retry-After: 120\r\n", Some(120)),
        ("Retry-After:  0 \r\n", Some(0)),
        ("retry-after: 99999999\r\n", Some(86_400)),
        ("Retry-After: 99999999999999999999999\r\n", Some(86_400)),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", Some(0)),
        ("Retry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\n", Some(0)),
        ("Retry-After: Sun Nov  6 08:49:37 1994\r\n", Some(0)),
        (
            "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
            Some(86_400),
        ),
        // By the clock of the server.
        (
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n",
            Some(120),
        ),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: -5\r\n", None),
        ("Retry-After: +5\r\n", None),
        ("Retry-After:\r\n", None),
        ("", None),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n");
        let url = answering(answer.leak()).await;
        for credentials in &logins {
            let session = builder(url.clone(), credentials.clone()).build().unwrap();
            let error = session.identify().await.unwrap_err();
            let text = format!("{header}{credentials:?}: {error:?}");
            assert_eq!(
                error.retry_after().map(|pause| pause.as_secs()),
                seconds,
                "{text}"
            );
            row(test).assert_in(&told(&error));
        }
    }
}

#[tokio::test]
async fn service_is_not_available() {
    const TEST: &str = "hops::service_is_not_available";
    let url = answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").await;
    diagnoses(TEST, builder(url, Credentials::basic(USER, PASSWORD))).await;
    keeps_retry_after(TEST, "503 Service Unavailable").await;
    keeps_retry_after("answers::too_many_requests", "429 Too Many Requests").await;
}

/// A hop that sends each request of a client over another connection to the server. It names itself, as a
/// proxy must (RFC 9110 7.6.3).
async fn mixing(server: SocketAddr) -> Url {
    let address = listening(move |mut client| async move {
        while let Some(request) = read(&mut client).await {
            let mut server = TcpStream::connect(server).await.unwrap();
            server.write_all(&request).await.unwrap();
            let Some(answer) = read(&mut server).await else {
                return;
            };
            let end = answer.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let (line, rest) = answer.split_at(end);
            let via = b"Via: 1.1 balancer.example\r\n";
            let answer = [line, via.as_slice(), rest].concat();
            client.write_all(&answer).await.unwrap();
        }
    });
    format!("http://{}/wsman", address.await).parse().unwrap()
}

/// The server answers the last step of the login as a wrong password, because it knows no first step.
#[tokio::test]
async fn connections_are_mixed() {
    const TEST: &str = "hops::connections_are_mixed";
    let ntlm = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(ntlm).start().await.unwrap();
    let url = mixing(simulator.address()).await;
    for credentials in [
        Credentials::ntlm(USER, PASSWORD),
        Credentials::negotiate(USER, PASSWORD),
    ] {
        let session = builder(url.clone(), credentials).build().unwrap();
        let error = session.identify().await.unwrap_err();
        let causes = &error.login().unwrap().causes;
        assert_eq!(causes.first(), Some(&LoginCause::WrongPassword), "{error}");
        assert_eq!(causes.last(), Some(&LoginCause::HopMixesConnections));
        row(TEST).assert_in(&told(&error));
    }
    diagnoses(TEST, builder(url, Credentials::ntlm(USER, PASSWORD))).await;

    // Without such a hop the password is all that can be wrong.
    let wrong = builder(simulator.url(), Credentials::ntlm(USER, "wrong"));
    let error = wrong.build().unwrap().identify().await.unwrap_err();
    let causes = &error.login().unwrap().causes;
    assert!(
        !causes.contains(&LoginCause::HopMixesConnections),
        "{error}"
    );
}

/// A ticket logs in with one step; then the messages reach connections without the login.
#[tokio::test]
async fn messages_reach_other_connections() {
    const TEST: &str = "hops::messages_reach_other_connections";
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let realm = realm.service("HTTP/localhost").start().await.unwrap();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &realm.keytab()).unwrap();
    let simulator = sample().logins([LoginScheme::Kerberos(scheme)]);
    let simulator = simulator.start().await.unwrap();
    let url = mixing(simulator.address()).await;
    let builder = || {
        let credentials = Credentials::kerberos(format!("{USER}@EXAMPLE.TEST"), PASSWORD);
        builder(url.clone(), credentials)
            .service_principal(ServicePrincipal::new().host("localhost"))
            .krb5_conf("/dev/null")
            .kdc(realm.address())
    };
    let error = builder().build().unwrap().identify().await.unwrap_err();
    row(TEST).assert_in(&told(&error));
    diagnoses(TEST, builder()).await;
}
