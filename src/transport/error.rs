//! Errors of an exchange without a complete answer.

use std::error::Error as StdError;
use std::fmt;

use super::{CertificateProblem, ConnectProblem, Delivery, ProxyProblem};
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
    /// The proxy gave no connection to the server.
    Proxy(ProxyProblem),
    /// A time limit expired.
    Timeout(TimeoutKind),
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The answer is larger than the limit of the session.
    AnswerTooLarge,
    /// The head of the answer, or the interim answers (1xx) before it, are larger than the limit of the
    /// session.
    HeadTooLarge,
    /// The login failed: the server's token is invalid, or the client has no response to it.
    Login,
    /// The answer is not sealed although it must be, or its seal is invalid.
    Seal,
    /// There is no tokio runtime.
    NoRuntime,
    /// The replay has no such exchange, or could not be read.
    Replay,
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
