//! The strongest scheme that the server takes.

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
async fn negotiate_comes_first_and_seals() {
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

/// Nothing says that it does not know Negotiate, and the password would be in the clear.
#[tokio::test]
async fn nothing_weaker_follows_an_answer_that_offers_nothing() {
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
async fn digest_follows_where_negotiate_is_not_known() {
    let simulator = sample().logins([LoginScheme::Basic, digest()]);
    let simulator = simulator.start().await.unwrap();
    let session = session(simulator.url(), PASSWORD);
    session.identify().await.unwrap();
    session.identify().await.unwrap();
    // The offer of Negotiate was answered with a challenge of Digest, and was made once.
    assert_eq!(statuses(&simulator), [401, 200, 200]);
}

#[tokio::test]
async fn basic_follows_where_digest_is_offered_and_refused() {
    let recorded = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let session = session(recorded.url(), PASSWORD);
    session.identify().await.unwrap();
    session.put_instance(&share("logs")).await.unwrap();
    let statuses = statuses(&recorded);
    assert_eq!(statuses[..2], [401, 401]);
    assert!(!statuses[2..].contains(&401), "{statuses:?}");
}

/// OMI does not answer a message that has no login: every one has.
#[tokio::test]
async fn every_message_to_a_server_with_basic_has_a_login() {
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
async fn nothing_weaker_goes_over_plain_http_where_nobody_said_so() {
    let simulator = openwsman([LoginScheme::Basic, digest()]).await;
    let session = builder(simulator.url(), PASSWORD).build().unwrap();
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(statuses(&simulator), [401]);
}

#[tokio::test]
async fn a_password_that_negotiate_has_refused_is_not_tried_again() {
    let simulator = sample().logins([LoginScheme::Basic, digest(), ntlm()]);
    let simulator = simulator.start().await.unwrap();
    let session = session(simulator.url(), "wrong");
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("then NTLM (refused at leg 2 of 2); likely"),
        "{text}"
    );
    assert_eq!(statuses(&simulator), [401, 401]);
}

#[tokio::test]
async fn the_error_says_all_that_was_tried() {
    let simulator = sample().logins([LoginScheme::Basic]).start().await.unwrap();
    let error = session(simulator.url(), "wrong").identify().await;
    let text = error.unwrap_err().to_string();
    let tried = "then NTLM (refused at leg 1 of 2), then \
                 Digest (not offered in a form known here), then Basic";
    assert!(text.contains(tried), "{text}");
}

/// A proxy that forwards plain HTTP has connections of its own, to which no login can be bound.
#[tokio::test]
async fn a_forwarding_proxy_leaves_the_weaker_schemes() {
    let proxy = || Proxy::new("http://proxy.example".parse().unwrap());
    let url = || "http://host.example/wsman".parse().unwrap();
    let refused = builder(url(), PASSWORD).proxy(proxy()).build();
    assert!(matches!(refused, Err(Error::Config(_))));
    let allowed = builder(url(), PASSWORD).proxy(proxy()).allow_unencrypted();
    assert!(allowed.build().is_ok());
}
