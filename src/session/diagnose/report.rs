//! What a diagnosis found.

use std::net::SocketAddr;
use std::time::Duration;

use crate::error::Error;
use crate::protocol::Identity;
use crate::transport::ServerCertificate;

/// What [`Session::diagnose`](crate::Session::diagnose) found.
///
/// Its `Display` is a table for people: a line for each check, and a line more for what to do next.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Each check once, in their order.
    pub checks: Vec<Check>,
    /// The addresses of the server's name.
    pub addresses: Vec<SocketAddr>,
    /// The version of TLS that was agreed on, such as `TLS 1.3`.
    pub tls_version: Option<&'static str>,
    /// The certificates that the server showed, its own first, whether they are trusted or not.
    pub certificates: Vec<ServerCertificate>,
    /// What the server says of itself, to somebody who is logged in if that was possible.
    pub identity: Option<Identity>,
    /// The schemes that the server offers to log in with.
    pub offered: Vec<String>,
    /// How many seconds the clock of the server is ahead of the one here; less than zero where it is
    /// behind.
    pub clock_ahead: Option<i64>,
    /// The scheme by which the server let the session in.
    pub logged_in_by: Option<&'static str>,
}

/// One check, and what came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check {
    /// What was checked.
    pub kind: CheckKind,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// The error, of a check that failed.
    pub error: Option<Error>,
    /// How long it took; `None` if it was skipped.
    pub took: Option<Duration>,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckKind {
    /// Whether the name of the server has an address.
    Name,
    /// Whether the server takes connections at the port.
    Port,
    /// Whether there is a TLS connection, and the certificate is trusted.
    Tls,
    /// Whether the server speaks WS-Management, asked without login (MS-WSMV 3.1.4.1.23).
    Identify,
    /// Which logins the server offers.
    Offers,
    /// Whether the clocks are as close as Kerberos needs.
    Clock,
    /// Whether the server lets the session in.
    Login,
    /// Whether messages can be sealed.
    Sealing,
    /// Whether the user may read.
    Read,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// All is well.
    Passed(String),
    /// Something to know, which need not be wrong.
    Noted(String),
    /// Something is wrong.
    Failed {
        /// What.
        what: String,
        /// What to do about it, or to look at next: the first, or the one after it.
        next_steps: Vec<String>,
    },
    /// It was not checked, for this reason.
    Skipped(String),
}

impl CheckKind {
    /// All of them, in the order in which they are made.
    pub const ALL: [CheckKind; 9] = [
        CheckKind::Name,
        CheckKind::Port,
        CheckKind::Tls,
        CheckKind::Identify,
        CheckKind::Offers,
        CheckKind::Clock,
        CheckKind::Login,
        CheckKind::Sealing,
        CheckKind::Read,
    ];
}

impl Diagnosis {
    /// Whether no check has failed.
    pub fn is_healthy(&self) -> bool {
        self.failed().is_none()
    }

    /// The first check that has failed.
    pub fn failed(&self) -> Option<&Check> {
        let mut checks = self.checks.iter();
        checks.find(|check| matches!(check.outcome, CheckOutcome::Failed { .. }))
    }

    /// The check of a kind.
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
    /// What to do next, if the check has failed: the first, or the one after it.
    pub fn next_steps(&self) -> &[String] {
        match &self.outcome {
            CheckOutcome::Failed { next_steps, .. } => next_steps,
            _ => &[],
        }
    }
}
