//! Files that others write.

use wsman::fuzzing;

pub use fuzzing::keytab;

/// A `krb5.conf`.
pub fn krb5_conf(data: &[u8]) {
    fuzzing::krb5_conf(&String::from_utf8_lossy(data));
}

/// A `case.toml`.
pub fn case_toml(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        fuzzing::case_toml(text);
    }
}
