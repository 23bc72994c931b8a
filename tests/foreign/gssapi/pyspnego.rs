//! Tests against pyspnego, which opens and seals messages with MIT's library.

use std::process::Command;

use serde_json::{Value as Json, json};
use wsman::auth::ServicePrincipal;
use wsman::{Delivery, Error, Session};

use super::{kinit, tickets, user};
use crate::operations::{self, share};
use crate::programs::Program;
use crate::pyspnego::certificate::Certificate;
use crate::pyspnego::{Acceptor, assert_all_was_sealed};

async fn acceptor(settings: Json) -> Acceptor {
    kinit(&[]);
    Acceptor::start(|| Command::new(Program::Python.path()), settings).await
}

async fn stage() -> (Acceptor, Session) {
    let acceptor = acceptor(json!({})).await;
    let session = acceptor.session(tickets()).build().unwrap();
    (acceptor, session)
}

pub(crate) async fn every_mode_of_put() {
    let (acceptor, session) = stage().await;
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    let logins = acceptor.events("login");
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0]["who"], user());
    assert_eq!(logins[0]["mechanism"], "kerberos");
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn rows() {
    let (acceptor, session) = stage().await;
    operations::rows(&session, &acceptor.simulator).await;
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn sixteen_at_a_time() {
    let (acceptor, session) = stage().await;
    operations::sixteen_at_a_time(&session, &acceptor.simulator).await;
    acceptor.assert_one_login_for_each_connection();
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn over_https() {
    let certificate = Certificate::new();
    let acceptor = acceptor(certificate.settings()).await;
    let builder = acceptor.session(tickets()).tls(certificate.tls());
    let session = builder.build().unwrap();
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    assert_eq!(acceptor.events("login").len(), 1);
    assert!(acceptor.events("refused").is_empty());
}

/// The URL has an address, for which the realm has no principal.
pub(crate) async fn service_principal() {
    let acceptor = acceptor(json!({})).await;
    let mut url = acceptor.url();
    url.set_host(Some("127.0.0.1")).unwrap();
    let session = Session::builder(url)
        .credentials(tickets())
        .service_principal(ServicePrincipal::new().host("localhost"))
        .build()
        .unwrap();
    session.identify().await.unwrap();
    assert_eq!(acceptor.events("login").len(), 1);
}

pub(crate) async fn bound_to_another_certificate() {
    let certificate = Certificate::new();
    let acceptor = acceptor(certificate.settings_of_another()).await;
    let builder = acceptor.session(tickets()).tls(certificate.tls());
    let session = builder.build().unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(
        error.to_string().contains("a ticket of the system"),
        "{error}"
    );
    assert_eq!(error.delivery(), Delivery::Answered);
    let refused = acceptor.events("refused");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(acceptor.simulator.requests().is_empty());
}
