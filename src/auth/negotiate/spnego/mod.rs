//! SPNEGO: which mechanism logs in (RFC 4178, MS-SPNG).

mod login;
#[cfg(test)]
mod tests;
mod token;

pub(super) use login::{SpnegoLogin, Way, WithoutKerberos};
#[cfg(test)]
pub(crate) use token::list;
pub(crate) use token::{Mechanism, Offer, Reply, State};
