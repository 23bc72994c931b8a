//! Tests the choice of the strongest scheme that the server supports.

use wsman::simulator::{Dialect, DigestScheme, LoginScheme, NtlmScheme, PASSWORD, USER, sample};
use wsman::transport::Proxy;
use wsman::{Credentials, Error, Session, SessionBuilder};

use crate::tap::Tap;
use crate::{openwsman, share, statuses};

fn builder(url: url::Url, password: &str) -> SessionBuilder {
    Session::builder(url)
        .credentials(Credentials::password(USER, password))
        .namespace("root/cimv2")
}

fn session(url: url::Url, password: &str) -> Session {
    builder(url, password).allow_unencrypted().build().unwrap()
}

fn digest() -> LoginScheme {
    LoginScheme::Digest(DigestScheme::new())
}

fn ntlm() -> LoginScheme {
    LoginScheme::Ntlm(NtlmScheme::new())
}

#[tokio::test]
async fn prefers_negotiate_and_seals() {
    let simulator = sample().logins([LoginScheme::Basic, digest(), ntlm()]);
    let simulator = simulator.start().await.unwrap();
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), PASSWORD);
    session.put_instance(&share("secretname")).await.unwrap();
    let sent = tap.requests().concat();
    let text = String::from_utf8_lossy(&sent).to_lowercase();
    assert!(text.contains("http-spnego-session-encrypted"));
    for clear in ["secretname", "basic ", "digest "] {
        assert!(!text.contains(clear), "{clear}");
    }
    assert_eq!(simulator.connections(), 1);
}

/// The response does not prove that the server lacks Negotiate, and the password would be sent
/// unsealed.
#[tokio::test]
async fn does_not_fall_back_after_a_response_without_challenges() {
    for status in [400, 403, 503] {
        let simulator = sample().start().await.unwrap();
        let tap = Tap::on(&simulator).await;
        let answer = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n");
        tap.lie(answer.as_bytes());
        let session = session(tap.url(), PASSWORD);
        session.identify().await.unwrap_err();
        let requests = tap.requests();
        assert_eq!(requests.len(), 1, "{status}");
        assert!(!String::from_utf8_lossy(&requests.concat()).contains("asic "));
    }
}

#[tokio::test]
async fn falls_back_to_digest_if_negotiate_is_not_offered() {
    let simulator = sample().logins([LoginScheme::Basic, digest()]);
    let simulator = simulator.start().await.unwrap();
    let session = session(simulator.url(), PASSWORD);
    session.identify().await.unwrap();
    session.identify().await.unwrap();
    // The server answered the Negotiate token with a Digest challenge; the client sent it once.
    assert_eq!(statuses(&simulator), [401, 200, 200]);
}

#[tokio::test]
async fn falls_back_to_basic_after_digest_is_rejected() {
    let recorded = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let session = session(recorded.url(), PASSWORD);
    session.identify().await.unwrap();
    session.put_instance(&share("logs")).await.unwrap();
    let statuses = statuses(&recorded);
    assert_eq!(statuses[..2], [401, 401]);
    assert!(!statuses[2..].contains(&401), "{statuses:?}");
}

/// OMI does not answer a message without a login, so every message has one.
#[tokio::test]
async fn sends_basic_with_every_message() {
    let simulator = sample().dialect(Dialect::Omi).logins([LoginScheme::Basic]);
    let simulator = simulator.start().await.unwrap();
    let tap = Tap::on(&simulator).await;
    session(tap.url(), PASSWORD).identify().await.unwrap();
    assert_eq!(statuses(&simulator), [401, 200]);
    let requests = tap.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        assert!(text.contains("authorization: "), "{text}");
    }
}

#[tokio::test]
async fn does_not_fall_back_over_plain_http_by_default() {
    let simulator = openwsman([LoginScheme::Basic, digest()]).await;
    let session = builder(simulator.url(), PASSWORD).build().unwrap();
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(statuses(&simulator), [401]);
}

#[tokio::test]
async fn does_not_retry_a_password_that_negotiate_rejected() {
    let simulator = sample().logins([LoginScheme::Basic, digest(), ntlm()]);
    let simulator = simulator.start().await.unwrap();
    let session = session(simulator.url(), "wrong");
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("then NTLM (refused at step 2 of 2); likely"),
        "{text}"
    );
    assert_eq!(statuses(&simulator), [401, 401]);
}

#[tokio::test]
async fn the_error_lists_the_tried_schemes() {
    let simulator = sample().logins([LoginScheme::Basic]).start().await.unwrap();
    let error = session(simulator.url(), "wrong").identify().await;
    let text = error.unwrap_err().to_string();
    let tried = "then NTLM (refused at step 1 of 2), then \
                 Digest (the server offered no supported form), then Basic";
    assert!(text.contains(tried), "{text}");
}

/// A proxy that forwards plain HTTP uses its own connections, to which no login can be bound.
#[tokio::test]
async fn a_forwarding_proxy_limits_to_weaker_schemes() {
    let proxy = || Proxy::new("http://proxy.example".parse().unwrap());
    let url = || "http://host.example/wsman".parse().unwrap();
    let refused = builder(url(), PASSWORD).proxy(proxy()).build();
    assert!(matches!(refused, Err(Error::Config(_))));
    let allowed = builder(url(), PASSWORD).proxy(proxy()).allow_unencrypted();
    assert!(allowed.build().is_ok());
}
