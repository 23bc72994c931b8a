//! The events and prompts a server sends while an operation runs (MS-WSMV 2.2.4.47, 2.2.10, 3.2.7).
//!
//! A client that registers for them receives several envelopes in response to one message: the events
//! first, the response itself last.

mod control;
mod event;
mod registration;
mod response;
mod turn;

pub(crate) use control::Control;
pub(crate) use event::InteractiveEvent;
pub use event::{MessageChannel, ProgressReport, PromptImportance};
pub use registration::{Callbacks, ErrorMode, PromptMode};
pub use response::PromptAnswer;
pub(crate) use response::{InteractiveResponse, Question};
pub(crate) use turn::{Said, Turn};
