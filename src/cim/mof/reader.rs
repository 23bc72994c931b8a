//! Reads texts, files and folders.

use std::path::Path;

use super::content::Mof;
use super::error::{Flaw, MofError};
use super::resolve::resolve;
use super::source::{Sources, files_below};
use crate::cim::{Class, Namespace};

/// The most bytes by default.
const MOST_BYTES: u64 = 64 << 20;

/// Reads MOF from a text, a file or a folder.
///
/// ```no_run
/// use wsman::cim::mof::MofReader;
/// let schema = MofReader::new().path("cim_schema_2.32.0.mof")?;
/// println!("{} classes", schema.classes().count());
/// # Ok::<(), wsman::cim::mof::MofError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MofReader {
    namespace: Option<Namespace>,
    known: Vec<(Namespace, Class)>,
    byte_limit: u64,
}

impl Default for MofReader {
    fn default() -> Self {
        Self::new()
    }
}

impl MofReader {
    /// Creates a reader.
    pub fn new() -> Self {
        Self {
            namespace: None,
            known: Vec::new(),
            byte_limit: MOST_BYTES,
        }
    }

    /// Sets the namespace of what stands before a `#pragma namespace`. Defaults to none.
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// Adds a class that the text may use without declaring it, as a superclass or of an instance.
    #[must_use]
    pub fn known_class(mut self, namespace: Namespace, class: Class) -> Self {
        self.known.push((namespace, class));
        self
    }

    /// Sets the most bytes that are read, with all included files. Defaults to 64 MiB.
    #[must_use]
    pub fn byte_limit(mut self, bytes: u64) -> Self {
        self.byte_limit = bytes;
        self
    }

    /// Reads a text. `#pragma include` is an error, because the text is in no folder.
    ///
    /// # Errors
    /// Fails on invalid MOF; the error names the place.
    pub fn text(&self, text: &str) -> Result<Mof, MofError> {
        self.read(|sources| sources.text(text))
    }

    /// Reads a file with those that it includes; or all files of a folder and of those below it whose
    /// names end in `.mof`. Each file is read once. It is UTF-8, or UTF-16 with a byte order mark.
    ///
    /// # Errors
    /// Fails on a file that cannot be read, and on invalid MOF; the error names the file and the place.
    pub fn path(&self, path: impl AsRef<Path>) -> Result<Mof, MofError> {
        let path = path.as_ref();
        if !path.is_dir() {
            return self.read(|sources| sources.path(path));
        }
        let files = files_below(path).map_err(|error| MofError::unreadable(path, error))?;
        self.read(|sources| files.iter().try_for_each(|file| sources.path(file)))
    }

    fn read(&self, read: impl FnOnce(&mut Sources) -> Result<(), Flaw>) -> Result<Mof, MofError> {
        let mut sources = Sources::new(self.byte_limit);
        let namespaces = read(&mut sources).and_then(|()| {
            let productions = std::mem::take(&mut sources.productions);
            resolve(productions, self.namespace.as_ref(), &self.known)
        });
        let namespaces = namespaces.map_err(|flaw| {
            let file = sources.file(flaw.at.file).map(Path::to_path_buf);
            MofError::new(flaw, file)
        })?;
        Ok(Mof { namespaces })
    }
}

impl Mof {
    /// Reads a text. `#pragma include` is an error, because the text is in no folder.
    ///
    /// # Errors
    /// Fails on invalid MOF; the error names the place.
    pub fn parse(text: &str) -> Result<Self, MofError> {
        MofReader::new().text(text)
    }
}
