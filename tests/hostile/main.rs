//! A server that answers whatever a test says, over a raw socket: what a session takes for the answer to
//! its message, and what it claims of the delivery. No message is sent twice.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod digest;
mod operations;
mod relation;
mod server;
mod statuses;
mod streams;
