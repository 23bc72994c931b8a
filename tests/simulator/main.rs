//! Tests the simulator over raw HTTP against recordings of the servers it simulates.
#![cfg(feature = "simulator")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod classes;
mod client;
mod enumeration;
mod http;
mod knobs;
mod methods;
mod omi;
mod openwsman;
mod recorded;
mod trouble;
mod windows;
