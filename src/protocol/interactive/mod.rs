//! What a server tells and asks while an operation runs (MS-WSMV 2.2.4.47, 2.2.10, 3.2.7).
//!
//! A client that registers for it gets several envelopes in answer to one message: events first, the
//! answer itself last.

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
