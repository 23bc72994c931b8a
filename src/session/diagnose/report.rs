//! The report of a diagnosis.

use std::net::SocketAddr;
use std::time::Duration;

use super::CheckKind;
use crate::error::Error;
use crate::protocol::Identity;
use crate::transport::ServerCertificate;

/// The report of [`Session::diagnose`](crate::Session::diagnose).
///
/// Its `Display` is a table with a line for each check, and further lines for the next steps.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Each check once, in the order of [`CheckKind::ALL`]. Those of the login schemes that neither
    /// the server offers nor the credentials can use are left out.
    pub checks: Vec<Check>,
    /// The addresses to which the session connects: the server's, or the proxy's.
    pub addresses: Vec<SocketAddr>,
    /// The negotiated version of TLS, such as `TLS 1.3`.
    pub tls_version: Option<&'static str>,
    /// The certificate chain of the server, its own certificate first, whether trusted or not.
    pub certificates: Vec<ServerCertificate>,
    /// The answer to Identify, with a login if that succeeded.
    pub identity: Option<Identity>,
    /// The login schemes that the server offers.
    pub offered: Vec<String>,
    /// How many seconds the server's clock is ahead of the client's; negative if it is behind.
    pub clock_ahead: Option<i64>,
    /// The scheme of the successful login.
    pub logged_in_by: Option<&'static str>,
}

/// A check and its result.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check {
    /// The kind of check.
    pub kind: CheckKind,
    /// The result.
    pub outcome: CheckOutcome,
    /// The error of a failed check.
    pub error: Option<Error>,
    /// The duration; `None` if it was skipped, or is a part of the login.
    pub took: Option<Duration>,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// The check succeeded.
    Passed(String),
    /// The check found something that is not necessarily wrong.
    Noted(String),
    /// The check failed.
    Failed {
        /// What is wrong.
        what: String,
        /// What to do next, most likely step first.
        next_steps: Vec<String>,
    },
    /// The check was skipped, for this reason.
    Skipped(String),
}

impl Diagnosis {
    /// Returns whether no check failed.
    pub fn is_healthy(&self) -> bool {
        self.failed().is_none()
    }

    /// Returns the first failed check.
    pub fn failed(&self) -> Option<&Check> {
        let mut checks = self.checks.iter();
        checks.find(|check| matches!(check.outcome, CheckOutcome::Failed { .. }))
    }

    /// Returns the check of a kind.
    pub fn check(&self, kind: CheckKind) -> Option<&Check> {
        self.checks.iter().find(|check| check.kind == kind)
    }

    pub(super) fn add(
        &mut self,
        kind: CheckKind,
        outcome: CheckOutcome,
        took: Option<Duration>,
        error: Option<Error>,
    ) {
        self.checks.push(Check {
            kind,
            outcome,
            error,
            took,
        });
    }
}

impl Check {
    /// Returns what to do next if the check failed, most likely step first.
    pub fn next_steps(&self) -> &[String] {
        match &self.outcome {
            CheckOutcome::Failed { next_steps, .. } => next_steps,
            _ => &[],
        }
    }
}
