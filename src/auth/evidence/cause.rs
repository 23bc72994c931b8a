//! The likely causes of a failed login, and their remedies.

use std::fmt;

use crate::auth::{LoginProblem, PreauthKinds};

/// A likely cause of a failed login. Its `Display` includes the remedy.
///
/// ```
/// use wsman::auth::LoginCause;
/// let skew = LoginCause::ClockSkew { seconds: -421 };
/// assert!(skew.to_string().starts_with("the clock of the KDC is 421 s behind"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginCause {
    /// The session has no credentials.
    NoCredentials,
    /// The password is wrong, or there is no such user: servers do not say which.
    WrongPassword,
    /// The key in the keytab is not that of the account.
    WrongKey {
        /// The version of the key in the keytab (kvno).
        version: u32,
    },
    /// The KDC takes none of the proofs that this client has.
    PreauthNotSupported(PreauthKinds),
    /// The user does not exist.
    UserUnknown,
    /// The account is disabled, locked or expired, or may not log in over the network.
    AccountDenied,
    /// The KDC has locked the account after too many wrong passwords.
    AccountLocked,
    /// The account is disabled in its realm.
    AccountDisabled,
    /// The account has expired in its realm.
    AccountExpired,
    /// The password is right but has expired.
    PasswordExpired,
    /// The server does not offer Basic.
    BasicDisabled,
    /// Windows accepts Basic for local accounts alone, and the account is one of a domain.
    BasicIsLocal,
    /// The server does not offer the scheme that was tried.
    NotOffered,
    /// The server offers only schemes that this client does not support, such as CredSSP.
    NoSupportedOffer,
    /// The server offers Negotiate without NTLM.
    NtlmDisabled,
    /// The server did not request the client's certificate in the TLS handshake, and this client answers
    /// no later request.
    CertificateNotRequested,
    /// The server maps the client's certificate to no user.
    CertificateNotMapped,
    /// The server requires encryption, and this message was not encrypted.
    UnencryptedRefused,
    /// The login was bound to another certificate than the server's, and the server checks the
    /// channel binding.
    ChannelBinding,
    /// The clock of the KDC differs from the local one by more than Kerberos allows.
    ClockSkew {
        /// The seconds by which the clock of the KDC is ahead of the local one; negative if it is behind.
        seconds: i64,
    },
    /// The clock of the server differs by more than Kerberos allows from the local one, or from that of
    /// the KDC.
    ServerClockSkew {
        /// The seconds by which the clock of the server is ahead of the local one; negative if it is
        /// behind.
        seconds: i64,
    },
    /// The KDC does not know the service.
    ServiceUnknown,
    /// The KDC issued a ticket for the service, and the server rejected it: its key is another one.
    WrongServiceKey,
    /// The server has no key for its service, so that it cannot read tickets.
    NoServiceKey,
    /// The user's account, the service and this client share no encryption type.
    NoCommonEncryption,
    /// The server did not prove its identity.
    ServerNotProven,
    /// Something between the client and the server does not keep connections, to which the login
    /// belongs.
    ConnectionNotKept,
    /// A proxy or a gateway on the path (`Via`) may send the requests of one client over several
    /// connections to the server. The server then answers as to a wrong password.
    HopMixesConnections,
    /// The ticket is larger than the server accepts in a header.
    TicketTooLarge {
        /// The size of the ticket.
        bytes: usize,
    },
    /// No KDC of the realm answers.
    KdcUnreachable,
    /// The system's cache has no valid ticket of the user.
    NoTicket,
    /// The ticket of the user is not forwardable.
    TicketNotForwardable,
    /// The user is logged in but is not allowed to use the service.
    MayNotUse,
    /// A proxy, a gateway or a web server before the service refuses the request.
    GatewayRefuses,
    /// The user is allowed to read but not to write.
    MayNotWrite,
}

impl LoginCause {
    /// Returns the likely cause of a problem; `None` if the text of the problem says all that is
    /// known.
    pub(crate) fn of(problem: LoginProblem) -> Option<Self> {
        Some(match problem {
            LoginProblem::KdcUnreachable => Self::KdcUnreachable,
            LoginProblem::UnknownUser => Self::UserUnknown,
            LoginProblem::WrongPassword => Self::WrongPassword,
            LoginProblem::WrongKey { version } => Self::WrongKey { version },
            LoginProblem::PreauthNotSupported(kinds) => Self::PreauthNotSupported(kinds),
            LoginProblem::PasswordExpired => Self::PasswordExpired,
            LoginProblem::AccountLocked => Self::AccountLocked,
            LoginProblem::AccountDisabled => Self::AccountDisabled,
            LoginProblem::AccountExpired => Self::AccountExpired,
            LoginProblem::AccountRestricted => Self::AccountDenied,
            LoginProblem::UnknownService => Self::ServiceUnknown,
            LoginProblem::WrongServiceKey => Self::WrongServiceKey,
            LoginProblem::ClockSkew { seconds } => Self::ClockSkew { seconds },
            LoginProblem::ServerClockSkew { seconds } => Self::ServerClockSkew { seconds },
            LoginProblem::NoSupportedEncryption => Self::NoCommonEncryption,
            LoginProblem::ServerNotProven => Self::ServerNotProven,
            LoginProblem::CertificateNotRequested => Self::CertificateNotRequested,
            LoginProblem::ConnectionNotKept => Self::ConnectionNotKept,
            LoginProblem::NoTicket | LoginProblem::TicketExpired => Self::NoTicket,
            LoginProblem::TicketNotForwardable => Self::TicketNotForwardable,
            // No server was asked, so there is no cause on it.
            LoginProblem::HeldBack | LoginProblem::Other(_) => return None,
        })
    }
}

impl fmt::Display for LoginCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCredentials => {
                "no credentials were given: set SessionBuilder::credentials to a scheme that is offered"
            }
            Self::WrongPassword => {
                "the user name or the password is wrong: check both, and the domain of the name"
            }
            Self::WrongKey { version } => {
                return write!(
                    f,
                    "the key in the keytab (kvno {version}) is not the account's: write a new keytab \
                     (kadmin ktadd, ktpass) after each change of the account's key"
                );
            }
            Self::PreauthNotSupported(_) => {
                "the KDC does not accept pre-authentication by encrypted timestamp, the only kind that this client \
                 supports: allow it for the account (MIT: -requires_hwauth; Windows: no smart card required)"
            }
            Self::UserUnknown => "there is no such user: check the name and its domain",
            Self::AccountDenied => {
                "the account is disabled, locked or expired, or may not log in over the network: \
                 check it in its domain or on the server"
            }
            Self::AccountLocked => {
                "the account is locked after wrong passwords: unlock it (Unlock-ADAccount; kadmin \
                 modprinc -unlock), or wait until the lock ends"
            }
            Self::AccountDisabled => {
                "the account is disabled: enable it (Enable-ADAccount; kadmin modprinc +allow_tix)"
            }
            Self::AccountExpired => {
                "the account has expired: extend it (Set-ADAccountExpiration; kadmin modprinc -expire)"
            }
            Self::PasswordExpired => "the password has expired: change it",
            Self::BasicDisabled => {
                "the server does not accept Basic: use what it offers, or turn Basic on \
                 (winrm set winrm/config/service/auth @{Basic=\"true\"}; it is for local accounts)"
            }
            Self::NotOffered => {
                "the server does not offer this scheme: use one that it offers, or turn it on \
                 (winrm get winrm/config/service/auth)"
            }
            Self::BasicIsLocal => {
                "a Windows server accepts Basic for its local accounts alone: use Negotiate, NTLM or Kerberos for an \
                 account of a domain"
            }
            Self::NoSupportedOffer => {
                "this client supports no scheme that the server offers: turn another one on (winrm set \
                 winrm/config/service/auth @{Negotiate=\"true\"})"
            }
            Self::NtlmDisabled => {
                "the server does not accept NTLM: use Kerberos, or allow it \
                 (policy \"Restrict NTLM: Incoming NTLM traffic\"; OMI: NtlmCredsFile in omiserver.conf)"
            }
            Self::CertificateNotRequested => {
                "the server did not request the client's certificate in the TLS handshake: let it \
                 (netsh http add sslcert … clientcertnegotiation=enable), because this client answers \
                 no later request"
            }
            Self::CertificateNotMapped => {
                "the server has no user for the client certificate: add a mapping \
                 (winrm enumerate winrm/config/service/certmapping lists them)"
            }
            Self::UnencryptedRefused => {
                "the server refuses messages that are not encrypted: use HTTPS or a login that seals \
                 (NTLM, Kerberos), or allow it (winrm set winrm/config/service @{AllowUnencrypted=\"true\"})"
            }
            Self::ChannelBinding => {
                "a proxy or load balancer on the path ends TLS, and the login is bound to its certificate: \
                 compare Session::server_certificate with the server's own \
                 (winrm get winrm/config/service/auth: CbtHardeningLevel)"
            }
            Self::ClockSkew { seconds } => return skew("KDC", *seconds, f),
            Self::ServerClockSkew { seconds } => return skew("server", *seconds, f),
            Self::ServiceUnknown => {
                "there is no such service in the realm: use the name that the server has in its realm \
                 (setspn -L), or set another one with ServicePrincipal"
            }
            Self::WrongServiceKey => {
                "the key of the server differs from the key that the KDC has for this service: check which \
                 account has the name of the service (setspn -Q), and the keytab of the server; on Windows \
                 WSMAN may be another account's than HTTP (ServicePrincipal::class)"
            }
            Self::NoServiceKey => {
                "the server has no key for its service: write a keytab for it (OMI: \
                 /etc/opt/omi/creds/omi.keytab with HTTP/host)"
            }
            Self::NoCommonEncryption => {
                "the account, the service and this client share no encryption type: allow AES for the account \
                 and the service (msDS-SupportedEncryptionTypes; only a new password makes new keys), or \
                 name their type with kerberos_etypes"
            }
            Self::TicketTooLarge { bytes } => {
                return write!(
                    f,
                    "the ticket is {bytes} bytes, and the server takes no header of that size: \
                     raise its MaxFieldLength and MaxRequestBytes (HTTP.sys), or put the account \
                     into fewer groups"
                );
            }
            Self::ConnectionNotKept => {
                "a proxy, a gateway or the server does not keep connections, to which NTLM and \
                 Kerberos belong: let it keep them (HTTP/1.1), or connect without it"
            }
            Self::HopMixesConnections => {
                "the proxy or gateway on the path (Via) sends one client's requests over several connections to \
                 the server, to one of which NTLM and Kerberos belong: let it keep one for each client, use https:// \
                 through it, or use Basic or Digest"
            }
            Self::ServerNotProven => {
                "the server did not prove its identity: check that the address is the server's own"
            }
            Self::KdcUnreachable => {
                "no KDC answered: check the realm, its KDCs (krb5.conf) and their port 88"
            }
            Self::NoTicket => "no valid ticket in the cache: run kinit",
            Self::TicketNotForwardable => {
                "the ticket cannot be forwarded: kinit -f gets one that can, where the realm allows it"
            }
            Self::MayNotUse => {
                "the user may not use the service: add the account to Remote Management Users, \
                 or change winrm configSDDL default; a local administrator needs \
                 LocalAccountTokenFilterPolicy=1"
            }
            Self::GatewayRefuses => {
                "a proxy, a gateway or a web server before the service refuses the request: check its \
                 rules for this client, host and path"
            }
            Self::MayNotWrite => {
                "the user may read but not write, because this session has read before: give the account the right \
                 to write (winrm configSDDL default, the namespace in wmimgmt.msc)"
            }
        })
    }
}

fn skew(whose: &str, seconds: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    let size = seconds.unsigned_abs();
    write!(
        f,
        "the clock of the {whose} is {size} s {side} the local clock, and Kerberos allows 300 s: synchronize both with one time server"
    )
}
