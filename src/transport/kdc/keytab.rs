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
