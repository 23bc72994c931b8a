//! Whether a write was dropped before its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The writes to one host, of which a time limit may drop some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending(Arc<AtomicBool>);

/// A write that has begun. If it is dropped before it ends, the server may have performed it.
pub(crate) struct Write<'a> {
    pending: &'a Pending,
    is_done: bool,
}

impl Pending {
    /// Begins a write.
    pub(crate) fn begin(&self) -> Write<'_> {
        Write {
            pending: self,
            is_done: false,
        }
    }

    /// Returns whether a write was dropped.
    pub(crate) fn has_dropped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Write<'_> {
    /// Notes that the outcome is known, or reported as unknown.
    pub(crate) fn end(mut self) {
        self.is_done = true;
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.pending.0.store(true, Ordering::Relaxed);
        }
    }
}
