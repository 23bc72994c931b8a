//! Instances that are generated on request, so that there can be a million of them.

use std::fmt;
use std::sync::Arc;

use crate::cim::{Instance, Name};

/// A number of instances of a class, each generated from its number.
#[derive(Clone)]
pub(in crate::simulator) struct Generated {
    pub(in crate::simulator) class: Name,
    pub(in crate::simulator) count: u64,
    pub(in crate::simulator) make: Arc<dyn Fn(u64) -> Instance + Send + Sync>,
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated")
            .field("class", &self.class)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
