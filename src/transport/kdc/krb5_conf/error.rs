//! Why `krb5.conf` cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::transport::kdc::limits;

/// An error in `krb5.conf`, with its place.
#[derive(Debug)]
pub struct Krb5ConfError {
    path: PathBuf,
    line: Option<usize>,
    problem: Problem,
}

/// What is wrong with the file, as MIT Kerberos sees it.
#[derive(Debug)]
pub(super) enum Problem {
    File(io::Error),
    Include(io::Error),
    /// A loadable module instead of a file.
    Module,
    /// A section's line has no `]`, or more than a `*` after it.
    Section,
    /// A section starts within braces.
    OpenBrace,
    ExtraBrace,
    /// `name =` without a brace on the next line.
    NoBrace,
    /// A line that is no relation.
    Relation,
    TooDeep,
    TooManyFiles,
    TooManyLines,
    TooLarge,
}

impl Krb5ConfError {
    pub(super) fn new(path: PathBuf, line: Option<usize>, problem: Problem) -> Self {
        Self {
            path,
            line,
            problem,
        }
    }

    /// Whether this file itself, not one that it includes, is missing or may not be read.
    pub(super) fn is_unreadable_file(&self, path: &Path) -> bool {
        use io::ErrorKind::{NotFound, PermissionDenied};
        match &self.problem {
            Problem::File(error) => {
                self.path == path && matches!(error.kind(), NotFound | PermissionDenied)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Krb5ConfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        f.write_str(": ")?;
        match &self.problem {
            Problem::File(_) => f.write_str("the file cannot be read"),
            Problem::Include(_) => f.write_str("the included folder cannot be read"),
            Problem::Module => f.write_str("a module is not supported: name a file"),
            Problem::Section => f.write_str("invalid section: expected [name]"),
            Problem::OpenBrace => f.write_str("a brace before this section is not closed"),
            Problem::ExtraBrace => f.write_str("a closing brace without an opening one"),
            Problem::NoBrace => f.write_str("expected an opening brace"),
            Problem::Relation => f.write_str("invalid line: expected name = value"),
            Problem::TooDeep => {
                let most = limits::CONF_DEPTH;
                write!(f, "includes or braces are nested more than {most} deep")
            }
            Problem::TooManyFiles => write!(f, "more than {} files", limits::CONF_FILES),
            Problem::TooManyLines => write!(f, "more than {} lines", limits::CONF_LINES),
            Problem::TooLarge => write!(f, "more than {} bytes", limits::CONF_BYTES),
        }
    }
}

impl std::error::Error for Krb5ConfError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::File(error) | Problem::Include(error) => Some(error),
            _ => None,
        }
    }
}
