//! Tests sessions over HTTPS and through proxies, against the simulator.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod alerts;
#[path = "../support/authority.rs"]
mod authority;
#[cfg(feature = "negotiate")]
mod bindings;
mod client;
mod endpoint;
mod forms;
#[path = "../support/front.rs"]
mod front;
mod proxies;
mod proxy;
mod secrets;
mod setup;
mod trust;

use std::error::Error as StdError;
use std::time::Duration;

use wsman::simulator::{Simulator, SimulatorBuilder, sample};
use wsman::transport::TransportErrorKind;
use wsman::{Credentials, Delivery, Error, InstancePath, Session, SessionBuilder, TlsConfig};

use authority::Issued;

/// The sample with a server certificate.
fn encrypted(issued: &Issued) -> SimulatorBuilder {
    sample().tls(&issued.chain, &issued.key)
}

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
        .operation_timeout(Duration::from_secs(20))
}

fn session(simulator: &Simulator, tls: TlsConfig) -> Session {
    builder(simulator).tls(tls).build().unwrap()
}

/// Returns a share of the sample.
fn public() -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", "public")
}

async fn works(session: &Session) {
    let read = session.get_instance(public()).await;
    assert_eq!(read.unwrap().class().as_str(), "Win32_Share");
}

/// Asserts a connection error, after which nothing was sent and the server has seen nothing.
async fn stopped(session: &Session, simulator: &Simulator) -> (TransportErrorKind, Error) {
    let error = session.identify().await.unwrap_err();
    let (kind, error) = on_the_way(error);
    assert_eq!(error.delivery(), Delivery::NotSent, "{}", told(&error));
    assert!(simulator.requests().is_empty());
    (kind, error)
}

fn on_the_way(error: Error) -> (TransportErrorKind, Error) {
    assert_eq!(error.name(), "Transport", "{}", told(&error));
    (error.transport_kind().unwrap(), error)
}

/// Returns the texts of an error and its causes, in both forms.
fn told(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(|error| format!("{error} {error:?} ")).collect()
}
