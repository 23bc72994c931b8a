//! The stream of callbacks that the caller reads.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use super::Callback;

/// The stream of an operation's callbacks, from [`Operation::callbacks`](crate::Operation::callbacks).
///
/// Holds at most four callbacks; the server waits until the caller reads one. Implements [`Stream`].
#[derive(Debug)]
#[must_use = "callbacks are read when they are polled"]
pub struct CallbackStream<'a> {
    receiver: Option<&'a mut mpsc::Receiver<Callback>>,
}

impl<'a> CallbackStream<'a> {
    pub(in crate::session) fn new(receiver: Option<&'a mut mpsc::Receiver<Callback>>) -> Self {
        Self { receiver }
    }

    /// Returns the next callback; `None` if the operation is over or requested none.
    pub async fn next(&mut self) -> Option<Callback> {
        poll_fn(|context| self.poll_callback(context)).await
    }

    fn poll_callback(&mut self, context: &mut Context<'_>) -> Poll<Option<Callback>> {
        match &mut self.receiver {
            Some(receiver) => receiver.poll_recv(context),
            None => Poll::Ready(None),
        }
    }
}

impl Stream for CallbackStream<'_> {
    type Item = Callback;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Callback>> {
        self.get_mut().poll_callback(context)
    }
}
