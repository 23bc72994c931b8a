//! Tests the command line by running the program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod contract;
mod demo;
mod docs;
mod explain;
mod hosts;
mod journal;
mod outputs;
mod program;
mod reads;
mod serve;
mod served;
mod streams;
mod terminal;
mod trace;
mod writes;
