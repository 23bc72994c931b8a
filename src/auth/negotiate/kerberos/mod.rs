//! Kerberos (RFC 4120, RFC 4121): a ticket from a key distribution centre logs in, and the server proves
//! that it could read it.
//!
//! The cryptography is that of `picky-krb`, which `sspi` is made with, too. The exchange is ours:
//! `sspi` asks the KDC three times for every connection, looks for realms in the environment by itself,
//! and does not compare what must be compared (see `DESIGN.md`).

mod crypt;
mod exchange;
mod login;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod time;
mod token;
mod user;
mod wrap;

#[cfg(feature = "simulator")]
pub(crate) use crypt::Usage;
pub(crate) use crypt::{Etype, Key};
pub(crate) use name::{Name, NameKind};
#[cfg(feature = "simulator")]
pub(crate) use token::{TokenKind, read_token};
pub(crate) use user::{KerberosUser, Realms, Target};
