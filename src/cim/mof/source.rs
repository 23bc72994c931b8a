//! The texts: files with their includes, and what may be read of them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::{Flaw, Position};
use super::parser::Parser;
use super::syntax::{Located, Production};

/// Includes are followed to this depth.
const DEEPEST: usize = 32;

/// The most files.
const MOST_FILES: usize = 20_000;

/// The files of a text, and the productions in them.
#[derive(Debug)]
pub(super) struct Sources {
    /// The files by their number; the name of a text without a file is `None`.
    files: Vec<Option<PathBuf>>,
    /// The files that were read, by their real path: each is read once.
    known: HashSet<PathBuf>,
    /// How many bytes may be read yet.
    left: u64,
    limit: u64,
    pub(super) productions: Vec<Production>,
}

impl Sources {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            files: Vec::new(),
            known: HashSet::new(),
            left: limit,
            limit,
            productions: Vec::new(),
        }
    }

    /// Returns the name of a file.
    pub(super) fn file(&self, number: usize) -> Option<&Path> {
        self.files.get(number)?.as_deref()
    }

    /// Reads a text that is in no file, so that it cannot include any.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Flaw> {
        self.files.push(None);
        self.take(text.len() as u64, Position::NONE)?;
        self.parse(text, None, 0)
    }

    /// Reads a file; none that was read already.
    pub(super) fn path(&mut self, path: &Path) -> Result<(), Flaw> {
        self.read(path, Position::NONE, 0)
    }

    /// Reads a file that is included at a place.
    fn read(&mut self, path: &Path, at: Position, depth: usize) -> Result<(), Flaw> {
        let unreadable = |error| Flaw::unreadable(at, path, error);
        let real = path.canonicalize().map_err(unreadable)?;
        if !self.known.insert(real) {
            return Ok(());
        }
        if self.files.len() >= MOST_FILES {
            return Err(Flaw::new(at, format!("more than {MOST_FILES} files")));
        }
        if depth > DEEPEST {
            let text = format!("includes are nested more than {DEEPEST} levels deep");
            return Err(Flaw::new(at, text));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        let read = file
            .take(self.left.saturating_add(1))
            .read_to_end(&mut bytes);
        read.map_err(unreadable)?;
        self.take(bytes.len() as u64, at)?;
        let text = decode(&bytes).map_err(unreadable)?;
        self.files.push(Some(path.to_path_buf()));
        self.parse(&text, path.parent(), depth)
    }

    fn take(&mut self, bytes: u64, at: Position) -> Result<(), Flaw> {
        let limit = self.limit;
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or_else(|| {
            Flaw::new(
                at,
                format!("more than {limit} bytes: set MofReader::byte_limit"),
            )
        })?;
        Ok(())
    }

    /// Parses a text; includes stand in the place of their pragma.
    fn parse(&mut self, text: &str, folder: Option<&Path>, depth: usize) -> Result<(), Flaw> {
        let file = self.files.len().saturating_sub(1);
        let mut parser = Parser::new(text, file)?;
        while let Some(production) = parser.next()? {
            match production {
                Production::Include(Located { at, value }) => {
                    let folder = folder.ok_or_else(|| {
                        Flaw::new(at, "a text that is in no file cannot include one")
                    })?;
                    self.read(&included(folder, &value), at, depth.saturating_add(1))?;
                }
                Production::OtherPragma => {}
                other => self.productions.push(other),
            }
        }
        Ok(())
    }
}

/// Returns the path of an included file, which Windows may have written with backslashes.
fn included(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    if path.exists() {
        path
    } else {
        folder.join(name.replace('\\', "/"))
    }
}

/// Decodes UTF-8, or UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> io::Result<String> {
    let units = |of: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().map(|pair| of(*pair)).collect::<Vec<_>>());
        text.ok().filter(|_| rest.is_empty())
    };
    let (text, encoding) = match bytes {
        [0xff, 0xfe, ..] => (units(u16::from_le_bytes), "UTF-16"),
        [0xfe, 0xff, ..] => (units(u16::from_be_bytes), "UTF-16"),
        _ => (std::str::from_utf8(bytes).ok().map(str::to_owned), "UTF-8"),
    };
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, format!("invalid {encoding}"));
    text.ok_or_else(invalid)
}

/// Returns the files of a folder and of those below it whose names end in `.mof`, in order.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // A link to a folder is not followed, because it may lead back.
            if entry.file_type()?.is_dir() {
                if depth >= DEEPEST {
                    return Err(io::Error::other("the folders are nested too deep"));
                }
                folders.push((path, depth + 1));
            } else if path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("mof"))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
