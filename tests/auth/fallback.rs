//! Tests the fallbacks after a server that rejects Digest or does not offer it, and the text of the
//! error.

use wsman::simulator::{Dialect, DigestScheme, Knob, LoginScheme, PASSWORD, USER, sample};
use wsman::transport::http::{HttpOptions, HttpTransport, SetupError};
use wsman::{Credentials, Delivery, Error, Session};

use crate::{digest, openwsman, server, session, share, statuses};

fn either() -> Credentials {
    Credentials::digest_or_basic(USER, PASSWORD)
}

#[tokio::test]
async fn falls_back_to_basic_if_the_caller_allows_it() {
    // As recorded: the server offers both and rejects every Digest response.
    let recorded = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let session = session(recorded.url(), either());
    session.put_instance(&share("logs")).await.unwrap();
    session.identify().await.unwrap();
    let statuses = statuses(&recorded);
    assert_eq!(statuses[..2], [401, 401]);
    assert!(!statuses[2..].contains(&401), "{statuses:?}");
}

#[tokio::test]
async fn falls_back_to_basic_if_digest_is_not_offered() {
    let simulator = openwsman([LoginScheme::Basic]).await;
    let session = session(simulator.url(), either());
    session.identify().await.unwrap();
    session.identify().await.unwrap();
    assert_eq!(statuses(&simulator), [401, 200, 200]);
}

#[tokio::test]
async fn does_not_fall_back_to_basic_by_default() {
    let both = openwsman([LoginScheme::Basic, LoginScheme::Digest(DigestScheme::new())]).await;
    let session_of = |password: &str| session(both.url(), Credentials::digest(USER, password));
    let error = session_of("wrong").identify().await.unwrap_err();
    assert_auth(
        &error,
        "login failed: HTTP 401: the server refused the login; the server offers Basic, Digest; \
         tried: Digest (SHA-256, auth)",
    );
    // Over plain HTTP, an attacker can forge the 401 to a write.
    let wrong = session_of("wrong");
    let error = wrong.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    let basic = openwsman([LoginScheme::Basic]).await;
    let error = session(basic.url(), digest()).identify().await.unwrap_err();
    assert_auth(
        &error,
        "login failed: HTTP 401: the server refused the login; the server offers Basic; \
         tried: Digest (the server offered no supported form)",
    );
    assert_eq!(statuses(&basic), [401]);
}

#[tokio::test]
async fn the_error_lists_the_tried_schemes() {
    let windows = sample().start().await.unwrap();
    let wrong = Credentials::digest_or_basic(USER, "wrong");
    let error = session(windows.url(), wrong).identify().await.unwrap_err();
    assert_auth(
        &error,
        "login failed: HTTP 401: the server refused the login; the server offers Negotiate, Basic; \
         tried: Digest (the server offered no supported form), then Basic",
    );
    let wrong = Credentials::basic(USER, "wrong");
    let error = session(windows.url(), wrong).identify().await.unwrap_err();
    assert_auth(
        &error,
        "login failed: HTTP 401: the server refused the login; the server offers Negotiate, Basic; tried: Basic",
    );
    let error = session(windows.url(), Credentials::none()).identify().await;
    assert_auth(
        &error.unwrap_err(),
        "login failed: HTTP 401: the server refused the login; the server offers Negotiate, Basic",
    );
}

fn assert_auth(error: &Error, text: &str) {
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    // The tests of the causes cover the likely reasons.
    let shown = error.to_string();
    let (context, shown) = shown.split_once("/wsman: ").unwrap();
    assert!(context.starts_with("identify on http://"), "{context}");
    let facts = shown
        .split_once("; likely: ")
        .map_or(shown, |(facts, _)| facts);
    assert_eq!(facts, text);
    assert_eq!(error.http_status(), Some(401));
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test]
async fn an_anonymous_identify_requests_no_challenge() {
    let simulator = server(DigestScheme::new()).await;
    let session = session(simulator.url(), digest());
    session.identify().anonymous().await.unwrap();
    assert_eq!(statuses(&simulator), [200]);
}

#[tokio::test]
async fn reports_an_unreachable_server_as_not_sent() {
    let simulator = server(DigestScheme::new()).await;
    let session = session(simulator.url(), digest());
    simulator.refuse().await;
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn reports_a_lost_opening_as_not_sent() {
    let simulator = server(DigestScheme::new()).await;
    let session = session(simulator.url(), digest());
    simulator.next(Knob::CutRequestAt(20));
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
}

#[test]
fn digest_over_plain_http_requires_allow_unencrypted() {
    let url = || "http://host.example/wsman".parse().unwrap();
    for credentials in [digest(), either()] {
        let options = HttpOptions::new(url()).credentials(credentials.clone());
        let refused = HttpTransport::new(options).unwrap_err();
        assert!(matches!(refused, SetupError::Unencrypted));
        let refused = Session::builder(url()).credentials(credentials).build();
        assert!(matches!(refused, Err(Error::Config(_))));
    }
    let control = Credentials::digest("o\r\nps", "x");
    let options = HttpOptions::new("https://host.example/".parse().unwrap());
    let refused = HttpTransport::new(options.credentials(control)).unwrap_err();
    assert!(matches!(refused, SetupError::Credentials(_)));
}
