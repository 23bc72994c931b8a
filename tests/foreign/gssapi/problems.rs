//! Tests faults before a server is contacted: each is reported as a value, and nothing was sent.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use wsman::auth::{LoginCause, LoginProblem};
use wsman::transport::TransportError;
use wsman::{Credentials, Delivery, Error, Session};

use super::{kinit, tickets};
use crate::operations::share;

/// No server needs to listen there.
const HOST: &str = "http://localhost:1/wsman";

async fn refused(url: &str, credentials: impl Into<Credentials>) -> Error {
    let url: url::Url = url.parse().unwrap();
    let builder = Session::builder(url).credentials(credentials);
    let session = builder.namespace("root/cimv2").build().unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    error
}

async fn problem(url: &str, credentials: impl Into<Credentials>) -> LoginProblem {
    let error = refused(url, credentials).await;
    let cause = error.caused_by::<TransportError>().unwrap();
    cause.login_problem().unwrap_or_else(|| panic!("{error:?}"))
}

pub(crate) async fn no_ticket() {
    assert_eq!(problem(HOST, tickets()).await, LoginProblem::NoTicket);
    let error = refused(HOST, tickets()).await;
    assert_eq!(error.login().unwrap().causes, [LoginCause::NoTicket]);
    assert!(error.to_string().contains("run kinit"), "{error}");
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
    let problem = problem("http://nowhere.test/wsman", tickets()).await;
    assert_eq!(problem, LoginProblem::UnknownService);
}

/// The realm has no principal for it.
pub(crate) async fn address() {
    for url in ["http://127.0.0.1:1/wsman", "http://[::1]:1/wsman"] {
        let builder = Session::builder(url).credentials(tickets());
        let error = builder.build().unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{url}: {error:?}");
    }
}

/// The user's ticket is cached, but the KDC for further tickets is unreachable.
pub(crate) async fn unreachable() {
    kinit(&[]);
    move_the_centre("127.0.0.1:1");
    let problem = problem(HOST, tickets()).await;
    assert_eq!(problem, LoginProblem::KdcUnreachable);
}

/// A silent KDC does not block a caller beyond the time limit.
pub(crate) async fn silent() {
    kinit(&[]);
    let centre = TcpListener::bind("127.0.0.1:0").unwrap();
    move_the_centre(&centre.local_addr().unwrap().to_string());
    let session = Session::builder(HOST)
        .credentials(tickets())
        .operation_timeout(Duration::from_millis(200))
        .network_delay(Duration::from_millis(100))
        .build()
        .unwrap();
    let started = Instant::now();
    let mut ticks = 0;
    let error = tokio::select! {
        refused = session.identify() => refused.unwrap_err(),
        () = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                ticks += 1;
            }
        } => unreachable!(),
    };
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(ticks > 5, "others had to wait: {ticks}");
}

/// Writes the new address of the KDC into `krb5.conf`.
fn move_the_centre(address: &str) {
    let file = std::env::var_os("KRB5_CONFIG").unwrap();
    let known = std::fs::read_to_string(&file).unwrap();
    let mut lines = known.lines().map(str::trim_start);
    let centre = lines.find(|line| line.starts_with("kdc = ")).unwrap();
    let moved = known.replace(centre, &format!("kdc = {address}"));
    std::fs::write(&file, moved).unwrap();
}
