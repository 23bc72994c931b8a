//! XML in and out: the only user of quick-xml.
//!
//! [`Reader`] walks a document once, without building a tree, and refuses what a hostile server could
//! use: document types, unknown entities, depth and size without end, a document that stops early.
//! [`Writer`] refuses what XML 1.0 cannot carry. Neither knows SOAP or CIM.

mod namespace;
mod reader;
mod text;
mod writer;

pub(crate) use namespace::{Ns, uri};
pub use reader::Limits;
pub(crate) use reader::{Content, Element, Reader};
pub use text::XmlError;
pub(crate) use text::{to_utf8, trim};
pub(crate) use writer::{WriteError, Writer};
