//! Errors of an exchange without a complete answer.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use super::{CertificateProblem, Delivery};
use crate::auth::LoginProblem;
use crate::shown::Shown;

/// The error of an exchange that got no complete answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    message: String,
    login_problem: Option<LoginProblem>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of a transport error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made.
    Connect(ConnectProblem),
    /// The TLS handshake failed: no common version, or an invalid message from the server.
    Tls,
    /// The server's certificate was rejected.
    ServerCertificate(CertificateProblem),
    /// The server refused the client certificate, or requires one and got none.
    ClientCertificate,
    /// The connection through the proxy failed: the proxy or the server is unreachable, or the
    /// proxy requires another login.
    Proxy,
    /// A time limit expired.
    Timeout(TimeoutKind),
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The answer is larger than the limit of the session.
    AnswerTooLarge,
    /// The login failed: the server's token is invalid, or the client has no response to it.
    Login,
    /// The answer is not sealed although it must be, or its seal is invalid.
    Seal,
    /// There is no tokio runtime.
    NoRuntime,
    /// The replay has no such exchange, or could not be read.
    Replay,
}

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

/// A time limit of a session or a request.
///
/// Exhaustive: these are all limits of a client; a server's own time limit is reported as a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutKind {
    /// No connection was made within the connect timeout.
    Connect,
    /// The whole exchange took longer than the operation timeout plus the network delay.
    Operation,
    /// The server sent nothing for longer than the inactivity timeout.
    Inactivity,
    /// The operation took longer than the deadline of its request.
    Deadline,
}

impl TransportError {
    /// Creates an error of this kind and delivery.
    pub fn new(kind: TransportErrorKind, delivery: Delivery, message: impl Into<String>) -> Self {
        Self {
            kind,
            delivery,
            message: message.into(),
            login_problem: None,
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Copies the error for another message, without its source.
    pub(super) fn again(&self) -> Self {
        Self {
            kind: self.kind,
            delivery: self.delivery,
            message: self.message.clone(),
            login_problem: self.login_problem,
            source: None,
        }
    }

    /// The kind of the error.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Why the login failed, if known.
    pub fn login_problem(&self) -> Option<LoginProblem> {
        self.login_problem
    }

    /// Adds the problem of the login.
    pub(super) fn with_login_problem(mut self, problem: Option<LoginProblem>) -> Self {
        self.login_problem = problem;
        self
    }

    /// Converts the error of a preparatory message into that of the message itself, which was not
    /// sent.
    pub(super) fn not_sent(mut self) -> Self {
        self.delivery = Delivery::NotSent;
        self
    }

    /// How far the message got.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown::new(&self.message).fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
