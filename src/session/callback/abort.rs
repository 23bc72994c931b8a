//! Giving an operation up that the server waits in.

use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::error::Error;
use crate::protocol::Control;
use crate::session::Session;
use crate::session::call::new_id;
use crate::transport::{IncomingMessage, OutgoingMessage, SentFlag};

/// Tells the server to give an operation up, in the background, if it is dropped while it is armed
/// (MS-WSMV 3.2.6.7).
pub(super) struct Abort {
    pub(super) line: Line,
    pub(super) armed: bool,
}

/// The second connection of an operation, on which the client speaks while the server answers on the
/// first: any that is free, because the messages name their operation.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) session: Session,
    pub(super) operation_id: String,
    /// How long a message may take.
    pub(super) patience: Duration,
}

impl Line {
    /// Sends a message about the operation.
    pub(super) async fn control(&self, control: Control) -> Result<IncomingMessage, Error> {
        self.send(control.write(&new_id(), &self.operation_id)?)
            .await
    }

    pub(super) async fn send(&self, message: Vec<u8>) -> Result<IncomingMessage, Error> {
        let message = OutgoingMessage {
            body: Bytes::from(message),
            time_limit: self.patience,
            answer_limit: self.session.settings().limits.bytes,
            anonymous: false,
            is_read: false,
            sent: SentFlag::default(),
        };
        Ok(self.session.transport().exchange(message).await?)
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        let line = self.line.clone();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // Nobody is there to hear that the server could not be told.
                let _cancelled = line.control(Control::Cancel).await;
                let _ended = line.control(Control::End).await;
            });
        }
    }
}
