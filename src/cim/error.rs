//! What can be wrong with a value.

use std::fmt;

/// A text or value that is not of the type asked for.
///
/// Says what was found and what was wanted, and the property it was found in once that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    property: Option<String>,
    found: String,
    wanted: String,
}

/// The longest piece of a found text that an error repeats, in characters.
const SHOWN: usize = 80;

impl ValueError {
    /// `found` is not `wanted`; a long text is cut.
    pub fn new(found: impl AsRef<str>, wanted: impl Into<String>) -> Self {
        let found = found.as_ref();
        let mut shown: String = found.chars().take(SHOWN).collect();
        if shown.len() < found.len() {
            shown.push('…');
        }
        Self { property: None, found: shown, wanted: wanted.into() }
    }

    /// Names the property the value was found in; the innermost name stays.
    #[must_use]
    pub fn in_property(mut self, name: impl AsRef<str>) -> Self {
        self.property.get_or_insert_with(|| name.as_ref().to_owned());
        self
    }

    /// The property, if known.
    pub fn property(&self) -> Option<&str> {
        self.property.as_deref()
    }

    /// The text or value that was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What was wanted in its place.
    pub fn wanted(&self) -> &str {
        &self.wanted
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(property) = &self.property {
            write!(f, "property {property}: ")?;
        }
        write!(f, "{:?} is not {}", self.found, self.wanted)
    }
}

impl std::error::Error for ValueError {}
