//! The limits of what a server, a KDC and a file may make a login read.
//!
//! `docs/logging-in.md` lists them, and a test compares both.

#![cfg_attr(not(feature = "negotiate"), allow(dead_code))]

/// The steps of a login of the connection: more than any login has.
pub(crate) const STEPS: usize = 8;

/// The bytes of a server's token: those of Windows have some hundred. A token in Base64 fits a header
/// of [`HEADER_BYTES`], and that fits the head of an answer.
pub(crate) const TOKEN_BYTES: usize = 32 << 10;

/// The bytes of a header with challenges.
pub(crate) const HEADER_BYTES: usize = 48 << 10;

/// The challenges of an answer, and the parameters of each.
pub(crate) const CHALLENGES: usize = 32;

/// The bytes of a nonce, a realm or an opaque value of Digest, which the client sends back.
pub(crate) const DIGEST_BYTES: usize = 4096;

/// The messages to KDCs for one ticket; two are usual.
pub(crate) const TICKET_MESSAGES: usize = 8;

/// The parts of a Kerberos name.
pub(crate) const NAME_PARTS: usize = 16;

/// The bytes of a part of a Kerberos name, and of a realm: hosts and users have shorter ones.
pub(crate) const NAME_BYTES: usize = 1024;

/// The keys of a keytab.
pub(crate) const KEYTAB_KEYS: usize = 65_536;
