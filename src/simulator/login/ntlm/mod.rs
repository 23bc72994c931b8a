//! NTLM on the server's side (MS-NLMP).
//!
//! Verifies the proof of the password, and optionally requires the integrity code and the channel
//! binding.

mod challenge;
mod message;
#[cfg(test)]
pub(super) mod tests;
mod verify;

pub(super) use challenge::{challenge, is_negotiate};
pub(super) use verify::{Demands, Exchange};
