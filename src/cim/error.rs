//! The error of an invalid or missing value.

use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::secret::HIDDEN;
use crate::shown::Shown;

/// A text or value that is missing or is not of the requested type.
///
/// States what was found and what was expected, and the property once it is known. The text of the error
/// never prints the value of a property, because logs may keep it longer than the value may be known: it
/// names the type of the value and the length of a text. [`found`](Self::found) returns the value, unless
/// it is a secret.
///
/// ```
/// use wsman::Instance;
/// let share = Instance::new("Win32_Share").with("Name", "logs");
/// let error = share.get::<u32>("Type").unwrap_err();
/// assert!(error.is_missing());
/// assert_eq!(error.property(), Some("Type"));
/// let error = share.get::<u32>("Name").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "property Name: a string of 4 characters is not a value of type uint32"
/// );
/// assert_eq!(error.found(), "logs");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ValueError {
    property: Option<String>,
    problem: Problem,
}

#[derive(Clone, PartialEq, Eq)]
enum Problem {
    Mismatch {
        found: Found,
        wanted: String,
    },
    Missing {
        wanted: String,
    },
    /// Nothing but white space.
    Empty {
        wanted: String,
    },
    /// A message from outside this crate, such as from the caller's own `Deserialize`.
    Message(String),
}

/// What was found instead of the expected value.
#[derive(Clone, PartialEq, Eq)]
struct Found {
    /// The text itself, truncated; `***` for a secret.
    text: String,
    /// What the error prints in place of the value of a property; `None` for another text, such as a
    /// name, which is printed itself.
    kind: Option<String>,
}

/// The longest part of a found text that an error repeats, in characters.
const SHOWN: usize = 80;

/// The message of an error of a secret, which may repeat the secret.
const HIDDEN_MESSAGE: &str = "invalid value; its message is hidden, because the value is a secret";

impl Found {
    fn text(text: &str) -> Self {
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Self {
            text: shown,
            kind: None,
        }
    }

    /// Prints what it is in place of the text.
    fn printed_as(self, kind: impl FnOnce(&str) -> String) -> Self {
        Self {
            kind: self.kind.or_else(|| Some(kind(&self.text))),
            ..self
        }
    }
}

/// Returns a description of a text, with its length.
pub(crate) fn text_of_length(kind: &str, text: &str) -> String {
    match text.chars().count() {
        1 => format!("{kind} of 1 character"),
        count => format!("{kind} of {count} characters"),
    }
}

impl ValueError {
    /// Creates the error for `found` where `wanted` was expected; truncates a long text. The error prints
    /// the text, unless it is that of a property ([`in_property`](Self::in_property)).
    pub fn new(found: impl AsRef<str>, wanted: impl Into<String>) -> Self {
        Self::mismatch(Found::text(found.as_ref()), wanted)
    }

    /// Creates the error for a value of this kind, which it prints, where `wanted` was expected.
    pub(crate) fn of_kind(found: &str, kind: String, wanted: impl Into<String>) -> Self {
        Self::mismatch(Found::text(found).printed_as(|_| kind), wanted)
    }

    /// Creates the error for what a phrase describes, where `wanted` was expected.
    pub(crate) fn of_phrase(found: &str, wanted: impl Into<String>) -> Self {
        Self::of_kind(found, found.to_owned(), wanted)
    }

    /// Creates the error for a text that is or holds a value, where `wanted` was expected.
    pub(crate) fn of_text(found: impl AsRef<str>, wanted: impl Into<String>) -> Self {
        let found = found.as_ref();
        Self::of_kind(found, text_of_length("a text", found), wanted)
    }

    fn mismatch(found: Found, wanted: impl Into<String>) -> Self {
        Self::of(Problem::Mismatch {
            found,
            wanted: wanted.into(),
        })
    }

    /// Creates the error for a missing value where `wanted` was expected.
    pub fn missing(wanted: impl Into<String>) -> Self {
        Self::of(Problem::Missing {
            wanted: wanted.into(),
        })
    }

    /// Creates the error for an empty text where `wanted` was expected.
    pub(crate) fn empty(wanted: impl Into<String>) -> Self {
        Self::of(Problem::Empty {
            wanted: wanted.into(),
        })
    }

    fn of(problem: Problem) -> Self {
        Self {
            property: None,
            problem,
        }
    }

    /// Names the property the value was found in; keeps the innermost name. The error then prints the
    /// length of a found text in place of the text.
    #[must_use]
    pub fn in_property(mut self, name: impl AsRef<str>) -> Self {
        self.property
            .get_or_insert_with(|| name.as_ref().to_owned());
        if let Problem::Mismatch { found, .. } = &mut self.problem {
            let known = std::mem::replace(found, Found::text(""));
            *found = known.printed_as(|text| text_of_length("a text", text));
        }
        self
    }

    /// Removes the value and every text that may repeat it.
    #[must_use]
    pub(crate) fn of_secret(mut self) -> Self {
        match &mut self.problem {
            Problem::Mismatch { found, .. } => {
                *found = Found {
                    text: HIDDEN.to_owned(),
                    kind: Some("a secret".to_owned()),
                }
            }
            Problem::Message(message) => *message = HIDDEN_MESSAGE.to_owned(),
            Problem::Missing { .. } | Problem::Empty { .. } => {}
        }
        self
    }

    /// Returns the property, if known.
    pub fn property(&self) -> Option<&str> {
        self.property.as_deref()
    }

    /// Returns the text or value that was found, truncated; empty if there was none, `***` for a secret.
    /// The text of the error does not repeat the value of a property: do not log what this returns.
    pub fn found(&self) -> &str {
        match &self.problem {
            Problem::Mismatch { found, .. } => &found.text,
            Problem::Missing { .. } | Problem::Empty { .. } | Problem::Message(_) => "",
        }
    }

    /// Returns what was expected instead; empty if the error is a custom message.
    pub fn wanted(&self) -> &str {
        match &self.problem {
            Problem::Mismatch { wanted, .. }
            | Problem::Missing { wanted }
            | Problem::Empty { wanted } => wanted,
            Problem::Message(_) => "",
        }
    }

    /// Returns whether the property is missing, which differs from NULL.
    pub fn is_missing(&self) -> bool {
        matches!(self.problem, Problem::Missing { .. })
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(property) = &self.property {
            write!(f, "property {}: ", Shown::new(property).at_most(SHOWN))?;
        }
        match &self.problem {
            Problem::Mismatch { found, wanted } => match &found.kind {
                Some(kind) => write!(f, "{kind} is not {wanted}"),
                None => write!(f, "{:?} is not {wanted}", found.text),
            },
            Problem::Missing { wanted } => write!(f, "missing: expected {wanted}"),
            Problem::Empty { wanted } => write!(f, "empty: expected {wanted}"),
            Problem::Message(message) => Shown::new(message).fmt(f),
        }
    }
}

/// Prints the text of the error, because the fields hold the value.
impl fmt::Debug for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueError({self})")
    }
}

impl std::error::Error for ValueError {}

impl serde::ser::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(Problem::Message(message.to_string()))
    }
}

/// The messages of serde repeat the value; these name its type and length.
impl serde::de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(Problem::Message(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::of_text(variant, format!("one of {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::missing("a value").in_property(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        <Self as serde::de::Error>::custom("sent under two names").in_property(field)
    }
}

impl ValueError {
    fn unexpected(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let wanted = expected.to_string();
        match found {
            Unexpected::Str(text) => Self::of_text(text, wanted),
            other => {
                let kind = match other {
                    Unexpected::Bool(_) => "a boolean",
                    Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
                    Unexpected::Float(_) => "a real",
                    Unexpected::Char(_) => "a character",
                    Unexpected::Bytes(_) => "an octet string",
                    Unexpected::Unit | Unexpected::Option => "NULL",
                    Unexpected::Seq => "an array",
                    Unexpected::Map => "an instance",
                    _ => "a value of another form",
                };
                Self::mismatch(Found::text(kind).printed_as(str::to_owned), wanted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::Error as _;

    use super::*;
    use crate::cim::CimType;

    #[test]
    fn prints_each_kind_of_error() {
        let mismatch = ValueError::new("many", CimType::Uint32.wanted());
        assert_eq!(
            mismatch.to_string(),
            "\"many\" is not a value of type uint32"
        );
        let missing = ValueError::missing(CimType::Uint32.wanted()).in_property("Id");
        assert_eq!(
            missing.to_string(),
            "property Id: missing: expected a value of type uint32"
        );
        let message =
            <ValueError as serde::de::Error>::custom("no such state").in_property("State");
        assert_eq!(message.to_string(), "property State: no such state");
        assert_eq!((message.found(), message.wanted()), ("", ""));
        assert!(ValueError::missing_field("Id").is_missing() && !mismatch.is_missing());
    }

    #[test]
    fn keeps_the_innermost_property_and_truncates_long_text() {
        let error = ValueError::new("é".repeat(100), "short")
            .in_property("Inner")
            .in_property("Outer");
        assert_eq!(error.property(), Some("Inner"));
        assert_eq!(error.found().chars().count(), SHOWN + 1);
    }

    #[test]
    fn prints_the_length_of_a_text_in_a_property() {
        let error = ValueError::new("many", "a number").in_property("Size");
        assert_eq!(
            error.to_string(),
            "property Size: a text of 4 characters is not a number"
        );
        assert_eq!(
            format!("{error:?}"),
            "ValueError(property Size: a text of 4 characters is not a number)"
        );
        assert_eq!(error.found(), "many");
    }

    #[test]
    fn hides_a_secret_from_every_part() {
        let custom = <ValueError as serde::de::Error>::custom("hunter2 is too short");
        for error in [ValueError::new("hunter2", "a number"), custom] {
            let error = error.of_secret().in_property("Password");
            assert!(!error.found().contains("hunter2"));
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn prints_no_value_that_serde_found() {
        let wanted: &dyn Expected = &"a state";
        for (found, text) in [
            (Unexpected::Str("on"), "a text of 2 characters"),
            (Unexpected::Unsigned(7), "an integer"),
            (Unexpected::Signed(-7), "an integer"),
            (Unexpected::Float(0.5), "a real"),
            (Unexpected::Bool(true), "a boolean"),
            (Unexpected::Char('x'), "a character"),
            (Unexpected::Bytes(b"x"), "an octet string"),
            (Unexpected::Unit, "NULL"),
            (Unexpected::Seq, "an array"),
            (Unexpected::Map, "an instance"),
            (Unexpected::Enum, "a value of another form"),
        ] {
            for error in [
                ValueError::invalid_type(found, wanted),
                ValueError::invalid_value(found, wanted),
            ] {
                assert_eq!(error.to_string(), format!("{text} is not a state"));
            }
        }
        let variant = ValueError::unknown_variant("x", &["On", "Off"]);
        assert_eq!(
            variant.to_string(),
            "a text of 1 character is not one of On, Off"
        );
    }
}
