//! Passes the callbacks of an operation to its caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Callback, Reply};
use crate::protocol::{Callbacks, PromptAnswer};

/// The receiver of an operation's callbacks.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    wanted: Callbacks,
    /// Whether the start of the operation is still to be reported.
    reports_start: Arc<AtomicBool>,
    sender: mpsc::Sender<Callback>,
}

impl Listener {
    /// Creates a listener with room for this many unread callbacks. The server waits before it sends
    /// another.
    pub(crate) fn new(
        wanted: Callbacks,
        reports_start: bool,
        ahead: usize,
    ) -> (Self, mpsc::Receiver<Callback>) {
        let (sender, receiver) = mpsc::channel(ahead.clamp(1, Semaphore::MAX_PERMITS));
        let listener = Self {
            wanted,
            reports_start: Arc::new(AtomicBool::new(reports_start)),
            sender,
        };
        (listener, receiver)
    }

    /// The callbacks that the caller requests.
    pub(crate) fn wanted(&self) -> &Callbacks {
        &self.wanted
    }

    /// Reports once that the server has begun to answer.
    pub(super) async fn tell_start(&self) {
        if self.reports_start.swap(false, Ordering::AcqRel) {
            self.tell(Callback::Started).await;
        }
    }

    /// Waits until the caller has room for the callback; without a reader it is dropped.
    pub(super) async fn tell(&self, callback: Callback) {
        let _heard = self.sender.send(callback).await;
    }

    /// Waits for an answer, which is No without a reader.
    pub(super) async fn ask(&self, question: impl FnOnce(Reply) -> Callback) -> PromptAnswer {
        let (sender, answer) = oneshot::channel();
        self.tell(question(Reply(Some(sender)))).await;
        answer.await.unwrap_or_default()
    }
}
