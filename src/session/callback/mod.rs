//! Callbacks: messages, progress and prompts of the server while an operation runs.
//!
//! [`Callbacks`] says what a request asks for, and
//! [`Operation::callbacks`](crate::Operation::callbacks) returns the stream of them.

// A `Conversation` is one message whose answer has several envelopes. It passes the callbacks to the
// `Listener`, and the caller reads them from `CallbackStream`.

mod abort;
mod conversation;
mod listener;
mod stream;

use std::fmt;

use tokio::sync::oneshot;

pub(super) use conversation::Conversation;
pub(crate) use listener::Listener;
pub use stream::CallbackStream;

pub use crate::protocol::interactive::{
    Callbacks, ErrorMode, MessageChannel, ProgressReport, PromptAnswer, PromptImportance,
    PromptMode,
};

use crate::cim::{Instance, Name, Value};

/// A message or prompt of the server while an operation runs; see
/// [`Operation::callbacks`](crate::Operation::callbacks).
#[derive(Debug)]
#[non_exhaustive]
pub enum Callback {
    /// The server has begun to answer ([`OperationFlags::REPORT_OPERATION_STARTED`](crate::request::OperationFlags::REPORT_OPERATION_STARTED)).
    Started,
    /// A message for the user (`writeMessage`).
    Message {
        /// The kind of message.
        channel: MessageChannel,
        /// The text.
        text: String,
    },
    /// The progress of the provider (`writeProgress`).
    Progress(ProgressReport),
    /// A part of an output parameter (`streamedParameterResult`).
    Parameter {
        /// The name of the parameter.
        name: Name,
        /// The value, or the next elements of an array.
        value: Value,
    },
    /// An error that does not necessarily end the operation (`writeError`).
    Error(ErrorReport),
    /// A prompt of the provider (`promptUser`).
    Prompt(Prompt),
}

/// A prompt of the provider; dropping it answers No.
///
/// ```
/// # use std::time::Duration;
/// # wsman::doc_examples::run(async |session, simulator| {
/// use wsman::simulator::{Knob, Script};
/// use wsman::callback::{PromptAnswer, PromptMode};
/// use wsman::{Callback, Callbacks, Instance};
/// simulator.next(Knob::Callbacks(Script::new().confirm("Share it with all users?")));
/// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
/// let wanted = Callbacks::new().prompts(PromptMode::Inquire);
/// let mut operation = session.create_instance(&share).callbacks(wanted).start();
/// while let Some(callback) = operation.callbacks().next().await {
///     if let Callback::Prompt(prompt) = callback {
///         println!("{}", prompt.text());
///         prompt.answer(PromptAnswer::Yes);
///     }
/// }
/// operation.await?;
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[must_use = "a prompt that is dropped is answered with No"]
pub struct Prompt {
    text: String,
    importance: PromptImportance,
    reply: Reply,
}

/// An error that does not necessarily end the operation. If the provider asks whether to continue,
/// dropping the report answers No.
#[derive(Debug)]
#[must_use = "an error that is dropped is answered with No"]
pub struct ErrorReport {
    error: Box<Instance>,
    reply: Reply,
}

/// Sends the answer; `None` if the provider expects none.
struct Reply(Option<oneshot::Sender<PromptAnswer>>);

impl Prompt {
    /// Returns the text of the prompt.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how critical the answer is.
    pub fn importance(&self) -> PromptImportance {
        self.importance
    }

    /// Returns whether the provider waits for the answer, which it does not with
    /// [`PromptMode::Report`](crate::callback::PromptMode::Report).
    pub fn is_asked(&self) -> bool {
        self.reply.0.is_some()
    }

    /// Answers the prompt. Has no effect if the operation is over.
    pub fn answer(self, answer: PromptAnswer) {
        self.reply.send(answer);
    }
}

impl ErrorReport {
    /// Returns the error, of the class `CIM_Error` or one derived from it.
    pub fn instance(&self) -> &Instance {
        &self.error
    }

    /// Returns whether the provider asks whether to continue
    /// ([`ErrorMode::Inquire`](crate::callback::ErrorMode::Inquire)).
    pub fn is_asked(&self) -> bool {
        self.reply.0.is_some()
    }

    /// Answers whether the provider continues. Has no effect if the operation is over.
    pub fn answer(self, answer: PromptAnswer) {
        self.reply.send(answer);
    }
}

impl Reply {
    fn send(self, answer: PromptAnswer) {
        if let Some(sender) = self.0 {
            // The receiver is gone if the operation is over.
            let _sent = sender.send(answer);
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "expected",
            None => "not expected",
        })
    }
}
