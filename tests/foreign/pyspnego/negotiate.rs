//! SPNEGO, with pyspnego's own implementation of it: both sides sign what was offered.

use serde_json::json;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, Error, Session};

use super::certificate::Certificate;
use super::ntlm::acceptor;
use super::{Acceptor, assert_all_was_sealed};
use crate::operations::{self, share};

const PROTOCOL: &str = "negotiate";

fn session(acceptor: &Acceptor, password: &str) -> Session {
    let credentials = Credentials::negotiate(USER, password);
    acceptor.session(credentials).build().unwrap()
}

pub(crate) async fn every_mode_of_put() {
    let (acceptor, _users) = acceptor(PROTOCOL, json!({})).await;
    operations::every_mode_of_put(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    let logins = acceptor.events("login");
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0]["who"], USER);
    assert_eq!(logins[0]["mechanism"], "ntlm");
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn rows() {
    let (acceptor, _users) = acceptor(PROTOCOL, json!({})).await;
    operations::rows(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn sixteen_at_a_time() {
    let (acceptor, _users) = acceptor(PROTOCOL, json!({})).await;
    operations::sixteen_at_a_time(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    acceptor.assert_one_login_for_each_connection();
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn wrong_password() {
    let (acceptor, _users) = acceptor(PROTOCOL, json!({})).await;
    let session = session(&acceptor, "wrong");
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(acceptor.events("refused").len(), 1);
    assert!(acceptor.simulator.requests().is_empty());
}

pub(crate) async fn over_https() {
    let certificate = Certificate::new();
    let (acceptor, _users) = acceptor(PROTOCOL, certificate.settings()).await;
    let credentials = Credentials::negotiate(USER, PASSWORD);
    let builder = acceptor.session(credentials).tls(certificate.tls());
    let session = builder.build().unwrap();
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    assert_eq!(acceptor.events("login").len(), 1);
}
