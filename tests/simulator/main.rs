//! The simulator over raw HTTP, against what was recorded of the servers it stands for.
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
