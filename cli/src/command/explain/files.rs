//! The input files: the named ones, and every `*.xml` below a named folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::app::is_stdin;

/// Iterates over the files in sorted order, with an error for each that cannot be found.
///
/// Links to folders are not followed, so that there are no cycles.
pub(super) struct Files {
    /// The next one is the last.
    pending: Vec<PathBuf>,
}

impl Files {
    /// Starts with the named paths, in order.
    pub(super) fn named(paths: &[PathBuf]) -> Self {
        Self {
            pending: paths.iter().rev().cloned().collect(),
        }
    }
}

impl Iterator for Files {
    type Item = (PathBuf, Result<(), String>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let path = self.pending.pop()?;
            if is_stdin(&path) || !path.is_dir() {
                return Some((path, Ok(())));
            }
            match messages_in(&path) {
                Ok(mut entries) => {
                    entries.sort_unstable_by(|a, b| b.cmp(a));
                    self.pending.append(&mut entries);
                }
                Err(error) => return Some((path, Err(error.to_string()))),
            }
        }
    }
}

/// Lists the folders and messages in a folder.
fn messages_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_message = || path.extension().is_some_and(|end| end == "xml") && path.is_file();
        if entry.file_type()?.is_dir() || is_message() {
            found.push(path);
        }
    }
    Ok(found)
}
