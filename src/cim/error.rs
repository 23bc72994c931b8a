//! The error of an invalid or missing value.

use std::fmt;

use crate::shown::Shown;

/// A text or value that is missing or is not of the requested type.
///
/// States what was found and what was expected, and the property once it is known.
///
/// ```
/// use wsman::Instance;
/// let share = Instance::new("Win32_Share").with("Name", "logs");
/// let error = share.get::<u32>("Type").unwrap_err();
/// assert!(error.is_missing());
/// assert_eq!(error.property(), Some("Type"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    property: Option<String>,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Mismatch {
        found: String,
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

/// The longest part of a found text that an error repeats, in characters.
const SHOWN: usize = 80;

impl ValueError {
    /// Creates the error for `found` where `wanted` was expected; truncates a long text.
    pub fn new(found: impl AsRef<str>, wanted: impl Into<String>) -> Self {
        let found = found.as_ref();
        let mut shown: String = found.chars().take(SHOWN).collect();
        if shown.len() < found.len() {
            shown.push('…');
        }
        Self::of(Problem::Mismatch {
            found: shown,
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

    /// Names the property the value was found in; keeps the innermost name.
    #[must_use]
    pub fn in_property(mut self, name: impl AsRef<str>) -> Self {
        self.property
            .get_or_insert_with(|| name.as_ref().to_owned());
        self
    }

    /// Returns the property, if known.
    pub fn property(&self) -> Option<&str> {
        self.property.as_deref()
    }

    /// Returns the text or value that was found; empty if there was none.
    pub fn found(&self) -> &str {
        match &self.problem {
            Problem::Mismatch { found, .. } => found,
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
            Problem::Mismatch { found, wanted } => write!(f, "{found:?} is not {wanted}"),
            Problem::Missing { wanted } => write!(f, "missing: expected {wanted}"),
            Problem::Empty { wanted } => write!(f, "empty: expected {wanted}"),
            Problem::Message(message) => Shown::new(message).fmt(f),
        }
    }
}

impl std::error::Error for ValueError {}

impl serde::ser::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(Problem::Message(message.to_string()))
    }
}

impl serde::de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(Problem::Message(message.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::missing("a value").in_property(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        <Self as serde::de::Error>::custom("sent under two names").in_property(field)
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
}
