//! Tests many hosts at once, and blocking calls.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod blocking;
mod hosts;
mod tickets;
