//! The kinds of checks, and their names.

use std::fmt;

/// The kinds of checks.
///
/// Each has a stable name for programs, which its `Display` prints.
///
/// ```
/// use wsman::diagnose::CheckKind;
///
/// let names = CheckKind::ALL.map(|kind| kind.to_string());
/// assert_eq!(names[..4], ["name", "port", "proxy", "TLS"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckKind {
    /// `name`: the name of the server resolves to an address. With a proxy it is the proxy's name.
    Name,
    /// `port`: the server, or the proxy, accepts connections on the port.
    Port,
    /// `proxy`: the proxy connects to the server.
    Proxy,
    /// `TLS`: the TLS handshake with the server succeeds, and its certificate is trusted.
    Tls,
    /// `identify`: the server answers an Identify without a login (MS-WSMV 3.1.4.1.23).
    Identify,
    /// `offers`: the server offers login schemes.
    Offers,
    /// `clock`: the clocks are as close as Kerberos requires.
    Clock,
    /// `Kerberos`: whether the login can use Kerberos.
    Kerberos,
    /// `NTLM`: whether the login can use NTLM.
    Ntlm,
    /// `Digest`: whether the login can use Digest.
    Digest,
    /// `Basic`: whether the login can use Basic.
    Basic,
    /// `certificate`: whether the login can use a client certificate.
    Certificate,
    /// `CredSSP`: the server offers it. This client does not support it.
    CredSsp,
    /// `login`: the server accepts the login.
    Login,
    /// `sealing`: the client and the server can seal messages.
    Sealing,
    /// `read`: the user has read permission.
    Read,
}

impl CheckKind {
    /// All checks, in order.
    ///
    /// A diagnosis has the check of a login scheme only if the server offers the scheme or the
    /// credentials can use it. It never fails: the login does.
    pub const ALL: [CheckKind; 16] = [
        CheckKind::Name,
        CheckKind::Port,
        CheckKind::Proxy,
        CheckKind::Tls,
        CheckKind::Identify,
        CheckKind::Offers,
        CheckKind::Clock,
        CheckKind::Kerberos,
        CheckKind::Ntlm,
        CheckKind::Digest,
        CheckKind::Basic,
        CheckKind::Certificate,
        CheckKind::CredSsp,
        CheckKind::Login,
        CheckKind::Sealing,
        CheckKind::Read,
    ];

    /// Returns the login scheme whose check this is, as servers name it.
    pub(super) fn scheme(self) -> Option<&'static str> {
        Some(match self {
            CheckKind::Kerberos => "Kerberos",
            CheckKind::Ntlm => "NTLM",
            CheckKind::Digest => "Digest",
            CheckKind::Basic => "Basic",
            CheckKind::Certificate => "Certificate",
            CheckKind::CredSsp => "CredSSP",
            _ => return None,
        })
    }
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CheckKind::Name => "name",
            CheckKind::Port => "port",
            CheckKind::Proxy => "proxy",
            CheckKind::Tls => "TLS",
            CheckKind::Identify => "identify",
            CheckKind::Offers => "offers",
            CheckKind::Clock => "clock",
            CheckKind::Kerberos => "Kerberos",
            CheckKind::Ntlm => "NTLM",
            CheckKind::Digest => "Digest",
            CheckKind::Basic => "Basic",
            CheckKind::Certificate => "certificate",
            CheckKind::CredSsp => "CredSSP",
            CheckKind::Login => "login",
            CheckKind::Sealing => "sealing",
            CheckKind::Read => "read",
        })
    }
}
