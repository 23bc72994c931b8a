//! XML in and out: the only user of quick-xml.
//!
//! [`Reader`] walks a document once, without building a tree, and refuses what a hostile server could
//! use: document types, unknown entities, depth and size without end, a document that stops early.
//! [`Writer`] refuses what XML 1.0 cannot carry. Neither knows SOAP or CIM.

mod attribute;
mod byte;
mod element;
mod inner;
mod namespace;
mod place;
mod reader;
mod scope;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod writer;

pub(crate) use attribute::Attribute;
pub(crate) use element::Element;
pub(crate) use namespace::{Ns, uri};
pub(crate) use place::Place;
pub use reader::Limits;
pub(crate) use reader::{Content, Reader};
pub(crate) use split::Splitter;
pub use text::XmlError;
pub(crate) use text::{into_utf8, tag_names_from_end, to_utf8, trim};
pub use tree::{XmlAttribute, XmlElement, XmlNode};
pub(crate) use writer::{WriteError, Writer};
