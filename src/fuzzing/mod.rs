//! The door for the fuzz targets of `fuzz/`: reads and writes as the private parts do.
//!
//! It exists under `cfg(fuzzing)` alone, which cargo-fuzz sets. What must hold of the results is asserted
//! by the targets.

#![allow(missing_docs, clippy::missing_errors_doc)]

mod files;
mod messages;
mod query;
mod tokens;
mod web_login;

pub use files::{case_toml, keytab, krb5_conf};
pub use messages::{
    Heard, PageRead, callbacks, class, events, page, read_message, reply, write_class_message,
    write_message,
};
pub use query::query_parts;
pub use tokens::{certificate, der, kdc, kerberos, ntlm, samples, spnego};
pub use web_login::{challenges, digest, sealed};
