//! Whether a message may have had its effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a message got: whether sending it again may repeat its effect.
///
/// Ordered from the best to the worst for a retry; over several messages the worst one counts.
/// Complete: a message either did not leave, was answered, or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Nothing left this computer: it may be sent again.
    NotSent,
    /// The server answered: what the error says is what happened.
    Answered,
    /// Some of it may have been sent and no complete answer came: the server may have done it.
    /// Read the instance back before sending it again.
    Unknown,
}

/// Raised by a transport when the first byte of a message is taken to be sent.
#[derive(Clone, Debug, Default)]
pub struct SentFlag(Arc<AtomicBool>);

impl SentFlag {
    /// Raises the flag.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// What is known of a message that got no complete answer.
    pub fn delivery(&self) -> Delivery {
        if self.is_raised() {
            Delivery::Unknown
        } else {
            Delivery::NotSent
        }
    }
}
