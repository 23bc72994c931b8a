//! Errors of MOF, with the place in the text.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::cim::Name;
use crate::shown::Shown;

/// A place in the text: the number of the file, and the line and column from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) file: usize,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Position {
    /// No place: of a file that is not included by another.
    pub(super) const NONE: Self = Self {
        file: usize::MAX,
        line: 0,
        column: 0,
    };
}

/// What is wrong at a place.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) at: Position,
    pub(super) text: String,
    pub(super) source: Option<io::Error>,
}

impl Flaw {
    pub(super) fn new(at: Position, text: impl Into<String>) -> Self {
        Self {
            at,
            text: text.into(),
            source: None,
        }
    }

    /// Names the property or qualifier whose value is wrong.
    pub(super) fn in_part(self, what: &str, name: &Name) -> Self {
        let part = format!("{what} {name}: ");
        // Where instances refer to one another, the innermost names it.
        if self.text.starts_with(&part) {
            return self;
        }
        Self {
            text: part + &self.text,
            ..self
        }
    }

    /// Creates the flaw of a file that cannot be read; the place is that of its `#pragma include`.
    pub(super) fn unreadable(at: Position, path: &Path, source: io::Error) -> Self {
        Self {
            at,
            text: format!("cannot read {}", path.display()),
            source: Some(source),
        }
    }
}

/// Invalid MOF: what is wrong, and where.
///
/// ```
/// use wsman::cim::mof::Mof;
/// let error = Mof::parse("class Acme_Lamp {\n  uint32 Id\n};").unwrap_err();
/// assert_eq!((error.line(), error.column()), (3, 1));
/// assert_eq!(error.to_string(), "3:1: expected \";\" after the property Id, found \"}\"");
/// ```
#[derive(Debug)]
pub struct MofError {
    file: Option<PathBuf>,
    line: u32,
    column: u32,
    message: String,
    source: Option<io::Error>,
}

impl MofError {
    /// Adds the name of the file to a flaw.
    pub(super) fn new(flaw: Flaw, file: Option<PathBuf>) -> Self {
        Self {
            file,
            line: flaw.at.line,
            column: flaw.at.column,
            message: flaw.text,
            source: flaw.source,
        }
    }

    /// Creates the error of a file or folder that cannot be read.
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        let flaw = Flaw::unreadable(Position::NONE, path, source);
        Self::new(flaw, None)
    }

    /// Returns the file; `None` for a text that was not read from one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns the line, from 1; 0 if no line is wrong but the file cannot be read.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Returns the column in characters, from 1; 0 without a line.
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl fmt::Display for MofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
        }
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if self.file.is_some() || self.line > 0 {
            f.write_str(" ")?;
        }
        Shown::new(&self.message).fmt(f)
    }
}

impl StdError for MofError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_ref();
        source.map(|source| source as &(dyn StdError + 'static))
    }
}
