//! How far an operation got, for those who run it and those who cancel it.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::error::{Error, Failure};
use crate::transport::{Delivery, SentFlag};

/// How far the messages of an operation got, and whether there are to be more.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The worst delivery of the messages that are over, as a number.
    over: AtomicU8,
    /// Of the message that is on its way.
    current: Mutex<Option<SentFlag>>,
    /// Whether one of the messages was to change something.
    has_written: AtomicBool,
    /// Whether the caller cancelled the operation.
    stop: watch::Sender<bool>,
    /// How many tasks have yet to tell the server that something is over.
    cleanups: watch::Sender<usize>,
}

/// Something that the server has yet to be told, until it is dropped.
#[derive(Debug)]
#[must_use = "the cleanup is over when this is dropped"]
pub(super) struct Cleanup(Arc<Progress>);

impl Progress {
    /// Lets no further message be sent; one that is on its way is not called back.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until somebody stops the operation.
    pub(super) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        // The sender is here, so the wait ends for no other reason.
        let _seen = stop.wait_for(|stop| *stop).await;
    }

    /// The error of an operation that the caller cancelled.
    pub(super) fn cancelled(&self) -> Error {
        self.ended("the caller cancelled the operation")
    }

    /// The error of an operation that ended without a result.
    pub(super) fn ended(&self, text: &str) -> Error {
        let ended = Error::Cancelled(Failure::new(text).delivery(self.delivery()));
        if self.has_written() {
            ended
        } else {
            ended.of_read()
        }
    }

    /// Notes something that the server has to be told before the operation is over.
    pub(super) fn cleanup(self: &Arc<Self>) -> Cleanup {
        self.cleanups.send_modify(|count| *count += 1);
        Cleanup(Arc::clone(self))
    }

    /// Waits until the server was told everything.
    pub(super) async fn cleaned_up(&self) {
        let mut cleanups = self.cleanups.subscribe();
        // The sender is here, so the wait ends for no other reason.
        let _seen = cleanups.wait_for(|count| *count == 0).await;
    }

    /// Whether a message was begun that was to change something.
    pub(super) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Acquire)
    }

    /// Notes a message that is about to be sent, and whether it is to change something.
    pub(super) fn begin(&self, sent: SentFlag, writes: bool) {
        self.has_written.fetch_or(writes, Ordering::AcqRel);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
    }

    pub(super) fn end(&self, delivery: Delivery) {
        self.over.fetch_max(delivery as u8, Ordering::AcqRel);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The worst delivery so far, a message that is on its way included.
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
            .cleanups
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}
