//! Why a login failed, before the server answered or with its answer.

use std::fmt;

use super::{PreauthKinds, kerberos_error};

/// A known problem of a login, for
/// [`TransportError::login_problem`](crate::transport::TransportError::login_problem).
///
/// Most are errors of a KDC (RFC 4120 7.5.9), read from its answer.
///
/// ```
/// use wsman::auth::LoginProblem;
///
/// let problem = LoginProblem::ClockSkew { seconds: -372 };
/// assert_eq!(problem.to_string(), "its clock is 372 seconds behind the local clock");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginProblem {
    /// No KDC of the realm is known, or none answered.
    KdcUnreachable,
    /// The user does not exist in the realm (`KDC_ERR_C_PRINCIPAL_UNKNOWN`).
    UnknownUser,
    /// The password is not the user's (`KDC_ERR_PREAUTH_FAILED`).
    WrongPassword,
    /// The key in the keytab is not the user's (`KDC_ERR_PREAUTH_FAILED`): the account got another
    /// key or password after the keytab was written.
    WrongKey {
        /// The version of the key in the keytab (kvno).
        version: u32,
    },
    /// The KDC takes no pre-authentication that this client supports: an encrypted timestamp
    /// (`KDC_ERR_PREAUTH_REQUIRED`).
    PreauthNotSupported(PreauthKinds),
    /// The password has expired: the user must change it first (`KDC_ERR_KEY_EXPIRED`).
    PasswordExpired,
    /// Too many wrong passwords were tried (`KDC_ERR_CLIENT_REVOKED`, as Windows explains it).
    AccountLocked,
    /// The account is disabled (`KDC_ERR_CLIENT_REVOKED`, as Windows explains it).
    AccountDisabled,
    /// The account has expired (`KDC_ERR_NAME_EXP`, or `KDC_ERR_CLIENT_REVOKED`, as Windows explains it).
    AccountExpired,
    /// The user is not allowed to log in now, from this place or at all (`KDC_ERR_POLICY`, or
    /// `KDC_ERR_CLIENT_REVOKED` without details).
    AccountRestricted,
    /// The service does not exist in the realm (`KDC_ERR_S_PRINCIPAL_UNKNOWN`).
    UnknownService,
    /// The service has another key than the one its ticket is encrypted with: the principal belongs
    /// to another account, or the password was changed (`KRB_AP_ERR_MODIFIED`).
    WrongServiceKey,
    /// The clocks of the KDC and the client differ by more than the allowed skew (`KRB_AP_ERR_SKEW`).
    ClockSkew {
        /// The clock of the KDC minus the local one, in seconds.
        seconds: i64,
    },
    /// The same for the clock of the server.
    ServerClockSkew {
        /// The clock of the server minus the local one, in seconds.
        seconds: i64,
    },
    /// The system has no ticket of the user: `kinit` gets one. With feature `gssapi`.
    NoTicket,
    /// The ticket has expired (`KRB_AP_ERR_TKT_EXPIRED`): run `kinit` for another.
    TicketExpired,
    /// The ticket of the user is not forwardable, as delegation requires: run `kinit -f`, if the
    /// realm allows it. With feature `gssapi`.
    TicketNotForwardable,
    /// Both sides share no encryption type (`KDC_ERR_ETYPE_NOSUPP`).
    NoSupportedEncryption,
    /// The server did not prove its identity.
    ServerNotProven,
    /// The server did not request the client's certificate in the TLS handshake.
    CertificateNotRequested,
    /// The connection ended between the steps of the login, which belongs to one connection.
    ConnectionNotKept,
    /// The login was held back: another server has rejected the same user and password, and a
    /// [`LoginGate`](crate::transport::LoginGate) keeps a further try from locking the account.
    HeldBack,
    /// Another Kerberos error, by its number (RFC 4120 7.5.9).
    Other(u32),
}

impl fmt::Display for LoginProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KdcUnreachable => "no KDC of the realm answered",
            Self::UnknownUser => "the realm does not know the user",
            Self::WrongPassword => "the password is wrong",
            Self::PasswordExpired => "the password has expired",
            Self::AccountLocked => "the account is locked",
            Self::AccountDisabled => "the account is disabled",
            Self::AccountExpired => "the account has expired",
            Self::AccountRestricted => "the account is not allowed to log in now",
            Self::UnknownService => "the realm does not know the service",
            Self::WrongServiceKey => {
                "the key of the service differs from the key that the KDC has for it"
            }
            Self::NoTicket => "the ticket cache of the system has no ticket for the user",
            Self::TicketExpired => "the ticket has expired",
            Self::TicketNotForwardable => "the ticket of the user cannot be forwarded",
            Self::NoSupportedEncryption => "both sides share no encryption type",
            Self::ServerNotProven => "the server did not prove its identity",
            Self::HeldBack => "the login was held back after a rejected password",
            Self::CertificateNotRequested => {
                "the server did not request the client's certificate in the TLS handshake"
            }
            Self::ConnectionNotKept => "the connection ended between the steps of the login",
            Self::ClockSkew { seconds } | Self::ServerClockSkew { seconds } => {
                let side = if seconds.is_negative() {
                    "behind"
                } else {
                    "ahead of"
                };
                let seconds = seconds.unsigned_abs();
                return write!(f, "its clock is {seconds} seconds {side} the local clock");
            }
            Self::WrongKey { version } => {
                return write!(
                    f,
                    "the key in the keytab (kvno {version}) is not the account's"
                );
            }
            Self::PreauthNotSupported(kinds) if kinds.iter().next().is_none() => {
                "it requires a pre-authentication that is not supported"
            }
            Self::PreauthNotSupported(kinds) => {
                return write!(
                    f,
                    "it requires a pre-authentication that is not supported: {kinds}"
                );
            }
            Self::Other(code) => {
                write!(f, "Kerberos error {code}")?;
                return match kerberos_error::name(*code) {
                    Some(name) => write!(f, " ({name})"),
                    None => Ok(()),
                };
            }
        })
    }
}
