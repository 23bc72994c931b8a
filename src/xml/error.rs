//! What can be wrong with a document.

use std::fmt;

use super::charset::Charset;
use crate::shown::Shown;

/// A document that is not well-formed, not complete, or over a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlError {
    /// The document is in an encoding that is not read, or says that it is in two; the text says which.
    Encoding(String),
    /// Bytes that are no character in the encoding of the document, or a character that XML does not
    /// have. [`SessionBuilder::lossy_text`](crate::SessionBuilder::lossy_text) reads on.
    Character(Box<BadCharacter>),
    /// There is no document at all.
    Empty,
    /// Not well-formed; the text says what the parser found.
    Malformed(String),
    /// The document stops before its last element is closed.
    Truncated,
    /// A document type declaration, which no SOAP message may have (SOAP 1.2 part 1, section 5).
    DocumentType,
    /// Elements nested deeper than the limit.
    TooDeep(usize),
    /// More elements than the limit.
    TooManyElements(usize),
    /// More bytes than the limit.
    TooLarge(usize),
    /// Text where an element was expected, or the other way round.
    MixedContent(String),
}

/// Where a document holds what cannot be text, and what that is.
///
/// ```
/// use wsman::{DecodeError, Message, XmlError};
/// let answer = b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>
///     <Disk xmlns='urn:disk'><Model>ST4\xc0</Model></Disk></s:Body></s:Envelope>";
/// let Err(DecodeError::Xml(XmlError::Character(bad))) = Message::read(answer) else {
///     panic!("0xC0 is not UTF-8")
/// };
/// assert_eq!(bad.offset(), answer.iter().position(|byte| *byte == 0xc0).unwrap());
/// let path: Vec<&str> = bad.path().map(|(name, _)| name).collect();
/// assert_eq!(path, ["Envelope", "Body", "Disk", "Model"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCharacter {
    pub(super) found: Found,
    pub(super) offset: usize,
    pub(super) path: Vec<(String, usize)>,
}

/// What stands where a character should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A code unit that is no character of an encoding.
    Unit(u16, Charset),
    /// A number that XML has no character for: as itself or in a reference.
    Number(u32),
}

impl BadCharacter {
    /// The byte of the document where it stands, counted from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The elements it stands in, the root first: the name without its prefix, and how many elements
    /// stand before it in its parent.
    pub fn path(&self) -> impl DoubleEndedIterator<Item = (&str, usize)> {
        self.path
            .iter()
            .map(|(name, index)| (name.as_str(), *index))
    }
}

impl fmt::Display for BadCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset;
        match self.found {
            Found::Unit(unit, Charset::Utf16) => {
                write!(f, "0x{unit:04X} at byte {offset} is not UTF-16")
            }
            Found::Unit(byte, charset) => {
                write!(
                    f,
                    "byte 0x{byte:02X} at byte {offset} is not {}",
                    charset.name()
                )
            }
            Found::Number(number) => {
                write!(f, "U+{number:04X} at byte {offset} is no character of XML")
            }
        }?;
        f.write_str(" (SessionBuilder::lossy_text reads on, with U+FFFD in its place)")
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlError::Encoding(what) => {
                write!(f, "unsupported encoding: {}", Shown::new(what).at_most(200))
            }
            XmlError::Character(bad) => bad.fmt(f),
            XmlError::Empty => f.write_str("there is no document"),
            XmlError::Malformed(what) => {
                write!(f, "not well-formed: {}", Shown::new(what).at_most(400))
            }
            XmlError::Truncated => f.write_str("the document stops before its end"),
            XmlError::DocumentType => f.write_str("the document has a document type"),
            XmlError::TooDeep(limit) => write!(f, "nested deeper than {limit} elements"),
            XmlError::TooManyElements(limit) => write!(f, "more than {limit} elements"),
            XmlError::TooLarge(limit) => write!(f, "larger than {limit} bytes"),
            XmlError::MixedContent(element) => {
                let element = Shown::new(element).at_most(80);
                write!(f, "text and elements mixed in {element}")
            }
        }
    }
}

impl std::error::Error for XmlError {}
