//! The messages and prompts that a provider sends while it works.

use std::time::Duration;

use crate::cim::{Instance, Name, Value};
use crate::protocol::{InteractiveEvent, MessageChannel, ProgressReport, PromptImportance};

/// The messages and prompts that the provider of one request sends before it does its work; for
/// [`Knob::Callbacks`](crate::simulator::Knob::Callbacks).
///
/// Only [`Dialect::Windows`](crate::simulator::Dialect::Windows) sends them, each in its own
/// envelope, and only to a request that asked for them. If the client answers a prompt with No, the
/// provider does no work and sends a fault.
///
/// ```
/// use wsman::simulator::Script;
/// let script = Script::new().verbose("looking").progress("copying", 50).confirm("Overwrite it?");
/// # let _ = script;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Script {
    pub(in crate::simulator) steps: Vec<Step>,
    /// The size of the answer's pieces in bytes; `None` for one piece per envelope.
    pub(in crate::simulator) piece: Option<usize>,
}

#[derive(Clone, Debug)]
pub(in crate::simulator) enum Step {
    Event(InteractiveEvent),
    KeepAlive,
    AcknowledgeRequest,
    Repeat,
    Lose,
    Wait(Duration),
    Drop,
}

impl Script {
    /// Creates an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a message to a channel.
    pub fn message(self, channel: MessageChannel, text: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Message(channel, text.into()))
    }

    /// Writes a warning.
    pub fn warning(self, text: impl Into<String>) -> Self {
        self.message(MessageChannel::Warning, text)
    }

    /// Writes a verbose message.
    pub fn verbose(self, text: impl Into<String>) -> Self {
        self.message(MessageChannel::Verbose, text)
    }

    /// Reports progress, in percent.
    pub fn progress(self, activity: impl Into<String>, percent: u32) -> Self {
        self.event(InteractiveEvent::Progress(ProgressReport {
            activity: activity.into(),
            percent_complete: Some(percent),
            ..ProgressReport::default()
        }))
    }

    /// Sends a piece of an output parameter.
    pub fn parameter(self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.event(InteractiveEvent::Parameter {
            name: name.into(),
            value: value.into(),
        })
    }

    /// Sends an error with this text, which the caller may ignore.
    pub fn error(self, message: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Error {
            error: Box::new(Instance::new("CIM_Error").with("Message", message.into())),
            inquires: true,
        })
    }

    /// Asks whether to continue.
    pub fn confirm(self, text: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Confirm {
            text: text.into(),
            importance: PromptImportance::Normal,
        })
    }

    /// Asks whether to continue, even if the caller has a standing answer to such prompts.
    pub fn confirm_critical(self, text: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Confirm {
            text: text.into(),
            importance: PromptImportance::Critical,
        })
    }

    /// Sends a keep-alive message.
    pub fn keep_alive(self) -> Self {
        self.step(Step::KeepAlive)
    }

    /// Asks for the number of received messages.
    pub fn ask_for_acknowledgement(self) -> Self {
        self.step(Step::AcknowledgeRequest)
    }

    /// Repeats the last message.
    pub fn repeat(self) -> Self {
        self.step(Step::Repeat)
    }

    /// Loses a message: skips one message number.
    pub fn lose(self) -> Self {
        self.step(Step::Lose)
    }

    /// Works for this long.
    pub fn wait(self, time: Duration) -> Self {
        self.step(Step::Wait(time))
    }

    /// Drops the connection within the answer; does no work.
    pub fn drop_connection(self) -> Self {
        self.step(Step::Drop)
    }

    /// Cuts the answer into pieces of this size, independent of the envelopes.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes.max(1));
        self
    }

    fn event(self, event: InteractiveEvent) -> Self {
        self.step(Step::Event(event))
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
