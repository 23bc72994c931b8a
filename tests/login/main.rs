//! Tests each situation of `docs/logging-in.md`: what the user sees, and the next step.
//!
//! A test here is a row of the table, and a row is a test, here or in `tests/foreign`. A test takes
//! its row by its own name, so that the texts stand in the document alone.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
#[path = "../support/authority.rs"]
#[allow(dead_code)]
mod authority;
#[path = "../support/front.rs"]
#[allow(dead_code)]
mod front;
mod hop;
mod hops;
#[path = "../auth/kdc.rs"]
#[cfg(feature = "negotiate")]
mod kdc;
#[cfg(feature = "negotiate")]
mod kerberos;
#[cfg(feature = "negotiate")]
mod offers;
mod passwords;
mod rights;
mod rows;
mod scenario;
mod settings;
#[path = "../support/logging_in.rs"]
mod table;
mod tls;

use std::time::Duration;

use url::Url;
use wsman::{Credentials, Session, SessionBuilder};

/// Creates a session with short time limits.
fn builder(url: Url, credentials: Credentials) -> SessionBuilder {
    Session::builder(url)
        .credentials(credentials)
        .allow_unencrypted()
        .connect_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(5))
        .network_delay(Duration::ZERO)
}
