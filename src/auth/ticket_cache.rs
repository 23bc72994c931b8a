//! The tickets that the system has for its user.

/// The Kerberos tickets that `kinit`, or the login to this machine, has put into the system's ticket
/// cache: no password is known here. Made by [`Credentials::ticket_cache`](super::Credentials::ticket_cache).
///
/// The system's GSS-API finds the cache (`KRB5CCNAME`, or what `krb5.conf` says), asks the key
/// distribution centre for the ticket of the server, and proves it by Kerberos inside Negotiate. The
/// server proves itself, too, and over plain HTTP every message is sealed.
///
/// The URL must name the server as its realm does, or a [`ServicePrincipal`](super::ServicePrincipal) say
/// how. The system reads its own `krb5.conf`: what a session is told of it, and of key distribution
/// centres, is for logins with a password or a keytab.
///
/// ```
/// use wsman::{Credentials, Session};
///
/// let url = "http://host.example:5985/wsman".parse()?;
/// let session = Session::builder(url)
///     .credentials(Credentials::ticket_cache().principal("ops@EXAMPLE.TEST"))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TicketCache {
    pub(in crate::auth) principal: Option<String>,
    pub(in crate::auth) delegation: Delegation,
}

/// Whether the server gets a ticket to go on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::auth) enum Delegation {
    #[default]
    Kept,
    Given,
}

impl TicketCache {
    /// Whose tickets, such as `ops@EXAMPLE.TEST`, where the system has those of several users. Without
    /// it they are those of the default principal, or of the one that `.k5identity` has for the server.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// Gives the server a ticket to go on to other hosts in the name of the user, as an operation needs
    /// that reads a file share from there. The cached ticket must be forwardable (`kinit -f`), and the
    /// login fails if it is not.
    ///
    /// Whoever rules that server can then do everything that the user can, everywhere, until the ticket
    /// expires. Ask for this only with servers that may.
    #[must_use]
    pub fn delegate(mut self) -> Self {
        self.delegation = Delegation::Given;
        self
    }
}
