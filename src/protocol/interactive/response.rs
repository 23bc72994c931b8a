//! The caller's response to a prompt (MS-WSMV 2.2.4.48).

use super::event::{CONFIRM, ERROR};
use crate::cim::ValueError;
#[cfg(feature = "simulator")]
use crate::protocol::{Body, DecodeError};
#[cfg(feature = "simulator")]
use crate::xml::{Ns, trim};
use crate::xml::{Writer, uri};

/// The caller's response to a prompt or an error (`MI_OperationCallback_ResponseType`).
///
/// Exhaustive: MI and MS-WSMV 2.2.5.14 define no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PromptAnswer {
    /// No; the next prompt is asked again.
    #[default]
    No = 0,
    /// Yes; the next prompt is asked again.
    Yes = 1,
    /// No, also to further prompts of this importance.
    NoToAll = 2,
    /// Yes, also to further prompts of this importance.
    YesToAll = 3,
}

/// The prompt or error that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Confirm,
    Error,
}

/// The body of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InteractiveResponse {
    pub(crate) question: Question,
    pub(crate) answer: PromptAnswer,
}

impl PromptAnswer {
    /// Returns whether the provider may continue.
    pub fn is_yes(self) -> bool {
        matches!(self, PromptAnswer::Yes | PromptAnswer::YesToAll)
    }

    fn text(self) -> &'static str {
        match self {
            PromptAnswer::No => "no",
            PromptAnswer::Yes => "yes",
            PromptAnswer::NoToAll => "noToAll",
            PromptAnswer::YesToAll => "yesToAll",
        }
    }
}

impl InteractiveResponse {
    /// The action of the message, which is not a URI.
    pub(crate) const ACTION: &str = "/InteractiveResponse";

    /// Writes the body.
    pub(crate) fn write(self, w: &mut Writer) -> Result<(), ValueError> {
        let event_type = match self.question {
            Question::Confirm => CONFIRM,
            Question::Error => ERROR,
        };
        w.open("i:InteractiveResponse", &[("xmlns:i", uri::INTERACTIVE)])?;
        w.leaf("i:EventType", &[], event_type)?;
        w.leaf("i:Response", &[], self.answer.text())?;
        w.close("i:InteractiveResponse");
        Ok(())
    }

    /// Reads the body; the reader is in it.
    #[cfg(feature = "simulator")]
    pub(crate) fn read(body: &mut Body<'_, '_>) -> Result<Self, DecodeError> {
        let mut response = Self {
            question: Question::Confirm,
            answer: PromptAnswer::No,
        };
        let answers = [
            PromptAnswer::No,
            PromptAnswer::Yes,
            PromptAnswer::NoToAll,
            PromptAnswer::YesToAll,
        ];
        while let Some(element) = body.reader.child()? {
            let part = (body.reader.ns(&element), element.local_name());
            let text = trim(&body.reader.text()?).to_owned();
            match part {
                (Ns::Interactive, "EventType") if text == ERROR => {
                    response.question = Question::Error;
                }
                (Ns::Interactive, "Response") => {
                    let named = answers.into_iter().find(|answer| answer.text() == text);
                    response.answer = named.ok_or(DecodeError::Unexpected(text))?;
                }
                _ => {}
            }
        }
        Ok(response)
    }
}
