//! Parses the files of `krb5.conf`, as the library of MIT Kerberos does.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::{Krb5ConfError, Problem};
use super::profile::Section;
use crate::transport::kdc::limits;

/// A reader of one file and its includes.
#[derive(Debug, Default)]
pub(super) struct Reader {
    files: usize,
    bytes: u64,
    lines: usize,
}

/// The state between two lines of a file.
#[derive(Debug, Default)]
struct State {
    /// Whether a section has started: everything before it is a comment.
    has_started: bool,
    /// The names of the section and its open subsections.
    path: Vec<String>,
    /// Whether the next line must have the opening brace.
    wants_brace: bool,
}

impl Reader {
    /// Reads a file and its includes, or the files of a folder, into one tree.
    pub(super) fn read(&mut self, path: &Path) -> Result<Section, Krb5ConfError> {
        let mut root = Section::default();
        let files = if path.is_dir() {
            let unreadable =
                |error| Krb5ConfError::new(path.to_owned(), None, Problem::File(error));
            files_of(path).map_err(unreadable)?
        } else {
            vec![path.to_owned()]
        };
        for file in files {
            self.add_file(&file, 0, &mut root)?;
        }
        Ok(root)
    }

    fn add_file(
        &mut self,
        path: &Path,
        depth: usize,
        root: &mut Section,
    ) -> Result<(), Krb5ConfError> {
        let text = self.text(path, depth).map_err(|problem| {
            let path = path.to_owned();
            Krb5ConfError::new(path, None, problem)
        })?;
        let mut state = State::default();
        for (number, line) in text.split('\n').enumerate() {
            let failed = |problem| Krb5ConfError::new(path.to_owned(), Some(number + 1), problem);
            self.lines += 1;
            if self.lines > limits::CONF_LINES {
                return Err(failed(Problem::TooManyLines));
            }
            if let Some(folder) = directive(line, "includedir") {
                let files = files_of(Path::new(folder));
                let files = files.map_err(|error| failed(Problem::Include(error)))?;
                for file in files {
                    self.add_file(&file, depth + 1, root)?;
                }
            } else if let Some(file) = directive(line, "include") {
                self.add_file(Path::new(file), depth + 1, root)?;
            } else {
                state.add_line(line, root).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads a file, within the limits for all files.
    fn text(&mut self, path: &Path, depth: usize) -> Result<String, Problem> {
        self.files += 1;
        if depth > limits::CONF_DEPTH {
            return Err(Problem::TooDeep);
        }
        if self.files > limits::CONF_FILES {
            return Err(Problem::TooManyFiles);
        }
        let left = limits::CONF_BYTES.saturating_sub(self.bytes);
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(Problem::File)?;
        let read = file.take(left + 1).read_to_end(&mut bytes);
        self.bytes += u64::try_from(read.map_err(Problem::File)?).unwrap_or(u64::MAX);
        if self.bytes > limits::CONF_BYTES {
            return Err(Problem::TooLarge);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Parses a text without its includes.
#[cfg(fuzzing)]
pub(super) fn parse_text(text: &str) -> Result<Section, Krb5ConfError> {
    let mut root = Section::default();
    let mut state = State::default();
    for (number, line) in text.split('\n').enumerate() {
        if directive(line, "includedir")
            .or(directive(line, "include"))
            .is_none()
        {
            let failed = |problem| Krb5ConfError::new(PathBuf::new(), Some(number + 1), problem);
            state.add_line(line, &mut root).map_err(failed)?;
        }
    }
    Ok(root)
}

impl State {
    fn add_line(&mut self, line: &str, root: &mut Section) -> Result<(), Problem> {
        if !self.has_started {
            if directive(line, "module").is_some() {
                return Err(Problem::Module);
            }
            // A section that is indented does not start the file.
            if !line.starts_with('[') {
                return Ok(());
            }
            self.has_started = true;
        }
        let line = line.trim_start_matches(is_space);
        if self.wants_brace {
            self.wants_brace = false;
            return if line.starts_with('{') {
                Ok(())
            } else {
                Err(Problem::NoBrace)
            };
        }
        match line.chars().next() {
            None | Some('#' | ';') => Ok(()),
            Some('[') => self.start_section(line, root),
            Some('}') => self.end_section(line, root),
            Some(_) => self.add_relation(line.trim_end_matches(['\r', '\n']), root),
        }
    }

    fn start_section(&mut self, line: &str, root: &mut Section) -> Result<(), Problem> {
        if self.path.len() > 1 {
            return Err(Problem::OpenBrace);
        }
        let (name, rest) = line
            .strip_prefix('[')
            .and_then(|line| line.split_once(']'))
            .ok_or(Problem::Section)?;
        self.path = vec![name.to_owned()];
        root.open(&self.path);
        let rest = match rest.strip_prefix('*') {
            Some(rest) => {
                root.finish(&self.path);
                rest
            }
            None => rest,
        };
        if rest.trim_matches(is_space).is_empty() {
            Ok(())
        } else {
            Err(Problem::Section)
        }
    }

    fn end_section(&mut self, line: &str, root: &mut Section) -> Result<(), Problem> {
        if self.path.len() < 2 {
            return Err(Problem::ExtraBrace);
        }
        if line.starts_with("}*") {
            root.finish(&self.path);
        }
        self.path.pop();
        Ok(())
    }

    fn add_relation(&mut self, line: &str, root: &mut Section) -> Result<(), Problem> {
        let (name, value) = line.split_once('=').ok_or(Problem::Relation)?;
        let name = name.trim_end_matches(is_space);
        if name.is_empty() || name.contains(is_space) {
            return Err(Problem::Relation);
        }
        let (name, is_final) = match name.split_once('*') {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        let value = value.trim_start_matches(is_space);
        let in_braces = value.strip_prefix('{');
        let opens = in_braces.is_some_and(|rest| rest.trim_matches(is_space).is_empty());
        self.wants_brace = value.is_empty();
        if opens || self.wants_brace {
            if self.path.len() > limits::CONF_DEPTH {
                return Err(Problem::TooDeep);
            }
            self.path.push(name.to_owned());
            root.open(&self.path);
            if is_final {
                root.finish(&self.path);
            }
        } else if let Some(quoted) = value.strip_prefix('"') {
            root.add(&self.path, name, unquoted(quoted));
        } else {
            let value = value.trim_end_matches(is_space);
            root.add(&self.path, name, value.to_owned());
        }
        Ok(())
    }
}

/// Returns the argument of a directive, which starts in the first column.
fn directive<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    let is_whole = rest.is_empty() || rest.starts_with(is_space);
    is_whole.then(|| rest.trim_start_matches(is_space).trim_end_matches('\r'))
}

/// White space as in C.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Returns the text up to the closing quote, without its escapes.
fn unquoted(text: &str) -> String {
    let mut value = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next().filter(|c| *c != '"') {
        value.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some(other) => other,
                None => break,
            },
            other => other,
        });
    }
    value
}

/// Returns the files of an included folder, in the order of their names.
fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_read(&path) && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Whether a file of an included folder is read: its name has only letters, digits, dashes and
/// underscores, or ends in `.conf`.
fn is_read(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars().all(is_plain) || (name.ends_with(".conf") && !name.starts_with('.'))
}
