//! Kerberos (RFC 4120, RFC 4121): the client logs in with a ticket from a KDC, and the server
//! proves that it can decrypt the ticket.
//!
//! RustCrypto provides the ciphers and hashes; the encryption types, the messages and the exchange
//! are implemented here.

mod crypt;
mod exchange;
mod login;
pub(crate) mod message;
pub(crate) mod name;
mod tickets;
pub(crate) mod time;
mod token;
mod user;
mod user_key;
mod wrap;

pub use crypt::KerberosEtype;
#[cfg(feature = "simulator")]
pub(crate) use crypt::Usage;
pub(crate) use crypt::{Key, is_same};
#[cfg(feature = "simulator")]
pub(crate) use login::GSS_CHECKSUM;
pub(crate) use name::{NameKind, PrincipalName};
pub(crate) use tickets::Tickets;
#[cfg(feature = "simulator")]
pub(crate) use token::{TokenKind, read_token, write_token};
pub(crate) use user::{KerberosUser, Realms, TargetService};
#[cfg(feature = "simulator")]
pub(crate) use wrap::{Context, ContextKey, Role};
