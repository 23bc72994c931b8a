//! NTLM (MS-NLMP): a login of three messages, whose keys seal later messages.

pub(crate) mod av_pairs;
pub(crate) mod crypt;
pub(crate) mod flags;
pub(crate) mod keys;
mod login;
pub(crate) mod message;
pub(crate) mod response;
#[cfg(test)]
pub(crate) mod tests;
mod user;

pub(crate) use user::NtlmUser;
