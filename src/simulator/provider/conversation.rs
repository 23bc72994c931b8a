//! The interactive operations in progress (MS-WSMV 3.1.4.1.39).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::protocol::{Control, InteractiveResponse, PromptAnswer};
use crate::simulator::provider::Answer;
use crate::simulator::provider::request::{Request, RequestBody};

/// The operations in progress, by their identifier.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Conversations(Mutex<HashMap<String, mpsc::UnboundedSender<Heard>>>);

/// The client's message on its second connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Heard {
    Answer(PromptAnswer),
    Cancel,
}

impl Conversations {
    /// Handles a message about an operation, and answers with an empty body (MS-WSMV 4.11.1).
    /// Returns `None` if the request is no such message, or if its operation is unknown.
    pub(in crate::simulator) fn hear(&self, request: &Request) -> Option<Answer> {
        let header = &request.header;
        let said = match (&request.body, header.action.as_deref()?) {
            (RequestBody::Response(response), InteractiveResponse::ACTION) => {
                let operation_id = header.operation_id.as_deref()?;
                let sender = self.lock().get(operation_id).cloned()?;
                return sender
                    .send(Heard::Answer(response.answer))
                    .is_ok()
                    .then(Answer::taken);
            }
            (_, action) => Control::of_action(action)?,
        };
        let operation_id = header.operation_id.as_deref().unwrap_or_default();
        if said == Control::Cancel
            && let Some(sender) = self.lock().remove(operation_id)
        {
            // The operation may just have ended.
            let _cancelled = sender.send(Heard::Cancel);
        }
        Some(Answer::taken())
    }

    /// Returns the number of operations in progress.
    pub(in crate::simulator) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Starts an operation; returns the channel of the client's messages about it.
    pub(in crate::simulator) fn begin(&self, operation_id: &str) -> mpsc::UnboundedReceiver<Heard> {
        let (said, heard) = mpsc::unbounded_channel();
        self.lock().insert(operation_id.to_owned(), said);
        heard
    }

    /// Ends an operation.
    pub(in crate::simulator) fn end(&self, operation_id: &str) {
        self.lock().remove(operation_id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::UnboundedSender<Heard>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
