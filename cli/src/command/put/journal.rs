//! The journal of `put --from`: which instances are done, so that a run can go on after an
//! interruption.
//!
//! A line stands before each write (`sent`), and another after it (`done` or `failed`). So a write
//! without its second line may or may not have been done: it is read back before it is sent again.
//! An instance is known by its host and the hash of its JSON; the journal holds no values of it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What the journal knows about an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// The write was about to be sent; its outcome is not known.
    Sent,
    Done,
    /// The server refused the write, so that nothing was changed.
    Failed,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    host: String,
    instance: String,
    state: State,
}

/// The file, and what its lines say.
#[derive(Debug)]
pub(super) struct Journal {
    file: Mutex<File>,
    known: HashMap<(String, String), State>,
    skipped: AtomicUsize,
}

impl Journal {
    /// Opens a journal, or makes a new one.
    ///
    /// # Errors
    /// A file that is not a journal. A last line that was cut off is none.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::usage("--journal", &error);
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .map_err(failed)?;
        let is_file = file.metadata().map_err(failed)?.is_file();
        if !is_file {
            return Err(Failure::Usage("--journal is not a regular file".into()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text
            .rfind('\n')
            .map_or("", |end| text.get(..=end).unwrap_or_default());
        let mut known = HashMap::new();
        for line in whole.lines() {
            let line: Line = serde_json::from_str(line)
                .map_err(|error| Failure::usage("--journal is not a journal", &error))?;
            known.insert((line.host, line.instance), line.state);
        }
        if !text.is_empty() && known.is_empty() {
            return Err(Failure::Usage("--journal is not a journal".into()));
        }
        file.set_len(whole.len() as u64).map_err(failed)?;
        Ok(Self {
            file: Mutex::new(file),
            known,
            skipped: AtomicUsize::new(0),
        })
    }

    /// Counts an instance that an earlier run did.
    pub(super) fn skip(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many instances earlier runs did.
    pub(super) fn skipped(&self) -> usize {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Returns what is known about an instance from earlier runs.
    pub(super) fn state(&self, host: &str, instance: &str) -> Option<State> {
        let id = (host.to_owned(), instance.to_owned());
        self.known.get(&id).copied()
    }

    /// Notes a state; it has reached the system before this returns.
    pub(super) fn note(&self, host: &str, instance: &str, state: State) -> Result<(), Failure> {
        let line = Line {
            host: host.to_owned(),
            instance: instance.to_owned(),
            state,
        };
        let mut text =
            serde_json::to_string(&line).map_err(|error| unwritable(state, &error.into()))?;
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        append(&mut file, &text).map_err(|error| unwritable(state, &error))
    }
}

/// Appends a line. A part of it that a full disk leaves behind is cut off, so that the next line is whole.
fn append(file: &mut File, line: &str) -> io::Result<()> {
    let end = file.metadata()?.len();
    file.write_all(line.as_bytes()).inspect_err(|_| {
        // If this fails too, the torn line ends the file, as the program stops now.
        let _ = file.set_len(end);
    })
}

fn unwritable(state: State, error: &io::Error) -> Failure {
    let sent = match state {
        State::Sent => "so the instance was not sent",
        State::Done => "after the server did the write",
        State::Failed => "after the server refused the write",
    };
    Failure::journal(format!("the journal cannot be written, {sent}: {error}"))
}

/// Returns the hash of a text (FNV-1a of 128 bits), which stays the same in every version.
pub(super) fn hash(text: &str) -> String {
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = text.bytes();
    let hash = bytes.fold(START, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_earlier_runs_did() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::open(&path).unwrap();
        journal.note("a", "1", State::Sent).unwrap();
        journal.note("a", "1", State::Done).unwrap();
        journal.note("a", "2", State::Sent).unwrap();
        drop(journal);
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.state("a", "1"), Some(State::Done));
        assert_eq!(journal.state("a", "2"), Some(State::Sent));
        assert_eq!(journal.state("b", "1"), None);
    }

    #[test]
    fn a_line_that_was_cut_off_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let whole = r#"{"host":"a","instance":"1","state":"done"}"#;
        std::fs::write(&path, format!("{whole}\n{{\"host\":\"a\",\"ins")).unwrap();
        let journal = Journal::open(&path).unwrap();
        journal.note("a", "2", State::Sent).unwrap();
        drop(journal);
        let text = std::fs::read_to_string(&path).unwrap();
        let last = r#"{"host":"a","instance":"2","state":"sent"}"#;
        assert_eq!(text, format!("{whole}\n{last}\n"));
        assert_eq!(
            Journal::open(&path).unwrap().state("a", "2"),
            Some(State::Sent)
        );
    }

    #[test]
    fn rejects_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        for text in ["one\ntwo\n", "one"] {
            std::fs::write(&path, text).unwrap();
            assert!(Journal::open(&path).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(Journal::open(folder.path()).is_err());
    }

    #[test]
    fn the_hash_is_that_of_the_published_vectors() {
        assert_eq!(hash(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(hash("a"), "d228cb696f1a8caf78912b704e4a8964");
    }
}
