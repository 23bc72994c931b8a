//! The errors of reading a document.

use std::fmt;

use super::charset::Charset;
use crate::shown::Shown;

/// A document that is malformed, incomplete, or over a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlError {
    /// The encoding of the document is unsupported or contradictory; the text names it.
    Encoding(String),
    /// Bytes that are invalid in the encoding of the document, or a character that XML does not allow.
    /// [`SessionBuilder::lossy_text`](crate::SessionBuilder::lossy_text) replaces them.
    Character(Box<BadCharacter>),
    /// The document is empty.
    Empty,
    /// Malformed; the text is the parser's message.
    Malformed(String),
    /// The document ends before its last element is closed.
    Truncated,
    /// A document type declaration, which SOAP forbids (SOAP 1.2 part 1, section 5).
    DocumentType,
    /// Elements nested deeper than the limit.
    TooDeep(usize),
    /// More elements than the limit.
    TooManyElements(usize),
    /// More attributes of an element than the limit.
    TooManyAttributes(usize),
    /// More namespaces declared at one place than the limit.
    TooManyNamespaces(usize),
    /// More bytes than the limit.
    TooLarge(usize),
    /// Text where an element was expected, or the reverse.
    MixedContent(String),
}

/// The position and the kind of an invalid character in a document.
///
/// ```
/// use wsman::protocol::{DecodeError, Message};
/// use wsman::xml::XmlError;
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
    /// Whether it stands in what is sent back.
    pub(super) is_exact: bool,
    pub(super) offset: usize,
    pub(super) path: Vec<(String, usize)>,
}

/// The content at the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A code unit that is invalid in an encoding.
    Unit(u16, Charset),
    /// A character number that XML does not allow, as a character or as a reference.
    Number(u32),
}

impl BadCharacter {
    /// Returns the byte offset in the document, counted from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the surrounding elements, the root first: the name without its prefix, and the number of
    /// elements before it in its parent.
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
                write!(
                    f,
                    "U+{number:04X} at byte {offset} is not a valid XML character"
                )
            }
        }?;
        f.write_str(if self.is_exact {
            " in a text that the client must send back unchanged"
        } else {
            " (SessionBuilder::lossy_text replaces it with U+FFFD)"
        })
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlError::Encoding(what) => {
                write!(f, "unsupported encoding: {}", Shown::new(what).at_most(200))
            }
            XmlError::Character(bad) => bad.fmt(f),
            XmlError::Empty => f.write_str("the document is empty"),
            XmlError::Malformed(what) => {
                write!(f, "not well-formed: {}", Shown::new(what).at_most(400))
            }
            XmlError::Truncated => f.write_str("the document stops before its end"),
            XmlError::DocumentType => f.write_str("a document type (DOCTYPE) is not allowed"),
            XmlError::TooDeep(limit) => {
                write!(f, "nested deeper than {limit} elements (Limits::depth)")
            }
            XmlError::TooManyElements(limit) => {
                write!(f, "more than {limit} elements (Limits::elements)")
            }
            XmlError::TooManyAttributes(limit) => write!(
                f,
                "more than {limit} attributes of an element (Limits::attributes)"
            ),
            XmlError::TooManyNamespaces(limit) => write!(
                f,
                "more than {limit} namespaces at one place (Limits::namespaces)"
            ),
            XmlError::TooLarge(limit) => write!(f, "larger than {limit} bytes (Limits::bytes)"),
            XmlError::MixedContent(element) => {
                let element = Shown::new(element).at_most(80);
                write!(f, "text and elements are mixed in {element}")
            }
        }
    }
}

impl std::error::Error for XmlError {}
