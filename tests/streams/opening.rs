//! Tests streams that are stopped during the Enumerate: the client closes what it opens.

use std::time::Duration;

use wsman::simulator::{Knob, Simulator};
use wsman::{Instance, Rows, Session};

use crate::{LATE, assert_cancelled, leaves_nothing, seen, services, until};

/// Starts a stream whose Enumerate was carried out and has no response yet.
async fn opening(session: &Session, simulator: &Simulator) -> Rows<Instance> {
    simulator.next(Knob::Delay(LATE));
    let mut rows = services(session).stream();
    let first = tokio::time::timeout(Duration::ZERO, rows.next()).await;
    assert!(first.is_err(), "there cannot be a row yet");
    until("it is open", || simulator.open_enumerations() == 1).await;
    rows
}

#[test]
fn releases_after_a_drop_during_enumerate() {
    leaves_nothing(async |session, simulator| {
        drop(opening(&session, simulator).await);
        assert_eq!(simulator.open_enumerations(), 1, "it waits for the answer");
        until("it is released", || seen(simulator, "Release") == 1).await;
    });
}

#[test]
fn releases_after_a_release_during_enumerate() {
    leaves_nothing(async |session, simulator| {
        let rows = opening(&session, simulator).await;
        rows.release().await.unwrap();
        assert_eq!(simulator.open_enumerations(), 0);
    });
}

/// The caller does not wait for the response, only the release does.
#[test]
fn releases_after_a_cancel_during_enumerate() {
    leaves_nothing(async |session, simulator| {
        let mut rows = opening(&session, simulator).await;
        rows.canceller().cancel();
        assert_cancelled(&rows.next().await.unwrap().unwrap_err());
        assert_eq!(simulator.open_enumerations(), 1, "it waits for the answer");
        rows.release().await.unwrap();
        assert_eq!(simulator.open_enumerations(), 0);
    });
}

#[test]
fn releases_a_started_operation_after_a_cancel() {
    leaves_nothing(async |session, simulator| {
        simulator.next(Knob::Delay(LATE));
        let mut operation = services(&session).start();
        until("it is open", || simulator.open_enumerations() == 1).await;
        assert_cancelled(&operation.cancel().await.unwrap_err());
        assert_eq!(simulator.open_enumerations(), 0, "cancel has waited");
    });
}
