//! The schema: classes read from the server, and what knowing them is good for.
//!
//! | file | what |
//! |---|---|
//! | `get_class` | one class; many are rows: `enumerate/classes` |
//! | `detail` | how much of a class is asked for |
//! | `cache` | classes that were read before |
//! | `typed` | types for the values of an instance that was read |
//! | `checked` | an instance is held against its class before it is sent |

mod cache;
mod checked;
mod detail;
mod get_class;
mod typed;

pub(super) use cache::ClassCache;
pub(super) use checked::{Purpose, Unchecked, checked};
pub use detail::AsksForClasses;
pub(super) use detail::ClassDetail;
pub use get_class::GetClass;
pub(super) use typed::{Typing, typed};
