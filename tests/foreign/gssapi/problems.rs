//! What goes wrong before a server is asked: it is told as a value, and nothing was sent.

use std::time::Duration;

use wsman::auth::LoginProblem;
use wsman::transport::TransportError;
use wsman::{Credentials, Delivery, Session};

use super::{kinit, tickets};
use crate::operations::share;

/// Nobody needs to listen there.
const HOST: &str = "http://localhost:1/wsman";

async fn problem(url: &str, credentials: impl Into<Credentials>) -> LoginProblem {
    let url = url.parse().unwrap();
    let builder = Session::builder(url).credentials(credentials);
    let session = builder.namespace("root/cimv2").build().unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    let cause = std::error::Error::source(&error).unwrap();
    let cause = cause.downcast_ref::<TransportError>().unwrap();
    cause.login_problem().unwrap_or_else(|| panic!("{error:?}"))
}

pub(crate) async fn no_ticket() {
    assert_eq!(problem(HOST, tickets()).await, LoginProblem::NoTicket);
}

pub(crate) async fn another_principal() {
    kinit(&[]);
    let another = Credentials::ticket_cache().principal("another@WSMAN.TEST");
    assert_eq!(problem(HOST, another).await, LoginProblem::NoTicket);
}

pub(crate) async fn expired() {
    kinit(&["-l", "1s"]);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(problem(HOST, tickets()).await, LoginProblem::TicketExpired);
}

pub(crate) async fn unknown_service() {
    kinit(&[]);
    for url in [
        "http://127.0.0.1:1/wsman",
        "http://[::1]:1/wsman",
        "http://nowhere.test/",
    ] {
        let problem = problem(url, tickets()).await;
        assert_eq!(problem, LoginProblem::UnknownService, "{url}");
    }
}

/// The ticket of the user is there, and nobody answers where the others come from.
pub(crate) async fn unreachable() {
    kinit(&[]);
    let file = std::env::var_os("KRB5_CONFIG").unwrap();
    let known = std::fs::read_to_string(&file).unwrap();
    let mut lines = known.lines().map(str::trim_start);
    let centre = lines.find(|line| line.starts_with("kdc = ")).unwrap();
    std::fs::write(&file, known.replace(centre, "kdc = 127.0.0.1:1")).unwrap();
    let problem = problem(HOST, tickets()).await;
    assert_eq!(problem, LoginProblem::KdcUnreachable);
}
