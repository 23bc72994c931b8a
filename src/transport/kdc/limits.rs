//! The limits of what KDCs, DNS servers and files of Kerberos may contain.
//!
//! `docs/logging-in.md` lists them.

/// The bytes of a request over UDP.
pub(crate) const UDP_BYTES: usize = 32_700;

/// The KDCs of a realm that are asked.
pub(crate) const SERVERS: usize = 32;

/// The addresses of one KDC that are asked.
pub(crate) const ADDRESSES: usize = 8;

/// The realms whose answering KDC is remembered.
pub(crate) const REALMS: usize = 64;

/// The bytes of `krb5.conf` with its includes.
pub(crate) const CONF_BYTES: u64 = 1 << 20;

/// The files that `krb5.conf` consists of.
pub(crate) const CONF_FILES: usize = 256;

/// The lines of `krb5.conf` with its includes.
pub(crate) const CONF_LINES: usize = 50_000;

/// The nested includes, and the nested braces.
pub(crate) const CONF_DEPTH: usize = 8;

/// The bytes of a keytab file.
pub(crate) const KEYTAB_BYTES: u64 = 16 << 20;
