//! Tests invalid input from the caller and from the server. Each yields one typed error with a clear
//! message, and no error contains a password.
#![allow(clippy::unwrap_used, clippy::panic)]

mod added;
mod answers;
mod caller;
mod methods;
mod secrets;

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
