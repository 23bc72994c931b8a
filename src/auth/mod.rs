//! Who logs in, and the login schemes, without any I/O.
//!
//! [`Credentials`] says who logs in and how. The schemes turn it into header values; the transport
//! sends them.

mod attempt;
pub(crate) mod basic;
pub(crate) mod challenge;
mod credentials;
pub(crate) mod digest;
#[cfg(feature = "negotiate")]
#[allow(dead_code, unused_imports)] // used by the login that comes next
pub(crate) mod seal;
mod secret;

pub use attempt::LoginAttempt;
pub use credentials::{Credentials, CredentialsError};
pub use digest::{DigestAlgorithm, DigestQop};
pub use secret::Secret;
