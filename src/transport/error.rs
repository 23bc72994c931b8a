//! Why an exchange gave no complete answer.

use std::error::Error as StdError;
use std::fmt;

use super::{CertificateProblem, Delivery};
use crate::auth::LoginProblem;
use crate::shown::Shown;

/// An exchange that gave no complete answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    message: String,
    login_problem: Option<LoginProblem>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the name does not resolve, nobody listens, no route.
    Connect,
    /// The TLS handshake failed: no common version, a server that is none.
    Tls,
    /// The server's certificate was refused.
    ServerCertificate(CertificateProblem),
    /// The server shows another certificate than the one that the login was bound to: it has just been
    /// renewed, several hosts share the name, or somebody stands in between.
    CertificateChanged,
    /// The server refused this client's certificate, or wants one and got none.
    ClientCertificate,
    /// No connection through the proxy: it is not there, does not reach the server, or wants another
    /// login.
    Proxy,
    /// A time limit ran out.
    Timeout(TimeoutKind),
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer is larger than the limit of the session.
    AnswerTooLarge,
    /// The login could not go on: the server's token is none, or nobody can answer it.
    Login,
    /// The answer is not sealed as it must be, or its seal is broken.
    Seal,
    /// There is no tokio runtime to send with.
    NoRuntime,
    /// A replay has no such exchange, or could not be read.
    Replay,
}

/// Which of the time limits ran out.
///
/// Complete: these are the limits a session has; a server's own is a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutKind {
    /// No connection within the connect timeout.
    Connect,
    /// The exchange as a whole took longer than the operation timeout and the network delay.
    Operation,
    /// Nothing came for longer than the inactivity timeout.
    Inactivity,
}

impl TransportError {
    /// An error of a kind, with what is known of the delivery.
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

    /// The same failure, better understood.
    pub(super) fn with_kind(
        mut self,
        kind: TransportErrorKind,
        message: impl Into<String>,
    ) -> Self {
        self.kind = kind;
        self.message = message.into();
        self
    }

    /// The same for another message, without what is behind it.
    #[cfg(feature = "negotiate")]
    pub(super) fn again(&self) -> Self {
        Self {
            kind: self.kind,
            delivery: self.delivery,
            message: self.message.clone(),
            login_problem: self.login_problem,
            source: None,
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Why the login could not go on, where that is known.
    pub fn login_problem(&self) -> Option<LoginProblem> {
        self.login_problem
    }

    /// Adds why the login could not go on.
    #[cfg(feature = "negotiate")]
    pub(super) fn with_login_problem(mut self, problem: Option<LoginProblem>) -> Self {
        self.login_problem = problem;
        self
    }

    /// The same of a message that only prepared the way for the one that was to be sent.
    #[cfg(feature = "negotiate")]
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
