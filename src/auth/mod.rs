//! Credentials and the login schemes, without any I/O.
//!
//! [`Credentials`] holds the user and the login scheme. The schemes turn it into header values; the
//! transport sends them.

mod attempt;
pub(crate) mod basic;
pub(crate) mod certificate;
pub(crate) mod challenge;
pub(crate) mod channel_binding;
mod credentials;
#[cfg(test)]
pub(crate) mod damage;
pub(crate) mod der;
pub(crate) mod digest;
pub(crate) mod evidence;
mod kerberos_error;
#[cfg(feature = "negotiate")]
mod keytab;
pub(crate) mod limits;
mod login_problem;
mod login_state;
#[cfg(feature = "negotiate")]
pub(crate) mod negotiate;
mod preauth;
mod provider;
#[cfg(feature = "negotiate")]
pub(crate) mod seal;
#[cfg(feature = "negotiate")]
mod service_principal;
#[cfg(feature = "gssapi")]
mod ticket_cache;
pub(crate) mod x509;

pub use crate::secret::Secret;
pub use attempt::{KerberosObstacle, LoginAttempt};
#[cfg(feature = "negotiate")]
pub(crate) use credentials::RealmNeed;
pub use credentials::{Credentials, CredentialsError};
pub use digest::{DigestAlgorithm, DigestQop};
pub use evidence::{LoginCause, LoginEvidence, LoginFailure, Protection};
#[cfg(feature = "negotiate")]
pub use keytab::{Keytab, KeytabError};
pub use limits::LoginLimits;
pub use login_problem::LoginProblem;
pub use login_state::LoginState;
#[cfg(feature = "negotiate")]
pub use negotiate::KerberosEtype;
pub use preauth::{PreauthKind, PreauthKinds};
pub(crate) use provider::Provider;
pub use provider::{CredentialsFuture, CredentialsProvider, ProviderError};
#[cfg(feature = "negotiate")]
pub use service_principal::ServicePrincipal;
#[cfg(feature = "gssapi")]
pub use ticket_cache::TicketCache;
