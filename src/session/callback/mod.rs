//! Callbacks: what a server tells and asks while an operation runs.
//!
//! A `Listener` is the end of an operation's caller, a `Conversation` is one message whose answer has
//! several envelopes, and [`CallbackStream`] is what the caller reads.

mod abort;
mod conversation;
mod listener;
mod stream;

use std::fmt;

use tokio::sync::oneshot;

pub(super) use conversation::Conversation;
pub(crate) use listener::Listener;
pub use stream::CallbackStream;

use crate::cim::{Instance, Name, Value};
use crate::protocol::{MessageChannel, ProgressReport, PromptAnswer, PromptImportance};

/// What a server tells or asks while an operation runs; see [`Operation::callbacks`](super::Operation::callbacks).
#[derive(Debug)]
#[non_exhaustive]
pub enum Callback {
    /// The server has begun to answer ([`OperationFlags::REPORT_OPERATION_STARTED`](super::OperationFlags::REPORT_OPERATION_STARTED)).
    Started,
    /// A text for people (`writeMessage`).
    Message {
        /// What kind of message it is.
        channel: MessageChannel,
        /// The text.
        text: String,
    },
    /// How far the provider got (`writeProgress`).
    Progress(ProgressReport),
    /// A piece of an output parameter (`streamedParameterResult`).
    Parameter {
        /// The name of the parameter.
        name: Name,
        /// The value, or the next elements of an array.
        value: Value,
    },
    /// An error that does not end the operation by itself (`writeError`).
    Error(ErrorReport),
    /// A question of the provider (`promptUser`).
    Prompt(Prompt),
}

/// A question of the provider; dropping it says No.
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wsman::simulator::{Knob, Script, sample};
/// use wsman::{Callback, Callbacks, Instance, PromptAnswer, PromptMode};
/// # let simulator = sample().start().await?;
/// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
/// #     .allow_unencrypted().namespace("root/cimv2").build()?;
/// simulator.next(Knob::Callbacks(Script::new().confirm("Share it with everybody?")));
/// let share = Instance::new("Win32_Share").key("Name", "logs").with("Path", r"C:\logs");
/// let wanted = Callbacks::new().prompts(PromptMode::Inquire);
/// let mut operation = session.create_instance(&share).callbacks(wanted).start();
/// while let Some(callback) = operation.callbacks().next().await {
///     if let Callback::Prompt(prompt) = callback {
///         println!("{}", prompt.text());
///         prompt.answer(PromptAnswer::Yes);
///     }
/// }
/// operation.await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a prompt that is dropped is answered with No"]
pub struct Prompt {
    text: String,
    importance: PromptImportance,
    reply: Reply,
}

/// An error that does not end the operation by itself; where the provider waits to be told whether to
/// go on, dropping it says No.
#[derive(Debug)]
#[must_use = "an error that is dropped is answered with No"]
pub struct ErrorReport {
    error: Box<Instance>,
    reply: Reply,
}

/// Where an answer goes; nowhere if none is expected.
struct Reply(Option<oneshot::Sender<PromptAnswer>>);

impl Prompt {
    /// What is asked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How much hangs on the answer.
    pub fn importance(&self) -> PromptImportance {
        self.importance
    }

    /// Whether the provider waits for the answer; it does not with
    /// [`PromptMode::Report`](crate::PromptMode::Report).
    pub fn is_asked(&self) -> bool {
        self.reply.0.is_some()
    }

    /// Answers. It is too late if the operation is over already.
    pub fn answer(self, answer: PromptAnswer) {
        self.reply.send(answer);
    }
}

impl ErrorReport {
    /// The error, of the class `CIM_Error` or one derived from it.
    pub fn instance(&self) -> &Instance {
        &self.error
    }

    /// Whether the provider waits to be told if it is to go on
    /// ([`ErrorMode::Inquire`](crate::ErrorMode::Inquire)).
    pub fn is_asked(&self) -> bool {
        self.reply.0.is_some()
    }

    /// Says whether the provider is to go on. It is too late if the operation is over already.
    pub fn answer(self, answer: PromptAnswer) {
        self.reply.send(answer);
    }
}

impl Reply {
    fn send(self, answer: PromptAnswer) {
        if let Some(sender) = self.0 {
            // Nobody waits for it any more if the operation is over.
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
