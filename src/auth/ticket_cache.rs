//! The tickets of the system's user.

use super::Credentials;
use super::credentials::Scheme;

/// The Kerberos tickets in the system's cache, put there by `kinit` or the login to this machine.
/// The client needs no password. Created by
/// [`Credentials::ticket_cache`](super::Credentials::ticket_cache).
///
/// The system's GSS-API finds the cache (`KRB5CCNAME`, or the setting in `krb5.conf`) and requests
/// the ticket of the server from the KDC. It logs in with Kerberos inside Negotiate. The server
/// proves its identity, and over plain HTTP every message is sealed.
///
/// The URL must name the server as its realm does, or a
/// [`ServicePrincipal`](super::ServicePrincipal) must name it. The system reads its own
/// `krb5.conf`. The session's own settings of `krb5.conf` and KDCs apply only to logins with a
/// password or a keytab.
///
/// ```
/// use wsman::{Credentials, Session};
///
/// let session = Session::builder("http://host.example:5985/wsman")
///     .credentials(Credentials::ticket_cache().principal("ops@EXAMPLE.TEST"))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketCache {
    pub(in crate::auth) principal: Option<String>,
    pub(in crate::auth) delegation: Delegation,
}

/// Whether to delegate the user's ticket to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::auth) enum Delegation {
    #[default]
    Kept,
    Given,
}

impl TicketCache {
    /// Selects the principal, such as `ops@EXAMPLE.TEST`, if the cache has tickets of several.
    /// Defaults to the default principal, or the one that `.k5identity` selects for the server.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// Delegates the ticket, so that the server can act as the user on other hosts, for example to
    /// read a file share. The cached ticket must be forwardable (`kinit -f`); otherwise the login
    /// fails.
    ///
    /// Until the ticket expires, the server and anyone who controls it can do everything that the
    /// user can, on every host. Use it only with servers that you trust with this.
    #[must_use]
    pub fn delegate(mut self) -> Self {
        self.delegation = Delegation::Given;
        self
    }
}

impl From<TicketCache> for Credentials {
    fn from(cache: TicketCache) -> Self {
        Self::of(Scheme::TicketCache(cache))
    }
}
