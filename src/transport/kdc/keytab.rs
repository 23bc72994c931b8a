//! Reads keytab files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::limits::KEYTAB_BYTES as LARGEST;
use crate::auth::{Keytab, KeytabError};

impl Keytab {
    /// Reads a keytab file of at most 16 MiB.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or is no keytab: see [`KeytabError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KeytabError> {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut file = File::open(path)?.take(LARGEST + 1);
        file.read_to_end(&mut bytes)?;
        match u64::try_from(bytes.len()) {
            Ok(0..=LARGEST) => Self::read(&bytes),
            _ => Err(KeytabError::TooLarge(LARGEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this length whose keys end at once: the rest has no meaning.
    fn open(length: u64) -> Result<Keytab, KeytabError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [5, 2, 0, 0, 0, 0]).unwrap();
        file.as_file().set_len(length).unwrap();
        Keytab::open(file.path())
    }

    #[test]
    fn the_size_of_a_keytab_is_limited() {
        assert!(open(LARGEST).unwrap().principals().is_empty());
        let error = open(LARGEST + 1).unwrap_err();
        assert!(matches!(error, KeytabError::TooLarge(LARGEST)));
        assert_eq!(
            error.to_string(),
            "the keytab is larger than 16777216 bytes"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_an_end_is_limited() {
        let error = Keytab::open("/dev/zero").unwrap_err();
        assert!(matches!(error, KeytabError::TooLarge(_)), "{error}");
    }
}
