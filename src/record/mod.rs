//! Recording exchanges in a folder, and replaying them as a transport.
//!
//! [`Recorder`] writes the exchanges of another transport; [`Replay`] answers from them.

mod compare;
mod recorder;
mod replay;
mod scrub;
mod text;

pub(crate) use crate::case::create_folders;
pub use recorder::Recorder;
pub use replay::{Exchange, Replay};
