//! Tests attacks by an intermediary.

use wsman::auth::DigestQop;
use wsman::simulator::DigestScheme;
use wsman::{Error, PutMode};

use crate::tap::{Tap, send};
use crate::{digest, server, session, share, statuses};

#[tokio::test]
async fn rejects_a_replayed_message() {
    let simulator = server(DigestScheme::new()).await;
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), digest());
    let made = session
        .put_instance(&share("logs"))
        .mode(PutMode::CreateOnly)
        .await;
    made.unwrap();
    let put = tap.requests().pop().unwrap();
    let answer = send(simulator.address(), &put).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(!answer.contains("stale"), "{answer}");
    // The session continues with the next count.
    session.identify().await.unwrap();
    assert_eq!(statuses(&simulator).last(), Some(&200));
}

#[tokio::test]
async fn auth_int_rejects_a_changed_body() {
    for (qop, is_noticed) in [(DigestQop::AuthInt, true), (DigestQop::Auth, false)] {
        let simulator = server(DigestScheme::new().qops([qop])).await;
        let tap = Tap::on(&simulator).await;
        tap.replace("C:\\logs", "C:\\evil");
        let session = session(tap.url(), digest());
        let logs = share("logs");
        let made = session.put_instance(&logs).mode(PutMode::CreateOnly).await;
        let path = wsman::InstancePath::new("Win32_Share").with_key("Name", "logs");
        if is_noticed {
            assert!(matches!(made, Err(Error::Auth(_))), "{made:?}");
            assert!(simulator.instance(&path).is_none());
        } else {
            made.unwrap();
            let made = simulator.instance(&path).unwrap();
            assert_eq!(made.get::<String>("Path").unwrap(), r"C:\evil");
        }
    }
}

#[tokio::test]
async fn a_digest_response_is_bound_to_its_path() {
    let simulator = server(DigestScheme::new()).await;
    let tap = Tap::on(&simulator).await;
    session(tap.url(), digest()).identify().await.unwrap();
    let identify = tap.requests().pop().unwrap();
    let text = String::from_utf8(identify).unwrap();
    let moved = text.replace("POST /wsman ", "POST /wsman-anon ");
    let moved = moved.replace("nc=00000001", "nc=00000009");
    let answer = send(simulator.address(), moved.as_bytes()).await;
    assert!(answer.starts_with(b"HTTP/1.1 401 "));
}
