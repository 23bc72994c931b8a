//! The command line, run as its users run it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod demo;
mod explain;
mod program;
