//! Tests SPNEGO against pyspnego's own implementation: both sides sign the offered mechanisms.

use serde_json::json;
use wsman::simulator::{LoginScheme, NtlmScheme, PASSWORD, USER, sample};
use wsman::{Credentials, Error, Session};

use super::certificate::Certificate;
use super::ntlm::acceptor;
use super::{Acceptor, assert_all_was_sealed};
use crate::operations::{self, share};
use crate::programs::Program;
use crate::realm::{REALM, Realm};

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

/// The client offers a ticket first. The server, which has no key to decrypt it, chooses NTLM, and both
/// sign the offer. The simulator replaces pyspnego here, which would read the ticket as an NTLM
/// message.
pub(crate) async fn ntlm_chosen_after_a_ticket() {
    let realm = Realm::start().await;
    let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(schemes).start().await.unwrap();
    let port = simulator.address().port();
    let user = [REALM, "\\", USER].concat();
    let session = Session::builder(format!("http://localhost:{port}/wsman"))
        .credentials(Credentials::negotiate(user, PASSWORD))
        .krb5_conf(realm.krb5_conf())
        .namespace("root/cimv2")
        .build()
        .unwrap();
    operations::every_mode_of_put(&session, &simulator).await;
    // The ticket, the two messages of NTLM, and then messages: the first probes the form of sealing.
    let statuses = simulator.requests().into_iter().map(|seen| seen.status);
    let statuses: Vec<_> = statuses.take(4).flatten().collect();
    assert_eq!(statuses, [401, 401, 200, 200]);
}

/// The server reads the ticket that was offered first.
pub(crate) async fn a_ticket_before_ntlm() {
    let realm = Realm::start().await;
    let python = || realm.command(Program::Python.path());
    let acceptor = Acceptor::start(python, json!({"protocol": PROTOCOL})).await;
    let user = [REALM, "\\", USER].concat();
    let builder = acceptor.session(Credentials::negotiate(user, PASSWORD));
    let session = builder.krb5_conf(realm.krb5_conf()).build().unwrap();
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    let logins = acceptor.events("login");
    assert_eq!(logins[0]["mechanism"], "kerberos", "{logins:?}");
    assert_all_was_sealed(&acceptor);
}
