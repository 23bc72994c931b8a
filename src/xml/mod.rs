//! XML as it was sent: a document as a tree, and the limits within which it is read.

// `Reader` walks a document once, without building a tree. It rejects what a hostile server could
// exploit: document types, unknown entities, unlimited depth and size, and truncated documents.
// `Writer` rejects what XML 1.0 cannot carry. Neither knows SOAP or CIM.

mod attribute;
mod attributes;
mod byte;
mod character;
mod charset;
mod declaration;
#[cfg(test)]
mod differential;
mod element;
mod encoding;
mod error;
mod event;
mod inner;
mod limits;
mod name;
mod namespace;
mod open_element;
mod parser;
mod place;
mod reader;
mod row_tags;
mod scope;
mod split;
mod tag;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod windows_1252;
mod writer;

pub(crate) use element::Element;
pub(crate) use encoding::{decode, decode_owned};
pub use error::{BadCharacter, XmlError};
pub use limits::Limits;
pub(crate) use namespace::{Ns, uri};
pub(crate) use place::Place;
pub(crate) use reader::{Content, Reader};
pub(crate) use split::Splitter;
pub(crate) use text::tag_names_from_end;
pub use tree::{XmlAttribute, XmlElement, XmlNode};
pub(crate) use writer::{WriteError, Writer};

pub(crate) use crate::white_space::{is_blank, trim};
