//! SPNEGO: negotiates the mechanism of a login (RFC 4178, MS-SPNG).

mod login;
#[cfg(test)]
mod tests;
mod token;
mod without_kerberos;

pub(crate) use login::{MechanismLogin, SpnegoLogin};
pub(crate) use token::Mechanism;
#[cfg(test)]
pub(crate) use token::list;
#[cfg(any(test, feature = "simulator"))]
pub(crate) use token::{NegTokenInit, Reply, State};
pub(super) use without_kerberos::WithoutKerberos;
