//! The connection of an answer, until it is known whether the answer belongs to its message.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// Holds the connection of an answer back from other messages: after an answer to another message, what
/// follows on the connection may be one too.
///
/// Dropping it lets the connection go, for the next message or, after [`distrust`](Self::distrust), to be
/// closed. A copy of an answer holds nothing.
#[derive(Default)]
pub(crate) struct Lease(Option<Arc<dyn Lent>>);

/// What is held back. An answer is unwind safe, so this must be too.
pub(crate) trait Lent: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Makes the connection close instead of carrying another message.
    fn distrust(&self);
}

impl Lease {
    pub(crate) fn new(lent: Arc<dyn Lent>) -> Self {
        Self(Some(lent))
    }

    /// Says that the answer is not one to its message.
    #[cold]
    pub(crate) fn distrust(&self) {
        if let Some(lent) = &self.0 {
            lent.distrust();
        }
    }
}

impl Clone for Lease {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lease").field(&self.0.is_some()).finish()
    }
}
