//! The caller's end of an operation that tells and asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::{Callback, Reply};
use crate::protocol::{Callbacks, PromptAnswer};

/// How many callbacks wait to be read; the server waits with the next one.
const WAITING: usize = 4;

/// Where the callbacks of one operation go.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    wanted: Callbacks,
    /// Whether the caller still has to be told that the operation has started.
    reports_start: Arc<AtomicBool>,
    sender: mpsc::Sender<Callback>,
}

impl Listener {
    pub(crate) fn new(wanted: Callbacks, reports_start: bool) -> (Self, mpsc::Receiver<Callback>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let listener = Self {
            wanted,
            reports_start: Arc::new(AtomicBool::new(reports_start)),
            sender,
        };
        (listener, receiver)
    }

    /// What the server is asked to tell.
    pub(crate) fn wanted(&self) -> &Callbacks {
        &self.wanted
    }

    /// Tells that the server has begun to answer, once.
    pub(super) async fn tell_start(&self) {
        if self.reports_start.swap(false, Ordering::AcqRel) {
            self.tell(Callback::Started).await;
        }
    }

    /// Waits until there is room for it; where nobody listens it is dropped.
    pub(super) async fn tell(&self, callback: Callback) {
        let _heard = self.sender.send(callback).await;
    }

    /// Waits for an answer, which is No where nobody listens.
    pub(super) async fn ask(&self, question: impl FnOnce(Reply) -> Callback) -> PromptAnswer {
        let (sender, answer) = oneshot::channel();
        self.tell(question(Reply(Some(sender)))).await;
        answer.await.unwrap_or_default()
    }
}
