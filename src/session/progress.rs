//! The progress of an operation, shared by the task that runs it and the task that cancels it.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::{Error, Failure};
use crate::transport::{Delivery, SentFlag, TimeoutKind};

/// How far the messages of an operation got, and whether the caller cancelled it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The worst delivery of the finished messages, as a number.
    over: AtomicU8,
    /// The number of the attempt that is in flight, if it is not the first; else 0.
    attempts: AtomicU32,
    /// The flag of the message that is in flight.
    current: Mutex<Option<SentFlag>>,
    /// Whether one of the messages was a write.
    has_written: AtomicBool,
    ending: watch::Sender<Ending>,
}

/// What ends an operation, in one channel, because each costs a Put an allocation.
#[derive(Debug, Default)]
struct Ending {
    /// Whether the caller cancelled the operation.
    is_stopped: bool,
    /// How many cleanup tasks have not finished yet.
    cleanups: usize,
}

/// A cleanup on the server that has not finished until this is dropped.
#[derive(Debug)]
#[must_use = "the cleanup is over when this is dropped"]
pub(super) struct Cleanup(Arc<Progress>);

impl Progress {
    /// Prevents further messages; one that is in flight is not recalled.
    pub(super) fn stop(&self) {
        self.ending.send_modify(|ending| ending.is_stopped = true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.ending.borrow().is_stopped
    }

    /// Waits until the operation is stopped.
    pub(super) async fn stopped(&self) {
        let mut ending = self.ending.subscribe();
        // `self` owns the sender, so the wait cannot end for another reason.
        let _seen = ending.wait_for(|ending| ending.is_stopped).await;
    }

    /// Makes the error of an operation that the caller cancelled.
    pub(super) fn cancelled(&self) -> Error {
        self.ended("the caller cancelled the operation")
    }

    /// Makes the error of an operation that ended without a result.
    pub(super) fn ended(&self, text: &str) -> Error {
        self.of_effect(Error::Cancelled(
            Failure::new(text).delivery(self.delivery()),
        ))
    }

    /// Makes the error of an operation whose deadline is over; prevents further messages.
    pub(super) fn late(&self) -> Error {
        self.stop();
        let failure = Failure::new("the deadline of the operation has passed");
        let failure = failure
            .delivery(self.delivery())
            .timeout(TimeoutKind::Deadline);
        let attempts = self.attempts.load(Ordering::Acquire);
        self.of_effect(Error::Timeout(failure))
            .after_attempts(attempts)
    }

    /// Makes the error of an operation that took longer than the deadline of its session.
    pub(super) fn late_after(&self, limit: Duration) -> Error {
        let text = format!(
            "the operation took longer than {} s (SessionBuilder::deadline)",
            limit.as_secs_f64()
        );
        let failure = Failure::new(text).delivery(self.delivery());
        self.of_effect(Error::Timeout(failure.timeout(TimeoutKind::Deadline)))
    }

    /// Marks the error of an operation that has written nothing.
    fn of_effect(&self, error: Error) -> Error {
        if self.has_written() {
            error
        } else {
            error.of_read()
        }
    }

    /// Registers a cleanup that must finish before the operation is over.
    pub(super) fn cleanup(self: &Arc<Self>) -> Cleanup {
        self.ending.send_modify(|ending| ending.cleanups += 1);
        Cleanup(Arc::clone(self))
    }

    /// Waits until all cleanups have finished.
    pub(super) async fn cleaned_up(&self) {
        let mut ending = self.ending.subscribe();
        // `self` owns the sender, so the wait cannot end for another reason.
        let _seen = ending.wait_for(|ending| ending.cleanups == 0).await;
    }

    /// Returns whether a write was begun.
    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Acquire)
    }

    /// Registers a message that is about to be sent, and whether it is a write.
    pub(super) fn begin(&self, sent: SentFlag, writes: bool) {
        self.has_written.fetch_or(writes, Ordering::AcqRel);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
    }

    /// Registers that a message is about to be sent again. Until then the delivery of its last attempt
    /// counts.
    pub(super) fn retry(&self, attempt: u32) {
        self.attempts.store(attempt, Ordering::Release);
    }

    pub(super) fn end(&self, delivery: Delivery) {
        self.over.fetch_max(delivery as u8, Ordering::AcqRel);
        self.attempts.store(0, Ordering::Release);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the worst delivery so far, including a message that is in flight.
    pub(super) fn delivery(&self) -> Delivery {
        let over = match self.over.load(Ordering::Acquire) {
            0 => Delivery::NotSent,
            1 => Delivery::Answered,
            _ => Delivery::Unknown,
        };
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current
            .as_ref()
            .map_or(over, |sent| over.max(sent.delivery()))
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        self.0
            .ending
            .send_modify(|ending| ending.cleanups = ending.cleanups.saturating_sub(1));
    }
}
