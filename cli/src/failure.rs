//! The failure of a command, reported on one line of stderr with a next step.

use std::error::Error as StdError;
use std::io::{self, Write as _};

use wsman::Error;
use wsman::transport::http::SetupError;
use wsman::transport::{CertificateProblem, TransportError, TransportErrorKind};

use crate::exit::Exit;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are invalid.
    Usage(String),
    /// An operation that changes nothing failed.
    Read(Error),
    /// The command itself found a failure.
    Found(Exit, String),
    /// The output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Creates a usage error with its cause.
    pub(crate) fn usage(what: impl std::fmt::Display, cause: &dyn StdError) -> Self {
        Failure::Usage(format!("{what}: {}", one_line(cause)))
    }

    /// Prints the failure and returns the exit code.
    pub(crate) fn report(self) -> Exit {
        let (exit, text) = match self {
            Failure::Usage(text) => (Exit::Usage, text),
            Failure::Read(error) => (Exit::of_read(&error), with_next_step(&error)),
            Failure::Found(exit, text) => (exit, text),
            // The reader closed the pipe on purpose: `wsman … | head`.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Exit::Done;
            }
            Failure::Output(error) => (
                Exit::Failed,
                format!("the output cannot be written: {error}"),
            ),
        };
        // If stderr is closed too, the failure cannot be reported.
        let _ = writeln!(io::stderr(), "wsman: {}", printable(&text));
        exit
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Formats an error and its causes on one line. The error already contains the text of a fault.
pub(crate) fn one_line(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source.filter(|cause| !cause.is::<wsman::protocol::Fault>()) {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}

/// Makes text from a server printable: on one line, without control characters that a terminal
/// would interpret.
pub(crate) fn printable(text: &str) -> String {
    let tame = text.replace(char::is_control, " ");
    tame.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn with_next_step(error: &Error) -> String {
    let text = one_line(error);
    match next_step(error) {
        Some(step) => format!("{text}; {step}"),
        None => text,
    }
}

fn next_step(error: &Error) -> Option<&'static str> {
    let cause = error.source();
    let setup = cause.and_then(|cause| cause.downcast_ref::<SetupError>());
    let transport = cause.and_then(|cause| cause.downcast_ref::<TransportError>());
    match error {
        // The error text already includes the remedy.
        _ if error.login().is_some_and(|login| !login.causes.is_empty()) => None,
        Error::Auth(_) => Some("check --user and the password"),
        Error::AccessDenied(_) => Some("log in as a user with the permission"),
        Error::Config(_) => match setup? {
            SetupError::Unencrypted => Some("use https:// or say --allow-unencrypted"),
            _ => None,
        },
        Error::Transport(_) => match transport.map(TransportError::kind) {
            Some(TransportErrorKind::ServerCertificate(CertificateProblem::UnknownIssuer)) => {
                Some("trust it with --ca FILE")
            }
            Some(TransportErrorKind::ServerCertificate(_)) => None,
            _ => Some("check --url, and that the service is running"),
        },
        Error::Timeout(_) => Some("check --url, or set a longer --timeout"),
        Error::InvalidClass(_) => Some("check --class, --namespace and --resource-uri-prefix"),
        Error::InvalidNamespace(_) => Some("check --namespace"),
        _ => None,
    }
}
