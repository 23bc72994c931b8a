//! Aborts an operation in which the server waits for the client.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::error::Error;
use crate::protocol::Control;
use crate::session::Session;
use crate::session::ending::NOTICE;
use crate::session::message_id::new_id;
use crate::session::progress::Progress;
use crate::transport::{Delivery, OutgoingMessage, SentFlag, WholeAnswer};

/// Aborts the operation on the server, in the background, if it is dropped while armed and the message
/// was sent (MS-WSMV 3.2.6.7).
pub(super) struct Abort {
    pub(super) line: Line,
    pub(super) armed: bool,
    /// The flag of the message that began the operation.
    pub(super) sent: SentFlag,
    /// The progress of the operation, which waits for the abort.
    progress: Arc<Progress>,
}

/// The second connection of an operation, on which the client sends while the server answers on the
/// first. Any free connection will do, because the messages name their operation.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) session: Session,
    pub(super) operation_id: String,
    /// The time limit of a message.
    pub(super) patience: Duration,
}

impl Abort {
    pub(super) fn new(line: Line, progress: Arc<Progress>) -> Self {
        Self {
            line,
            armed: false,
            sent: SentFlag::default(),
            progress,
        }
    }
}

impl Line {
    /// Sends a message that ends the operation. If the server refuses it, the operation may not have
    /// begun yet, so the message is sent once more after a pause.
    async fn insist(&self, control: Control) {
        let taken = self.control(control).await;
        if taken.is_ok_and(|taken| !(200..300).contains(&taken.status)) {
            tokio::time::sleep(NOTICE).await;
            // The server does not know the operation, or does not support such messages.
            let _taken = self.control(control).await;
        }
    }

    /// Sends a message about the operation.
    pub(super) async fn control(&self, control: Control) -> Result<WholeAnswer, Error> {
        self.send(control.write(&new_id(), &self.operation_id)?)
            .await
    }

    pub(super) async fn send(&self, message: Vec<u8>) -> Result<WholeAnswer, Error> {
        let message = OutgoingMessage {
            body: message.into(),
            secrets: Vec::new(),
            time_limit: self.patience,
            answer_limit: self.session.settings().limits.bytes,
            anonymous: false,
            is_read: false,
            is_conversation: false,
            sent: SentFlag::default(),
        };
        self.session.exchange(message).await
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if !self.armed || self.sent.delivery() == Delivery::NotSent {
            return;
        }
        let line = self.line.clone();
        let cleanup = self.progress.cleanup();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                line.insist(Control::Cancel).await;
                line.insist(Control::End).await;
                drop(cleanup);
            });
        }
    }
}
