//! Which files: those that were named, and every `*.xml` below a folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Whether a name stands for standard input. A file of this name is `./-`.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Files in sorted order, found as they are asked for; with each, what kept it from being found.
///
/// Links to folders are not followed, so that none leads in a circle.
pub(super) struct Files {
    /// The next one last.
    pending: Vec<PathBuf>,
}

impl Files {
    /// What was named, in the order it was.
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

/// The folders and messages in a folder.
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
