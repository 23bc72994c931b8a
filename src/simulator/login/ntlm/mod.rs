//! NTLM as a server checks it (MS-NLMP).
//!
//! The proof of the password is computed, and the integrity code and the channel binding can be demanded.

mod challenge;
mod message;
#[cfg(test)]
pub(super) mod tests;
mod verify;

pub(super) use challenge::{challenge, is_negotiate};
pub(super) use verify::{Demands, Exchange};
