//! Tests servers that offer a mechanism by its own name, without Negotiate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    KerberosScheme, LoginScheme, NtlmScheme, PASSWORD, Realm, Simulator, USER, sample,
};
use wsman::{Credentials, Error, PutMode, PutOutcome, Session, SessionBuilder};

use crate::share;

/// A server that offers one scheme, in front of a simulator that knows it as Negotiate.
struct Only {
    url: url::Url,
    /// The heads of the requests.
    heads: Arc<Mutex<Vec<String>>>,
}

const NAME: &str = "authorization: negotiate ";

impl Only {
    async fn start(scheme: &'static str, simulator: &Simulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, backend) = (Arc::clone(&heads), simulator.address());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, scheme, backend, Arc::clone(&seen)));
            }
        });
        Self {
            url: url.parse().unwrap(),
            heads,
        }
    }

    /// Returns the names of the schemes in the requests.
    fn schemes(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        let lines = heads.iter().flat_map(|head| head.lines());
        let values = lines.filter_map(|line| line.strip_prefix("authorization: "));
        values
            .map(|value| value.split(' ').next().unwrap().to_owned())
            .collect()
    }
}

async fn serve(
    mut client: TcpStream,
    scheme: &'static str,
    backend: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
) {
    let mut server = TcpStream::connect(backend).await.unwrap();
    while let Some((head, body)) = read(&mut client).await {
        heads.lock().unwrap().push(head.clone());
        if head.to_ascii_lowercase().contains(NAME) {
            let answer = format!(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {scheme}, Basic realm=\"x\"\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            client.write_all(answer.as_bytes()).await.unwrap();
            continue;
        }
        let head = head.replace(
            &format!("authorization: {scheme} "),
            "authorization: Negotiate ",
        );
        server.write_all(head.as_bytes()).await.unwrap();
        server.write_all(&body).await.unwrap();
        let Some((head, body)) = read(&mut server).await else {
            return;
        };
        // One header holds the token and another offer.
        let head = head.replace("\r\nConnection", "\r\nconnection");
        let lines: Vec<String> = head
            .split("\r\n")
            .map(|line| {
                match line
                    .to_ascii_lowercase()
                    .strip_prefix("www-authenticate: negotiate")
                {
                    Some(rest) => {
                        let token = &line[line.len() - rest.len()..];
                        format!("WWW-Authenticate: Basic realm=\"x\", {scheme}{token}, X-Other a=b")
                    }
                    None => line.to_owned(),
                }
            })
            .collect();
        client
            .write_all(lines.join("\r\n").as_bytes())
            .await
            .unwrap();
        client.write_all(&body).await.unwrap();
    }
}

/// Reads a head, and a body of its length.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let lower = head.to_ascii_lowercase();
    let mut lines = lower.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}

fn builder(server: &Only, credentials: Credentials) -> SessionBuilder {
    Session::builder(server.url.clone())
        .credentials(credentials)
        .namespace("root/cimv2")
}

/// Creates an instance over a sealed channel.
async fn creates(session: &Session, name: &str) {
    let share = share(name);
    let put = session.put_instance(&share).mode(PutMode::CreateOnly).await;
    assert_eq!(put.unwrap().outcome, PutOutcome::Created);
}

#[tokio::test]
async fn ntlm_alone_gets_ntlm() {
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    for (name, credentials) in [
        ("a", Credentials::ntlm(USER, PASSWORD)),
        ("b", Credentials::negotiate(USER, PASSWORD)),
        ("c", Credentials::password(USER, PASSWORD)),
    ] {
        let server = Only::start("NTLM", &simulator).await;
        let session = builder(&server, credentials)
            .connections(1)
            .build()
            .unwrap();
        creates(&session, name).await;
        // The scheme is learnt once.
        assert_eq!(server.schemes(), ["Negotiate", "NTLM", "NTLM"]);
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    let server = Only::start("NTLM", &simulator).await;
    let session = builder(&server, Credentials::ntlm(USER, "wrong"));
    let error = session.build().unwrap().identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(error.to_string().contains("step 2"), "{error}");
    assert_eq!(server.schemes(), ["Negotiate", "NTLM", "NTLM"]);
}

#[tokio::test]
async fn kerberos_alone_gets_kerberos() {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
    let logins = [LoginScheme::Kerberos(scheme)];
    let simulator = sample().logins(logins).start().await.unwrap();
    let user = format!("{USER}@EXAMPLE.TEST");
    for (name, credentials) in [
        ("a", Credentials::kerberos(user.clone(), PASSWORD)),
        ("b", Credentials::negotiate(user.clone(), PASSWORD)),
    ] {
        let server = Only::start("Kerberos", &simulator).await;
        let session = builder(&server, credentials)
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
            .connections(1)
            .build()
            .unwrap();
        creates(&session, name).await;
        assert_eq!(server.schemes(), ["Negotiate", "Kerberos"]);
        let heads = server.heads.lock().unwrap().concat();
        assert!(
            heads.contains("application/HTTP-Kerberos-session-encrypted"),
            "{heads}"
        );
    }
}

/// A user without a password for the scheme gets the error of the server's offers.
#[tokio::test]
async fn reports_a_mechanism_that_the_user_does_not_have() {
    let simulator = sample().start().await.unwrap();
    let server = Only::start("Kerberos", &simulator).await;
    let session = builder(&server, Credentials::ntlm(USER, PASSWORD));
    let error = session.build().unwrap().identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(error.login().unwrap().offered, ["Kerberos", "Basic"]);
    assert_eq!(server.schemes(), ["Negotiate"]);
}

/// A token of more than 32,768 bytes is refused before it is read.
#[tokio::test]
async fn limits_the_token_of_a_server() {
    for (size, expected) in [
        (32_768, "NTLM"),
        (32_769, "the server sent a token of 32769 bytes"),
    ] {
        let token = base64_of(size);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let _request = read(&mut client).await;
                let answer = format!(
                    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate {token}\r\n\
                     Content-Length: 0\r\n\r\n"
                );
                let _written = client.write_all(answer.as_bytes()).await;
            }
        });
        let session = Session::builder(url.parse::<wsman::Url>().unwrap())
            .credentials(Credentials::ntlm(USER, PASSWORD))
            .build()
            .unwrap();
        let error = session.identify().await.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error} {}", source.unwrap_or_default());
        assert!(text.contains(expected), "{text}");
    }
}

/// Returns so many zero bytes in Base64.
fn base64_of(size: usize) -> String {
    let rest = ["", "AA==", "AAA="][size % 3];
    ["AAAA".repeat(size / 3).as_str(), rest].concat()
}
