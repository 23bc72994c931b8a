//! Tests NTLM against pyspnego's own implementation.

use std::process::Command;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, Delivery, Error, Session};

use super::certificate::Certificate;
use super::{Acceptor, assert_all_was_sealed};
use crate::operations::{self, share};
use crate::programs::Program;
use crate::server::folder;

/// The server, and the folder of the file with its users; it has no realm.
pub(super) async fn acceptor(protocol: &str, mut settings: Json) -> (Acceptor, TempDir) {
    let folder = folder();
    let users = folder.path().join("users");
    std::fs::write(&users, format!(":{USER}:{PASSWORD}\n")).unwrap();
    let python = || {
        let mut python = Command::new(Program::Python.path());
        python.env("NTLM_USER_FILE", &users);
        python.env("KRB5_CONFIG", "/dev/null");
        python
    };
    settings["protocol"] = protocol.into();
    let acceptor = Acceptor::start(python, settings).await;
    (acceptor, folder)
}

fn session(acceptor: &Acceptor, password: &str) -> Session {
    let credentials = Credentials::ntlm(USER, password);
    acceptor.session(credentials).build().unwrap()
}

pub(crate) async fn every_mode_of_put() {
    let (acceptor, _users) = acceptor("ntlm", json!({})).await;
    operations::every_mode_of_put(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    let logins = acceptor.events("login");
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0]["who"], USER);
    assert_eq!(logins[0]["mechanism"], "ntlm");
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn rows() {
    let (acceptor, _users) = acceptor("ntlm", json!({})).await;
    operations::rows(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn sixteen_at_a_time() {
    let (acceptor, _users) = acceptor("ntlm", json!({})).await;
    operations::sixteen_at_a_time(&session(&acceptor, PASSWORD), &acceptor.simulator).await;
    acceptor.assert_one_login_for_each_connection();
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn wrong_password() {
    let (acceptor, _users) = acceptor("ntlm", json!({})).await;
    let session = session(&acceptor, "wrong");
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(acceptor.events("refused").len(), 1);
    assert!(acceptor.simulator.requests().is_empty());
}

pub(crate) async fn over_https() {
    let certificate = Certificate::new();
    let (acceptor, _users) = acceptor("ntlm", certificate.settings()).await;
    let credentials = Credentials::ntlm(USER, PASSWORD);
    let builder = acceptor.session(credentials).tls(certificate.tls());
    let session = builder.build().unwrap();
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    assert_eq!(acceptor.events("login").len(), 1);
    // TLS seals them.
    let messages = acceptor.events("message");
    assert!(messages.iter().all(|message| message["sealed"] == false));
}

pub(crate) async fn bound_to_another_certificate() {
    let certificate = Certificate::new();
    let (acceptor, _users) = acceptor("ntlm", certificate.settings_of_another()).await;
    let credentials = Credentials::ntlm(USER, PASSWORD);
    let builder = acceptor.session(credentials).tls(certificate.tls());
    let put = builder.build().unwrap().put_instance(&share("logs")).await;
    let error = put.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    let refused = acceptor.events("refused");
    let why = refused[0]["why"].as_str().unwrap();
    assert!(why.contains("bindings do not match"), "{why}");
    assert!(acceptor.simulator.requests().is_empty());
}
