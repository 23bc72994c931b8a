//! Who logs in, and the login schemes, without any I/O.
//!
//! [`Credentials`] says who logs in and how. The schemes turn it into header values; the transport
//! sends them.

pub(crate) mod basic;
mod credentials;
mod secret;

pub use credentials::{Credentials, CredentialsError};
pub use secret::Secret;
