//! The limits of a login, and the list of them in the documentation.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::handshake::{LARGE, large, token_of};
use super::*;
use crate::auth::limits;
use crate::auth::negotiate::scripted::scripted;
use crate::transport::http::channel::{BUFFER, Dialler, Pool};
use crate::transport::http::connections::Outgoing;
use crate::transport::http::options::{MimeForm as FormOption, Route};
use crate::transport::kdc::{KerberosSettings, deadline, limits as kdc};
use crate::transport::{IncomingMessage, OutgoingMessage, WholeAnswer};

/// Logs in to a server that asks for this many steps; returns the error, and the steps that it saw.
async fn log_in(steps: usize, limits: LoginLimits) -> (Option<String>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}/wsman", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = 0;
        let mut head = Vec::new();
        while let Ok(byte) = stream.read_u8().await {
            head.push(byte);
            if head.ends_with(b"\r\n\r\n") {
                head.clear();
                seen += 1;
                let status = if seen < steps {
                    "401 Unauthorized"
                } else {
                    "200 OK"
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nWWW-Authenticate: Negotiate dG9rZW4=\r\nContent-Length: 0\r\n\r\n"
                );
                let answer = if seen < steps {
                    answer
                } else {
                    answer.replace(" dG9rZW4=", "")
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
        seen
    });
    let second = Duration::from_secs(5);
    let dialler = Dialler::new(&url, second, None, &Route::Direct, None).unwrap();
    let settings = LoginSettings {
        url: &url,
        dialler: &dialler,
        may_be_unsealed: true,
        probe: Bytes::new(),
        limits,
        mime_form: FormOption::Tabbed,
        kerberos: KerberosSettings::default(),
    };
    let login = ConnectionOriented::new(&Credentials::ntlm("ops", "x"), settings, false);
    let login = login.unwrap().unwrap();
    let connections =
        Connections::new(url, dialler, Arc::new(Pool::new(1, second)), second).unwrap();
    let message = OutgoingMessage::new("").whole().await.unwrap();
    let kdcs = login.kdcs.until(deadline(second));
    let script = Box::new(scripted("token", steps));
    let opening = login.log_in_by(script, &connections, &message, &kdcs).await;
    let error = match opening {
        Ok(Opening::Open(_)) => None,
        Ok(Opening::Refused(answer)) => Some(format!("refused: {}", answer.status)),
        Err(error) => Some(error.to_string()),
    };
    drop(connections);
    (error, server.await.unwrap())
}

#[tokio::test]
async fn a_login_has_a_limit_of_steps() {
    let mut limits = LoginLimits::default();
    for most in [limits.steps, 2, 12] {
        limits.steps = most;
        assert_eq!(log_in(most, limits).await, (None, most));
        let (error, seen) = log_in(most + 1, limits).await;
        let expected = format!("the server asked for more than {most} steps (LoginLimits::steps)");
        assert_eq!((error, seen), (Some(expected), most));
    }
}

/// Returns the error for an answer whose head has this length.
async fn head(length: usize) -> Option<TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let url: url::Url = url.parse().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        let start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
        let filler = "a".repeat(length - start.len() - 4);
        // The client may close the connection before the end.
        let _ = stream
            .write_all(format!("{start}{filler}\r\n\r\n").as_bytes())
            .await;
        let _ = stream.read_u8().await;
    });
    let second = Duration::from_secs(5);
    let dialler = Dialler::new(&url, second, None, &Route::Direct, None).unwrap();
    let connections =
        Connections::new(url, dialler, Arc::new(Pool::new(1, second)), second).unwrap();
    let error = connections.begin(Outgoing::default(), 100).await.err();
    drop(connections);
    server.await.unwrap();
    error
}

#[tokio::test]
async fn the_head_of_an_answer_has_a_limit() {
    assert!(head(BUFFER).await.is_none());
    let error = head(3 * BUFFER).await.unwrap();
    assert_eq!(error.kind(), TransportErrorKind::HeadTooLarge);
    let expected = "the head of the answer is larger than 65536 bytes, or has more than 100 headers (SessionBuilder::head_limit)";
    assert_eq!(error.to_string(), expected);
}

fn answer(header: String) -> WholeAnswer {
    let answer = IncomingMessage::new(401, "").with_header("www-authenticate", header);
    answer.split().0.with_body(Bytes::new())
}

#[test]
fn a_token_has_a_limit() {
    use base64::Engine as _;
    let encoded = |length: usize| {
        let token = base64::engine::general_purpose::STANDARD.encode(vec![7; length]);
        answer(format!("Negotiate {token}"))
    };
    let mut limits = LoginLimits::default();
    for most in [limits.token_bytes, 100, 35_000] {
        limits.token_bytes = most;
        let token = token_of(&encoded(most), "Negotiate", &limits).unwrap();
        assert_eq!(token, Some(vec![7; most]));
        let error = token_of(&encoded(most + 1), "Negotiate", &limits).unwrap_err();
        let expected = format!(
            "the server sent a token of {} bytes; the limit is {most} (LoginLimits::token_bytes)",
            most + 1
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), TransportErrorKind::Login);
    }
}

#[test]
fn a_header_with_challenges_has_a_limit() {
    let filled = |length: usize| answer(format!("Negotiate dG9rZW4=,{}", " ".repeat(length - 19)));
    let mut limits = LoginLimits::default();
    for most in [limits.header_bytes, 100, 60_000] {
        limits.header_bytes = most;
        let token = token_of(&filled(most), "Negotiate", &limits).unwrap();
        assert_eq!(token, Some(b"token".to_vec()));
        let error = token_of(&filled(most + 1), "Negotiate", &limits).unwrap_err();
        let expected = format!(
            "the server sent a WWW-Authenticate header of {} bytes; \
            the limit is {most} (LoginLimits::header_bytes)",
            most + 1
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn only_a_large_ticket_is_blamed_for_its_size() {
    let token = vec![7; LARGE + 1];
    for status in [400, 431] {
        assert_eq!(large(&token, status), Some(LARGE + 1));
        assert_eq!(large(&token[1..], status), None);
    }
    assert_eq!(large(&token, 401), None);
}

/// A damaged token is no refusal of the password.
#[test]
fn a_token_that_is_cut_or_changed_is_no_missing_token() {
    let header = "Negotiate dG9rZW5zIQ==";
    let start = "Negotiate ".len();
    for at in start..header.len() {
        let cut = header[..at].trim_end().to_owned();
        let found = token_of(&answer(cut.clone()), "Negotiate", &LoginLimits::DEFAULT);
        match (at - start) % 4 {
            0 if at == start => assert_eq!(found.unwrap(), None),
            0 => assert_eq!(found.unwrap().unwrap(), b"tokens!"[..(at - start) / 4 * 3]),
            _ => {
                let error = found.unwrap_err();
                assert!(
                    error.to_string().contains("not valid Base64"),
                    "{cut}: {error}"
                );
            }
        }
    }
}

/// The tokens of a server fit their header, and that fits the head of an answer.
const _: () = {
    let limits = LoginLimits::DEFAULT;
    assert!("Negotiate ".len() + limits.token_bytes.div_ceil(3) * 4 <= limits.header_bytes);
    assert!(limits.header_bytes + 4096 <= BUFFER);
};

/// Writes a number as the documentation does: `65,536`.
fn number(value: impl TryInto<u64>) -> String {
    let digits = value.try_into().unwrap_or_default().to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b',')).unwrap()
}

#[test]
fn the_documentation_lists_the_limits() {
    let login = LoginLimits::default();
    let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/logging-in.md"));
    let text = text
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for sentence in [
        format!(
            "A login of the connection has at most {} steps.",
            login.steps
        ),
        format!(
            "A token of the server has at most {} bytes",
            number(login.token_bytes)
        ),
        format!("`WWW-Authenticate` {} bytes", number(login.header_bytes)),
        format!("the head of an answer {} bytes.", number(BUFFER)),
        format!(
            "An answer has at most {0} challenges, and a challenge {0} parameters",
            login.challenges
        ),
        format!(
            "A nonce, a realm or an opaque value of Digest has at most {} bytes",
            number(login.digest_bytes)
        ),
        format!("at most {} KDCs", kdc::SERVERS),
        format!("a KDC {} addresses", kdc::ADDRESSES),
        format!("remembered for {} realms", kdc::REALMS),
        format!(
            "at most {} over TCP",
            mib(u64::try_from(login.kdc_answer_bytes).unwrap())
        ),
        format!(
            "A request over UDP has at most {} bytes",
            number(kdc::UDP_BYTES)
        ),
        format!("A ticket takes at most {} messages", login.ticket_messages),
        format!(
            "A name of Kerberos has at most {} parts, and a part or a realm {} bytes.",
            limits::NAME_PARTS,
            number(limits::NAME_BYTES)
        ),
        format!(
            "`krb5.conf` has at most {}, {} files, {} lines, and {} nested includes or braces.",
            mib(kdc::CONF_BYTES),
            kdc::CONF_FILES,
            number(kdc::CONF_LINES),
            kdc::CONF_DEPTH
        ),
        format!(
            "A keytab has at most {} and {} keys.",
            mib(kdc::KEYTAB_BYTES),
            number(limits::KEYTAB_KEYS)
        ),
    ] {
        assert!(
            text.contains(&sentence),
            "docs/logging-in.md lacks: {sentence}"
        );
    }
}
