//! The output: one printer for all commands and forms.
//!
//! | file | content |
//! |---|---|
//! | `printer` | the forms, one record after the other, and when they are flushed |
//! | `sink` | the records of one host |
//! | `table`, `list`, `csv` | forms with a layout of their own |
//! | `json` | JSON without control characters |
//! | `cell` | a value as text for people |
//! | `style` | colors |

pub(crate) mod cell;
mod csv;
pub(crate) mod json;
mod list;
mod printer;
mod sink;
mod style;
mod table;

pub(crate) use printer::{Content, Printer, Shape, format_of};
pub(crate) use sink::Sink;
pub(crate) use style::Style;
