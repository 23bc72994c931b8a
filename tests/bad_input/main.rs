//! Tests invalid input from the caller and from the server. Each yields one typed error with a clear
//! message, and no error contains a password.
#![allow(clippy::unwrap_used, clippy::panic)]

/// Collects the error of each row: what was called, and the name of the error.
macro_rules! rows {
    ($($what:literal => $kind:literal, $outcome:expr;)*) => {
        vec![$(($what, $kind, $outcome.map(drop))),*]
    };
}

mod added;
mod answers;
#[cfg(feature = "blocking")]
mod blocking;
mod caller;
mod carried;
mod methods;
mod secrets;
mod setters;

use std::fmt::Debug;

use wsman::cim::WbemStatus;
use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Delivery, Error, Instance, Session, SessionBuilder};

pub(crate) fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted()
}

pub(crate) async fn stage() -> (Simulator, Session) {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    (simulator, session)
}

pub(crate) fn share() -> Instance {
    Instance::new("Win32_Share").with_key("Name", "public")
}

/// Asserts that the client rejected it with an error of this name and text.
pub(crate) fn refused<T: Debug>(result: Result<T, Error>, name: &str, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.name(), name, "{error:?}");
    assert!(
        error.to_string().contains(text),
        "{text:?} is not in: {error}"
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.wbem(), WbemStatus::INVALID_PARAMETER);
}

pub(crate) type Row = (&'static str, &'static str, Result<(), Error>);

/// Asserts that each row failed with the error of its name, and that nothing was sent.
pub(crate) fn assert_not_sent(rows: Vec<Row>, simulator: &Simulator) {
    let mut wrong = Vec::new();
    for (what, kind, outcome) in rows {
        match outcome {
            Ok(()) => wrong.push(format!("{what} did not fail")),
            Err(error) => {
                let seen = (error.name(), error.delivery());
                if seen != (kind, Delivery::NotSent) || error.may_have_changed() {
                    wrong.push(format!("{what}: {seen:?}: {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(simulator.requests().is_empty());
    assert_eq!(simulator.connections(), 0);
}
