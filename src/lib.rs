//! The async WS-Management client.
pub mod cim;
pub use cim::{Instance, InstancePath};
