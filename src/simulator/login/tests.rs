//! NTLM and sealed messages over a connection to the simulator.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::auth::negotiate::ntlm::keys::NtlmKeys;
use crate::auth::negotiate::spnego::{Mechanism, NegTokenInit, Reply, State, list};
use crate::auth::seal::{MimeForm, Protocol, is_sealed, seal, unseal};
use crate::simulator::login::ntlm::Exchange;
use crate::simulator::login::ntlm::tests::{client, login, negotiate};
use crate::simulator::login::{LoginScheme, NtlmScheme};
use crate::simulator::{PASSWORD, Simulator, USER, sample};

const IDENTIFY: &str = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
    xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"><s:Body>\
    <i:Identify/></s:Body></s:Envelope>";
const SOAP: &str = "application/soap+xml;charset=UTF-8";

async fn server(scheme: NtlmScheme) -> Simulator {
    let schemes = [LoginScheme::Ntlm(scheme)];
    sample().logins(schemes).start().await.unwrap()
}

/// A client on one connection.
struct Client(TcpStream);

struct Answer {
    status: String,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let start = [name, ": "].concat();
        self.head.lines().find_map(|line| line.strip_prefix(&start))
    }
}

impl Client {
    async fn of(simulator: &Simulator) -> Self {
        Self(TcpStream::connect(simulator.address()).await.unwrap())
    }

    async fn post(&mut self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = "POST /wsman HTTP/1.1\r\nhost: x\r\n".to_owned();
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let request = [head.as_bytes(), body].concat();
        self.0.write_all(&request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let mut reply = Answer {
            status: head[9..12].to_owned(),
            head,
            body: Vec::new(),
        };
        let length = reply.header("content-length").unwrap_or("0");
        reply.body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut reply.body).await.unwrap();
        reply
    }

    async fn token(&mut self, token: &[u8]) -> Answer {
        let value = format!("Negotiate {}", BASE64.encode(token));
        self.post(&[("authorization", &value)], &[]).await
    }

    /// Sends a SPNEGO token and returns the reply to it.
    async fn negotiated(&mut self, token: Vec<u8>, status: &str) -> Reply {
        let answer = self.token(&token).await;
        assert_eq!(answer.status, status);
        let value = answer.header("www-authenticate").unwrap();
        let token = value.strip_prefix("Negotiate ").unwrap();
        Reply::read(&BASE64.decode(token).unwrap()).unwrap()
    }

    async fn log_in(&mut self, user: [&str; 2]) -> (Answer, NtlmKeys) {
        let first = self.token(&negotiate()).await;
        assert_eq!(first.status, "401");
        let challenge = first.header("www-authenticate").unwrap();
        let challenge = challenge.strip_prefix("Negotiate ").unwrap();
        let exchange = Exchange {
            negotiate: negotiate(),
            challenge: BASE64.decode(challenge).unwrap(),
            channel: None,
        };
        let reply = self.token(&login(&exchange, user, None)).await;
        (reply, client())
    }

    async fn sealed(&mut self, body: &[u8]) -> Answer {
        let content_type = Protocol::Spnego.content_type();
        self.post(&[("content-type", content_type)], body).await
    }
}

#[tokio::test]
async fn a_sealed_message_is_answered_with_one() {
    for (scheme, form) in [
        (NtlmScheme::new(), MimeForm::Tabbed),
        (NtlmScheme::new().untabbed(), MimeForm::Untabbed),
    ] {
        let simulator = server(scheme).await;
        let mut connection = Client::of(&simulator).await;
        let (reply, mut keys) = connection.log_in([USER, PASSWORD]).await;
        assert_eq!((reply.status.as_str(), reply.body.len()), ("200", 0));
        for _ in 0..3 {
            let body = seal(&mut keys, Protocol::Spnego, form, IDENTIFY.as_bytes()).unwrap();
            let reply = connection.sealed(&body).await;
            assert_eq!(reply.status, "200");
            assert!(is_sealed(reply.header("content-type").unwrap()));
            let is_tabbed = reply
                .body
                .starts_with(b"--Encrypted Boundary\r\n\tContent-Type");
            assert_eq!(is_tabbed, form == MimeForm::Tabbed);
            let answer = unseal(&mut keys, &reply.body, 10_000).unwrap();
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.contains("IdentifyResponse"), "{answer}");
        }
        // The log of the simulator has the message without its seal.
        assert_eq!(
            simulator.requests().last().unwrap().body,
            IDENTIFY.as_bytes()
        );
    }
}

#[tokio::test]
async fn a_plain_message_is_refused_where_messages_are_sealed() {
    for (scheme, status) in [
        (NtlmScheme::new(), "500"),
        (NtlmScheme::new().allow_unencrypted(), "200"),
    ] {
        let simulator = server(scheme).await;
        let mut connection = Client::of(&simulator).await;
        connection.log_in([USER, PASSWORD]).await;
        let soap = [("content-type", SOAP)];
        let reply = connection.post(&soap, IDENTIFY.as_bytes()).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.body.is_empty(), status == "500");
    }
}

#[tokio::test]
async fn a_message_that_is_changed_or_sent_again_is_refused() {
    let simulator = server(NtlmScheme::new()).await;
    let mut connection = Client::of(&simulator).await;
    let (_, mut keys) = connection.log_in([USER, PASSWORD]).await;
    let form = MimeForm::Tabbed;
    let body = seal(&mut keys, Protocol::Spnego, form, IDENTIFY.as_bytes()).unwrap();
    assert_eq!(connection.sealed(&body).await.status, "200");
    assert_eq!(connection.sealed(&body).await.status, "500");
    // On another connection there is no login.
    let mut other = Client::of(&simulator).await;
    assert_eq!(other.sealed(&body).await.status, "401");
}

#[tokio::test]
async fn rejects_a_wrong_password_name_or_step() {
    let simulator = server(NtlmScheme::new()).await;
    for user in [[USER, "wrong"], ["unknown", PASSWORD]] {
        let mut connection = Client::of(&simulator).await;
        let (reply, _) = connection.log_in(user).await;
        assert_eq!(reply.status, "401");
        assert_eq!(reply.header("www-authenticate"), Some("Negotiate"));
        let reply = connection.post(&[("content-type", SOAP)], b"<x/>").await;
        assert_eq!(reply.status, "401");
    }
    // The last step alone, and the answer to another connection's challenge.
    let exchange = Exchange {
        negotiate: negotiate(),
        challenge: vec![0; 56],
        channel: None,
    };
    let mut connection = Client::of(&simulator).await;
    let last = login(&exchange, [USER, PASSWORD], None);
    assert_eq!(connection.token(&last).await.status, "401");
    assert_eq!(connection.token(&negotiate()).await.status, "401");
    assert_eq!(connection.token(&last).await.status, "401");
    assert_eq!(connection.token(b"NTLMSSP\0").await.status, "401");
}

/// Both sides sign an offer whose first mechanism is not NTLM, and the signatures use the first
/// sequence number.
#[tokio::test]
async fn an_offer_is_signed() {
    let simulator = server(NtlmScheme::new()).await;
    let offer = NegTokenInit {
        list: list([Mechanism::Kerberos, Mechanism::Ntlm]),
        token: Some(b"a ticket".to_vec()),
    };
    for (is_signed, is_right) in [(true, true), (true, false), (false, false)] {
        let mut connection = Client::of(&simulator).await;
        let chosen = connection.negotiated(offer.written(), "401").await;
        assert_eq!(chosen.mechanism, Some(Mechanism::Ntlm));
        assert_eq!(chosen.state, Some(State::RequestsSignature));
        let with_token = |token: Vec<u8>| Reply {
            token: Some(token),
            ..Reply::default()
        };
        let first = with_token(negotiate()).written();
        let exchange = Exchange {
            negotiate: negotiate(),
            challenge: connection.negotiated(first, "401").await.token.unwrap(),
            channel: None,
        };
        let mut keys = client();
        let mut signature = keys.sign(&offer.list);
        signature[5] ^= u8::from(!is_right);
        let last = Reply {
            signature: is_signed.then_some(signature),
            ..with_token(login(&exchange, [USER, PASSWORD], None))
        };
        if !is_right {
            assert_eq!(connection.token(&last.written()).await.status, "401");
            continue;
        }
        let end = connection.negotiated(last.written(), "200").await;
        assert_eq!(end.state, Some(State::Completed));
        assert_eq!(keys.verify(&offer.list, &end.signature.unwrap()), Ok(()));
        let form = MimeForm::Tabbed;
        let body = seal(&mut keys, Protocol::Spnego, form, IDENTIFY.as_bytes()).unwrap();
        let reply = connection.sealed(&body).await;
        assert_eq!(reply.status, "200");
        unseal(&mut keys, &reply.body, 10_000).unwrap();
    }
    let kerberos = NegTokenInit {
        list: list([Mechanism::Kerberos]),
        token: None,
    };
    let mut connection = Client::of(&simulator).await;
    let refused = connection.token(&kerberos.written()).await;
    assert_eq!(refused.header("www-authenticate"), Some("Negotiate"));
}
