//! Kerberos (RFC 4120, RFC 4121): a ticket from a key distribution centre logs in, and the server proves
//! that it could read it.
//!
//! The ciphers and hashes are those of RustCrypto; the encryption types, the messages and the exchange
//! are written here.

mod crypt;
mod exchange;
mod login;
pub(crate) mod message;
pub(crate) mod name;
pub(crate) mod time;
mod token;
mod user;
mod wrap;

pub use crypt::KerberosEtype;
pub(crate) use crypt::Key;
#[cfg(feature = "simulator")]
pub(crate) use crypt::Usage;
#[cfg(feature = "simulator")]
pub(crate) use login::GSS_CHECKSUM;
pub(crate) use name::{Name, NameKind};
#[cfg(feature = "simulator")]
pub(crate) use token::{TokenKind, read_token, write_token};
pub(crate) use user::{KerberosUser, Realms, Target};
#[cfg(feature = "simulator")]
pub(crate) use wrap::{Context, ContextKey, Role};
