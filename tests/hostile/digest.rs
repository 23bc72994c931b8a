//! Tests Digest over plain HTTP: an attacker on the path can forge or replay a 401.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use wsman::{Credentials, Delivery, Error};

use crate::operations::{Operation, READS, WRITES};
use crate::server::{Seen, Server, envelope, header, http, soap};

fn credentials() -> Credentials {
    Credentials::digest("ops", "hunter2")
}

fn challenge(nonce: usize, more: &str) -> Vec<u8> {
    let offer =
        format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"n{nonce}\", qop=\"auth\"{more}\r\n");
    http(401, &offer, "")
}

/// Returns the nonce of a request's Digest response.
fn nonce(seen: &Seen) -> Option<String> {
    let login = seen.http("authorization")?;
    let (_, rest) = login.split_once("nonce=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// Returns the correct response to a request; `None` to an empty message.
fn done(seen: &Seen, operation: Operation) -> Option<Vec<u8>> {
    let identity = "<i:IdentifyResponse \
        xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"/>";
    match seen.body.as_str() {
        "" => None,
        body if body.contains("Identify") => Some(soap(200, &envelope("", &[identity]))),
        _ => Some(soap(200, &envelope(&header(seen), &[operation.body]))),
    }
}

/// Creates a session without callbacks, which would need messages of their own.
fn writes() -> impl Iterator<Item = Operation> {
    WRITES
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at != 3)
        .map(|(_, write)| write)
}

/// The server processes the message, and an attacker on the path forges the response.
#[tokio::test]
async fn does_not_repeat_a_write_after_a_forged_401() {
    for lie in [
        challenge(2, ", stale=true"),
        challenge(2, ""),
        challenge(1, ""),
        http(401, "WWW-Authenticate: Basic realm=\"r\"\r\n", ""),
        http(401, "", ""),
    ] {
        for operation in writes() {
            let answer = lie.clone();
            let server = Server::start(move |seen| match nonce(seen) {
                None => challenge(1, ""),
                Some(_) => answer.clone(),
            })
            .await;
            let session = server.session_of(credentials());
            let error = (operation.perform)(session).await.unwrap_err();
            let case = format!("{}: {error:?}", operation.name);
            assert!(matches!(error, Error::Auth(_)), "{case}");
            assert_eq!(error.delivery(), Delivery::Unknown, "{case}");
            assert_eq!(server.count(operation.name), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn does_not_repeat_a_write_after_a_second_401() {
    for operation in writes() {
        let server = Server::start(move |seen| match nonce(seen) {
            None => challenge(1, "").repeat(2),
            Some(_) => done(seen, operation).unwrap(),
        })
        .await;
        let outcome = (operation.perform)(server.session_of(credentials())).await;
        if let Err(error) = outcome {
            assert_ne!(error.delivery(), Delivery::Answered, "{error:?}");
        }
        assert!(server.count(operation.name) <= 1);
    }
}

/// A server that challenges after receiving the message has not performed it.
#[tokio::test]
async fn repeats_an_unauthenticated_message_with_a_login() {
    let operation = WRITES[0];
    let server = Server::start(move |seen| match (done(seen, operation), nonce(seen)) {
        (None, _) => http(404, "", ""),
        (Some(_), None) => challenge(1, ""),
        (Some(done), Some(_)) => done,
    })
    .await;
    (operation.perform)(server.session_of(credentials()))
        .await
        .unwrap();
    assert_eq!(server.count("Put"), 2);
}

/// A read may be repeated: it changes nothing.
#[tokio::test]
async fn repeats_a_read_with_another_nonce() {
    let operation = READS[0];
    let server = Server::start(move |seen| match nonce(seen).as_deref() {
        None => challenge(1, ""),
        Some("n1") => challenge(2, ", stale=true"),
        Some(_) => done(seen, operation).unwrap(),
    })
    .await;
    (operation.perform)(server.session_of(credentials()))
        .await
        .unwrap();
    assert_eq!(server.count("Get"), 2);
}

/// A server like Intel AMT: its nonces expire after some uses or some time, and it closes the
/// connection after a 401.
fn amt(operation: Operation, uses: usize, lifetime: Duration) -> impl Fn(&Seen) -> Vec<u8> {
    let nonces: Mutex<HashMap<String, (usize, Instant)>> = Mutex::default();
    move |seen| {
        let mut nonces = nonces.lock().unwrap();
        let name = nonce(seen);
        let known = name.as_ref().and_then(|name| nonces.get_mut(name));
        let is_good = known.is_some_and(|(used, since)| {
            *used += 1;
            *used <= uses && since.elapsed() < lifetime
        });
        if let Some(done) = done(seen, operation).filter(|_| is_good) {
            return done;
        }
        let number = nonces.len();
        nonces.insert(format!("n{number}"), (0, Instant::now()));
        let stale = if name.is_some() { ", stale=true" } else { "" };
        let answer = String::from_utf8(challenge(number, stale)).unwrap();
        let closes = "\r\nConnection: close\r\nContent";
        answer.replace("\r\nContent", closes).into_bytes()
    }
}

#[tokio::test]
async fn writes_continue_when_nonces_expire_with_time() {
    let operation = WRITES[0];
    let lifetime = Duration::from_millis(200);
    let server = Server::start(amt(operation, usize::MAX, lifetime)).await;
    let session = server.session_of(credentials());
    for pause in [0, 20, 300, 0, 300] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        (operation.perform)(session.clone()).await.unwrap();
    }
    assert_eq!(server.count("Put"), 5);
}

#[tokio::test]
async fn writes_continue_when_nonces_expire_with_use() {
    let operation = WRITES[0];
    let forever = Duration::from_secs(3600);
    for uses in 1..=6 {
        let server = Server::start(amt(operation, uses, forever)).await;
        let session = server.session_of(credentials());
        let mut in_doubt = 0;
        for _ in 0..12 {
            match (operation.perform)(session.clone()).await {
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
                    in_doubt += 1;
                }
            }
        }
        // The client learns the number of uses from the first nonce that was used once too often.
        let most = if uses % 2 == 1 { 0 } else { 1 };
        assert!(in_doubt <= most, "{uses}: {in_doubt}");
        assert_eq!(server.count("Put"), 12, "{uses}");
    }
}

/// A server whose nonces end without a word: by RFC 7616 its refusal means the password. One operation
/// fails; then the session knows the server.
#[tokio::test]
async fn learns_that_nonces_expire_without_a_word() {
    let operation = READS[0];
    let nonces: Mutex<HashMap<String, usize>> = Mutex::default();
    let server = Server::start(move |seen| {
        let mut nonces = nonces.lock().unwrap();
        let uses = nonce(seen).and_then(|name| {
            let uses = nonces.get_mut(&name)?;
            *uses += 1;
            Some(*uses)
        });
        match (done(seen, operation), uses) {
            (Some(done), Some(1..=2)) => done,
            _ => {
                let number = nonces.len();
                nonces.insert(format!("n{number}"), 0);
                challenge(number, "")
            }
        }
    })
    .await;
    let session = server.session_of(credentials());
    for number in 0..12 {
        let read = (operation.perform)(session.clone()).await;
        assert_eq!(read.is_err(), number == 2, "{number}: {read:?}");
    }
}
