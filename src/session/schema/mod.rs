//! The schema: reads classes from the server, and uses them to convert and validate instances.
//!
//! | file | what |
//! |---|---|
//! | `get_class` | reads one class; `enumerate/classes` reads many |
//! | `detail` | how much of a class a request asks for |
//! | `cache` | the class cache of a session |
//! | `secrets` | marks what a cached class declares secret |
//! | `typed` | converts values to the types of their class |
//! | `checked` | validates an instance against its class before sending |
//! | `method` | validates the arguments of a method, and types its results |

mod cache;
mod checked;
mod detail;
mod get_class;
mod method;
mod secrets;
mod typed;

pub(super) use cache::ClassCache;
pub(super) use checked::{Purpose, Unchecked, checked};
pub use detail::AsksForClasses;
pub(super) use detail::{ClassDetail, HasDetail};
pub use get_class::GetClass;
pub(super) use method::{known_method, typed_output};
pub(super) use typed::{Typing, typed};
