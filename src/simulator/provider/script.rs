//! What a provider tells and asks while it works.

use std::time::Duration;

use crate::cim::{Instance, Name, Value};
use crate::protocol::{InteractiveEvent, MessageChannel, ProgressReport, PromptImportance};

/// What the provider of one request tells and asks before it does its work; for
/// [`Knob::Callbacks`](crate::simulator::Knob::Callbacks).
///
/// Only a request that asked for them is told, each in an envelope of its own, and only by
/// [`Dialect::Windows`](crate::simulator::Dialect::Windows). Where a question is answered with No, nothing is done
/// and the answer is a fault.
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
    /// How many bytes there are in a piece of the answer, if they do not follow the envelopes.
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
    /// Nothing yet.
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

    /// Gives a piece of an output parameter.
    pub fn parameter(self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.event(InteractiveEvent::Parameter {
            name: name.into(),
            value: value.into(),
        })
    }

    /// Writes an error with this text, which the caller may let pass.
    pub fn error(self, message: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Error {
            error: Box::new(Instance::new("CIM_Error").with("Message", message.into())),
            inquires: true,
        })
    }

    /// Asks whether to go on.
    pub fn confirm(self, text: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Confirm {
            text: text.into(),
            importance: PromptImportance::Normal,
        })
    }

    /// Asks whether to go on, even if the caller had said how such questions are to be answered.
    pub fn confirm_critical(self, text: impl Into<String>) -> Self {
        self.event(InteractiveEvent::Confirm {
            text: text.into(),
            importance: PromptImportance::Critical,
        })
    }

    /// Sends a sign of life.
    pub fn keep_alive(self) -> Self {
        self.step(Step::KeepAlive)
    }

    /// Asks how many messages arrived.
    pub fn ask_for_acknowledgement(self) -> Self {
        self.step(Step::AcknowledgeRequest)
    }

    /// Sends the last message again.
    pub fn repeat(self) -> Self {
        self.step(Step::Repeat)
    }

    /// Loses a message: the next one has the number after the next.
    pub fn lose(self) -> Self {
        self.step(Step::Lose)
    }

    /// Works for so long.
    pub fn wait(self, time: Duration) -> Self {
        self.step(Step::Wait(time))
    }

    /// Drops the connection in the middle of the answer; nothing is done.
    pub fn drop_connection(self) -> Self {
        self.step(Step::Drop)
    }

    /// Cuts the answer into pieces of so many bytes, wherever envelopes begin and end.
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
