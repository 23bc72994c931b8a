//! What the caller reads.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use super::Callback;

/// The callbacks of an operation, one by one; from [`Operation::callbacks`](crate::Operation::callbacks).
///
/// At most four are kept: the server waits with the next one until they are read. It is a [`Stream`],
/// too.
#[derive(Debug)]
#[must_use = "callbacks are heard when they are asked for"]
pub struct CallbackStream<'a> {
    receiver: Option<&'a mut mpsc::Receiver<Callback>>,
}

impl<'a> CallbackStream<'a> {
    pub(in crate::session) fn new(receiver: Option<&'a mut mpsc::Receiver<Callback>>) -> Self {
        Self { receiver }
    }

    /// The next callback; `None` when the operation is over, and at once if it was asked for none.
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
