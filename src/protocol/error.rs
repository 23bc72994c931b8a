//! The errors of reading a response.

use std::fmt;

use crate::shown::Shown;
use crate::xml::{BadCharacter, XmlError};

/// A response that is not a valid WS-Management message, or not the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The XML is malformed, truncated or over a limit.
    Xml(XmlError),
    /// The root element is not a SOAP 1.2 envelope; holds its name.
    NotSoap(String),
    /// A mandatory part of the message is missing.
    Missing(&'static str),
    /// The response answers another message (`wsa:RelatesTo`).
    Unrelated {
        /// The identifier of the request.
        sent: String,
        /// The identifier that the response names.
        answered: String,
    },
    /// The response answers another operation (`wsa:Action`), or names neither an action nor its
    /// request.
    OtherAction {
        /// The expected action.
        expected: String,
        /// The received action; empty if the response has none.
        found: String,
    },
    /// The message holds both content and a fault; holds the fault.
    Contradictory(String),
    /// The message has mandatory headers that this library does not support; holds their names.
    NotUnderstood(String),
    /// A part is repeated.
    Repeated(&'static str),
    /// One of several responses to a message is missing (MS-WSMV 3.2.7).
    OutOfOrder {
        /// The number of the expected response.
        expected: u64,
        /// The number of the received response.
        found: u64,
    },
    /// The body is not the expected one; holds the name of its first element.
    Unexpected(String),
    /// References are nested in keys more levels deep than this.
    NestedReferences(usize),
    /// An element holds only text where an instance was expected.
    BareText {
        /// The name of the element.
        element: String,
        /// The length of the text, which may be the value of a property.
        characters: usize,
    },
}

impl DecodeError {
    /// Whether the response names another message or operation.
    pub(crate) fn is_of_another_message(&self) -> bool {
        matches!(self, Self::Unrelated { .. } | Self::OtherAction { .. })
    }

    /// Creates the error for an element that holds only text.
    pub(super) fn bare_text(element: &str, text: &str) -> Self {
        DecodeError::BareText {
            element: element.to_owned(),
            characters: text.chars().count(),
        }
    }
}

/// Returns the position of a character in a response: its row, counted from 0, and its property.
fn place(bad: &BadCharacter) -> String {
    let path: Vec<_> = bad.path().collect();
    let named = |wanted: &str| path.iter().position(|(name, _)| *name == wanted);
    let is_wrapper = |at: usize, wanted: &[&str]| {
        let found = path.get(at);
        found.is_some_and(|(name, _)| wanted.contains(name))
    };
    let (row, instance) = match (named("Items"), named("Body")) {
        (Some(items), _) => {
            let row = items + 1;
            let is_item = is_wrapper(row, &["Item"]);
            (path.get(row), row + usize::from(is_item))
        }
        // openwsman sends an event directly in its response.
        (None, Some(body)) => {
            let is_page = is_wrapper(body + 1, &["PullResponse", "EnumerateResponse"]);
            (None, body + 1 + usize::from(is_page))
        }
        (None, None) => (None, path.len()),
    };
    let property = path.get(instance + 1).or(path.last());
    let mut text = row.map_or_else(String::new, |(_, row)| format!("row {row}, "));
    if let Some((property, _)) = property {
        text.push_str(&format!("property {}: ", name(property)));
    }
    text
}

/// Returns a name or an identifier from a server, safe to print.
fn name(text: &str) -> Shown<'_> {
    Shown::new(text).at_most(80)
}

impl DecodeError {
    /// Returns whether a SOAP envelope was read, which proves that the sender processed a message.
    pub(crate) fn is_of_soap(&self) -> bool {
        !matches!(self, DecodeError::Xml(_) | DecodeError::NotSoap(_))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Xml(XmlError::Character(bad)) => {
                write!(f, "the message cannot be read: {}{bad}", place(bad))
            }
            DecodeError::Xml(error) => write!(f, "the message cannot be read: {error}"),
            DecodeError::NotSoap(root) => {
                write!(
                    f,
                    "the message is not a SOAP 1.2 envelope: its root is {}",
                    name(root)
                )
            }
            DecodeError::Missing(part) => write!(f, "the message has no {part}"),
            DecodeError::Unrelated { sent, answered } => {
                write!(f, "the message answers {}, not {sent}", name(answered))
            }
            DecodeError::OtherAction { expected, found } if found.is_empty() => {
                write!(
                    f,
                    "the response names neither its request nor its action; expected {expected}"
                )
            }
            DecodeError::OtherAction { expected, found } => {
                write!(
                    f,
                    "the message has the action {}, expected {expected}",
                    Shown::new(found)
                )
            }
            DecodeError::Contradictory(fault) => {
                write!(
                    f,
                    "the message holds both content and the fault {}",
                    Shown::new(fault)
                )
            }
            DecodeError::NotUnderstood(names) => {
                let names = Shown::new(names);
                write!(
                    f,
                    "the message has unsupported mustUnderstand headers: {names}"
                )
            }
            DecodeError::Repeated(part) => write!(f, "the message has more than one {part}"),
            DecodeError::OutOfOrder { expected, found } => {
                write!(f, "message {expected} is missing: received message {found}")
            }
            DecodeError::Unexpected(element) => {
                write!(f, "unexpected element <{}> in the message", name(element))
            }
            DecodeError::BareText {
                element,
                characters,
            } => write!(
                f,
                "<{}> holds a text of length {characters} where an instance was expected",
                name(element)
            ),
            DecodeError::NestedReferences(levels) => {
                write!(f, "references are nested more than {levels} levels deep")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

impl From<XmlError> for DecodeError {
    fn from(error: XmlError) -> Self {
        DecodeError::Xml(error)
    }
}
