//! A server with scripted responses over a raw socket. Tests which responses a session accepts for its
//! message, and the delivery it reports. No message is sent twice.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod digest;
mod operations;
mod relation;
mod server;
mod statuses;
mod streams;
