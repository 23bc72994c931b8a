//! Problems of a connection.

use std::fmt;
use std::io;

/// Why no connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectProblem {
    /// The host refused it: no server listens on the port, or a firewall rejects it.
    Refused,
    /// The name of the host does not resolve.
    NameNotResolved,
    /// There is no route to the host.
    Unreachable,
    /// The host, or a device on the way, reset it.
    Reset,
    /// Any other reason, which the source tells.
    Other,
}

impl ConnectProblem {
    /// Classifies the error of a connection.
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Self::Reset,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => Self::Unreachable,
            _ => Self::Other,
        }
    }
}

impl ConnectProblem {
    /// Returns what happened, without the remedy.
    pub(crate) fn fact(self) -> &'static str {
        match self {
            Self::Refused => "the host refused the connection",
            Self::NameNotResolved => "the name of the host does not resolve",
            Self::Unreachable => "there is no route to the host",
            Self::Reset => "the connection was reset before the message was sent",
            Self::Other => "no connection",
        }
    }
}

impl fmt::Display for ConnectProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fact())?;
        f.write_str(match self {
            Self::Refused => ": check the port, and that the service runs",
            Self::NameNotResolved => ": check the name and the DNS servers",
            Self::Unreachable => ": check the address and the network",
            Self::Reset | Self::Other => "",
        })
    }
}
