//! Tests `Session::reconcile`: what it claims of a put of unknown delivery, against what the server did.
#![allow(clippy::unwrap_used, clippy::panic)]

mod claims;
mod runs;

#[path = "../support/lossy.rs"]
mod lossy;

use wsman::cim::{CimType, Class};
use wsman::simulator::{Dialect, Simulator};
use wsman::{Credentials, Session, SessionBuilder};

/// Starts a server with lamps.
async fn simulator(dialect: Dialect) -> Simulator {
    let lamp = Class::new("Acme_Lamp")
        .with_key("Name", CimType::String)
        .with("Level", CimType::Uint32)
        .with("Owner", CimType::String);
    Simulator::builder()
        .namespace("root/cimv2".parse().unwrap())
        .class(lamp)
        .dialect(dialect)
        .start()
        .await
        .unwrap()
}

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .wire_form(simulator.dialect().wire_form())
        .allow_unencrypted()
        .namespace("root/cimv2")
}
