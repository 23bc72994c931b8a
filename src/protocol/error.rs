//! Why an answer could not be read.

use std::fmt;

use crate::shown::Shown;
use crate::xml::{BadCharacter, XmlError};

/// An answer that is no WS-Management message, or not the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not well-formed, cut short or over a limit.
    Xml(XmlError),
    /// The root element is no SOAP 1.2 envelope; holds its name.
    NotSoap(String),
    /// A part that the message must have is not there.
    Missing(&'static str),
    /// The answer is to another message (`wsa:RelatesTo`).
    Unrelated {
        /// What was sent.
        sent: String,
        /// What the answer names.
        answered: String,
    },
    /// The answer is to another operation (`wsa:Action`), or names neither that nor the message that it
    /// is to.
    OtherAction {
        /// The action of the answer that was expected.
        expected: String,
        /// The action of the one that came; empty if it has none.
        found: String,
    },
    /// There is content and a fault, in one body or in two; holds the fault.
    Contradictory(String),
    /// Headers that must be understood are not known here; holds their names.
    NotUnderstood(String),
    /// A part stands twice.
    Repeated(&'static str),
    /// One of several answers to a message is missing (MS-WSMV 3.2.7).
    OutOfOrder {
        /// The number of the one that should have come.
        expected: u64,
        /// The number of the one that came.
        found: u64,
    },
    /// The body is another one than was expected; holds the name of its first element.
    Unexpected(String),
    /// References are nested in the keys of others more levels deep than this.
    NestedReferences(usize),
    /// An element holds only text where an instance was expected.
    BareText {
        /// The name of the element.
        element: String,
        /// The text, cut to a readable length.
        text: String,
    },
}

/// How many characters of a text are repeated.
const SHOWN: usize = 80;

impl DecodeError {
    /// An element that holds only text.
    pub(super) fn bare_text(element: &str, text: &str) -> Self {
        DecodeError::BareText {
            element: element.to_owned(),
            text: text.chars().take(SHOWN).collect(),
        }
    }
}

/// Where in an answer a character stands: its row, counted from 0, and its property.
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

/// A name or an identifier of a server.
fn name(text: &str) -> Shown<'_> {
    Shown::new(text).at_most(80)
}

impl DecodeError {
    /// Whether a SOAP envelope was read: then its writer has seen a message.
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
                write!(f, "the message is no SOAP 1.2 envelope but {}", name(root))
            }
            DecodeError::Missing(part) => write!(f, "the message has no {part}"),
            DecodeError::Unrelated { sent, answered } => {
                write!(f, "the message answers {}, not {sent}", name(answered))
            }
            DecodeError::OtherAction { expected, found } if found.is_empty() => {
                write!(
                    f,
                    "the message does not say that it is an answer ({expected})"
                )
            }
            DecodeError::OtherAction { expected, found } => {
                write!(f, "the message is {}, not {expected}", Shown::new(found))
            }
            DecodeError::Contradictory(fault) => {
                write!(
                    f,
                    "the message holds content and the fault {}",
                    Shown::new(fault)
                )
            }
            DecodeError::NotUnderstood(names) => {
                let names = Shown::new(names);
                write!(
                    f,
                    "the message has a header that must be understood and is not: {names}"
                )
            }
            DecodeError::Repeated(part) => write!(f, "the message has more than one {part}"),
            DecodeError::OutOfOrder { expected, found } => {
                write!(f, "message {expected} is missing: message {found} came")
            }
            DecodeError::Unexpected(element) => {
                write!(f, "the message holds <{}>", name(element))
            }
            DecodeError::BareText { element, text } => write!(
                f,
                "<{}> holds the text {text:?} where an instance was expected",
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
