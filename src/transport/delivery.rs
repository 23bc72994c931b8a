//! How far a message got.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a message got: whether sending it again may repeat its effect.
///
/// Ordered from the best to the worst for a retry; of several messages the worst counts.
/// Exhaustive: a message was not sent, was answered, or its fate is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Nothing was sent: the caller may send it again.
    NotSent,
    /// The server answered, and the error reports the result.
    Answered,
    /// Some of it may have been sent and no complete answer came: the server may have processed it.
    /// Read the instance back before sending it again.
    Unknown,
}

/// A flag that the transport raises when the first byte of a message counts as sent.
#[derive(Clone, Debug, Default)]
pub struct SentFlag(Arc<AtomicBool>);

impl SentFlag {
    /// Raises the flag.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the flag was raised.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Returns the delivery of a message that got no complete answer.
    pub fn delivery(&self) -> Delivery {
        if self.is_raised() {
            Delivery::Unknown
        } else {
            Delivery::NotSent
        }
    }
}
