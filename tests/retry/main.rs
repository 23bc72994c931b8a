//! Tests retries: which messages are sent again, when, and what the caller sees of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod policy;
mod timing;
mod which;

#[path = "../support/lossy.rs"]
mod lossy;
#[path = "../support/operations.rs"]
mod operations;

use std::sync::Arc;

use wsman::simulator::Simulator;
use wsman::{Credentials, Session, SessionBuilder};

use lossy::{Loss, Lossy};

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
}

/// Returns a builder of a session whose messages are lost in this order.
fn losing(simulator: &Simulator, losses: &[Loss]) -> (SessionBuilder, Arc<Lossy>) {
    let builder = builder(simulator);
    let lossy = Lossy::losing(builder.http().unwrap(), losses.iter().copied());
    (builder.transport(lossy.clone()), lossy)
}
