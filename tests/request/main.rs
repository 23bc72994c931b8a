//! Tests what every request has: deadlines, optional targets, context, and what names a target.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod deadline;
mod every;
mod naming;
mod sources;

use std::time::Duration;

use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Instance, Session, SessionBuilder};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted()
}

async fn stage() -> (Simulator, Session) {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    (simulator, session)
}

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
}
