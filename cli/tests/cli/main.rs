//! Tests the command line by running the program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../../tests/support/authority.rs"]
mod authority;
mod contract;
mod demo;
mod docs;
mod explain;
mod help;
#[cfg(target_os = "linux")]
mod hosts;
#[cfg(target_os = "linux")]
mod idle;
mod journal;
mod kerberos;
mod malformed;
mod mof;
#[path = "../../../tests/secrets/needles.rs"]
mod needles;
mod next_steps;
mod outputs;
mod pictures;
mod program;
mod reads;
#[cfg(target_os = "linux")]
mod secrets;
mod serve;
mod served;
mod streams;
mod terminal;
mod tls;
mod trace;
mod writes;
