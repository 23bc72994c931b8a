//! The failure of a command, reported on one line of stderr with a next step.

use std::error::Error as StdError;
use std::io::{self, Write as _};

use serde_json::{Value, json};
use wsman::auth::LoginProblem;
use wsman::cim::{CimStatus, Name, Namespace, WbemStatus};
use wsman::error::{OperationKind, TimeoutKind};
use wsman::transport::http::SetupError;
use wsman::transport::{ConnectProblem, TransportError, TransportErrorKind};
use wsman::{Delivery, Error};

use crate::connect::Pending;
use crate::exit::Exit;
use crate::wording::in_options;

/// The name of a failure of a journal.
const JOURNAL: &str = "journal";

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are invalid.
    Usage(String),
    /// An operation that changes nothing failed.
    Read(Error),
    /// An operation that may change something failed.
    Write(Error),
    /// The server reported an instance as missing, and it has no class for it either.
    NoClass(Error),
    /// The command itself found a failure.
    Found(Found),
    /// The time limit of an option expired.
    Late(&'static str, Unfinished),
    /// The output cannot be written.
    Output(io::Error),
    /// The user pressed Ctrl-C.
    Interrupted,
}

/// What was not done when a time limit expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// The host was not tried.
    Untried,
    /// Something that changes nothing.
    Read,
    /// A write that the server may have performed.
    Write,
}

/// A failure that the command found, and not the library.
#[derive(Debug)]
pub(crate) struct Found {
    exit: Exit,
    /// The name in `error.kind` of the JSON form.
    kind: &'static str,
    text: String,
}

impl Failure {
    /// Creates the failure of the work on a host, which the library ended or could not start.
    pub(crate) fn of_host(error: Error, pending: &Pending) -> Self {
        // Between two operations there is none to name.
        if error.timeout_kind() == Some(TimeoutKind::Deadline) && error.operation().is_none() {
            return Failure::Late("--deadline", Unfinished::of(pending));
        }
        Failure::Read(error)
    }

    /// Creates a usage error with its cause.
    pub(crate) fn usage(what: impl std::fmt::Display, cause: &dyn StdError) -> Self {
        Failure::Usage(format!("{what}: {}", one_line(cause)))
    }

    /// Creates a failure that the command found.
    pub(crate) fn found(exit: Exit, kind: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Failure::Found(Found { exit, kind, text })
    }

    /// Creates the failure of a journal, which ends all writes that it would note.
    pub(crate) fn journal(text: impl Into<String>) -> Self {
        Self::found(Exit::Failed, JOURNAL, text)
    }

    /// Returns whether the failure ends the whole run, and not only one of its parts.
    pub(crate) fn ends_the_run(&self) -> bool {
        match self {
            Failure::Output(_) | Failure::Interrupted | Failure::Usage(_) => true,
            Failure::Found(found) => found.kind == JOURNAL,
            Failure::Read(_) | Failure::Write(_) | Failure::NoClass(_) | Failure::Late(..) => false,
        }
    }

    /// Returns the namespace and class of an instance that the server reported as missing.
    pub(crate) fn not_found(&self) -> Option<(Option<Namespace>, Name)> {
        match self {
            Failure::Read(error) | Failure::Write(error)
                if matches!(error, Error::NotFound(_))
                    && error.delivery() == Delivery::Answered =>
            {
                let path = error.path()?;
                Some((path.namespace().cloned(), path.class().clone()))
            }
            _ => None,
        }
    }

    /// Says that a missing instance is the class.
    pub(crate) fn of_class(self) -> Self {
        match self {
            Failure::Read(error) | Failure::Write(error) => Failure::NoClass(error),
            other => other,
        }
    }

    /// Creates the failure of a class that the server does not have.
    pub(crate) fn no_class(class: &Name) -> Self {
        let text = format!("the class {class} does not exist; {CHECK_CLASS}");
        Self::found(Exit::Invalid, "invalid-class", text)
    }

    /// Creates the failure of a value that does not fit its property.
    pub(crate) fn value(error: &dyn StdError) -> Self {
        Self::found(Exit::Invalid, "type-mismatch", one_line(error))
    }

    /// Creates the failure of a text that the user typed, and that does not fit its property.
    pub(crate) fn misfit(error: &dyn StdError, text: &str) -> Self {
        let text = format!("{}: {text:?}", one_line(error));
        Self::found(Exit::Invalid, "type-mismatch", text)
    }

    /// Creates the failure of a name that the class does not have.
    pub(crate) fn parameter(text: impl Into<String>) -> Self {
        Self::found(Exit::Invalid, "invalid-parameter", text)
    }

    /// Creates the failure of a property that the class does not have.
    pub(crate) fn no_property(class: &Name, name: &str) -> Self {
        Self::parameter(format!(
            "the class {class} has no property {name}; see `wsman class {class}`"
        ))
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) => Exit::Usage,
            Failure::Read(error) => Exit::of_read(error),
            Failure::Write(error) => Exit::of_write(error),
            Failure::NoClass(_) => Exit::Invalid,
            Failure::Found(found) => found.exit,
            Failure::Late(_, Unfinished::Write) => Exit::UnknownOutcome,
            Failure::Late(..) => Exit::TimedOut,
            // The reader closed the pipe on purpose: `wsman … | head`.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Failure::Output(_) => Exit::Failed,
            Failure::Interrupted => Exit::Interrupted,
        }
    }

    /// Returns the text for people, on one line, with a next step.
    pub(crate) fn text(&self) -> String {
        printable(&match self {
            Failure::Usage(text) => text.clone(),
            Failure::Late(option, unfinished) => match unfinished {
                Unfinished::Untried => format!("not tried within {option}; set a longer one"),
                Unfinished::Read => format!("not done within {option}; set a longer one"),
                Unfinished::Write => {
                    format!("no answer to a write within {option}; read the instance back")
                }
            },
            Failure::Read(error) | Failure::Write(error) => with_next_step(error),
            Failure::NoClass(error) => without_class(error),
            Failure::Found(found) => found.text.clone(),
            Failure::Output(error) => format!("the output cannot be written: {error}"),
            Failure::Interrupted => "interrupted".to_owned(),
        })
    }

    /// Returns the JSON form, the object under `error`.
    pub(crate) fn to_json(&self) -> Value {
        let message = self.text();
        match self {
            Failure::Read(error) | Failure::Write(error) => {
                of_error(error, error.kind(), error.status(), error.wbem(), &message)
            }
            Failure::NoClass(error) => {
                let (status, wbem) = (CimStatus::InvalidClass, WbemStatus::INVALID_CLASS);
                of_error(error, "invalid-class", status, wbem, &message)
            }
            Failure::Found(Found { kind, .. }) => found(kind, &message, Delivery::NotSent),
            Failure::Usage(_) => found("usage", &message, Delivery::NotSent),
            Failure::Late(_, Unfinished::Untried) => found("timeout", &message, Delivery::NotSent),
            Failure::Late(..) => found("timeout", &message, Delivery::Unknown),
            Failure::Output(_) => found("output", &message, Delivery::NotSent),
            Failure::Interrupted => found("cancelled", &message, Delivery::Unknown),
        }
    }

    /// Prints the failure and returns the exit code. The JSON form follows on a line of its own if JSON is
    /// the form of the output.
    pub(crate) fn report(&self, with_json: bool) -> Exit {
        let exit = self.exit();
        if exit == Exit::Done {
            return exit;
        }
        // If stderr is closed too, the failure cannot be reported.
        let _ = writeln!(io::stderr(), "wsman: {}", self.text());
        if with_json {
            self.report_json();
        }
        exit
    }

    /// Prints the JSON form.
    pub(crate) fn report_json(&self) {
        let _ = writeln!(io::stderr(), "{}", json!({ "error": self.to_json() }));
    }
}

impl Unfinished {
    /// Returns what the work on a host left when it was dropped.
    pub(crate) fn of(pending: &Pending) -> Self {
        if pending.has_dropped() {
            Unfinished::Write
        } else {
            Unfinished::Read
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Returns the JSON form of an error of the library.
fn of_error(
    error: &Error,
    kind: &str,
    status: CimStatus,
    wbem: WbemStatus,
    message: &str,
) -> Value {
    json!({
        "kind": kind,
        "message": message,
        "operation": error.operation().map(OperationKind::as_str),
        "path": error.path().map(ToString::to_string),
        "wsman_code": error.fault().and_then(|fault| fault.wsman_code).map(|code| code.0),
        "cim_status": status.code(),
        "hresult": wbem.0,
        "delivery": delivery(error.delivery()),
    })
}

/// Returns the JSON form of a failure that no answer of a server caused.
fn found(kind: &str, message: &str, sent: Delivery) -> Value {
    json!({
        "kind": kind,
        "message": message,
        "operation": null,
        "path": null,
        "wsman_code": null,
        "cim_status": null,
        "hresult": null,
        "delivery": delivery(sent),
    })
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => "not-sent",
        Delivery::Answered => "answered",
        Delivery::Unknown => "unknown",
    }
}

/// Formats an error and its causes on one line.
pub(crate) fn one_line(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
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
    let cause = error.caused_by::<SetupError>();
    if let Some(SetupError::Unencrypted) = cause {
        // The library's text names its own setting.
        return "refusing to send the login or the messages unencrypted over http://; use https://, or \
                say --allow-unencrypted"
            .to_owned();
    }
    let text = in_options(&one_line(error));
    match next_step(error) {
        Some(step) => format!("{text}; {step}"),
        None => text,
    }
}

/// Returns whether the login was held back because another server rejected it.
fn is_held_back(error: &Error) -> bool {
    let cause = error.caused_by::<TransportError>();
    cause.and_then(TransportError::login_problem) == Some(LoginProblem::HeldBack)
}

/// The next step after an invalid class.
const CHECK_CLASS: &str = "check the class, --namespace and --resource-uri-prefix";

/// Returns the text of a missing instance whose class is missing as well.
fn without_class(error: &Error) -> String {
    let mut text = String::new();
    if let (Some(operation), Some(path)) = (error.operation(), error.path()) {
        text.push_str(&format!("{operation} {path}"));
    }
    if let Some(endpoint) = error.endpoint() {
        text.push_str(&format!(" on {endpoint}"));
    }
    let class = error.class().map(Name::as_str).unwrap_or_default();
    format!("{text}: invalid class: the server has no class {class}; {CHECK_CLASS}")
}

/// Returns the next step after a failed exchange, unless the error text already names one.
fn of_transport(kind: TransportErrorKind) -> Option<&'static str> {
    use TransportErrorKind::{ClientCertificate, Connect, Proxy, ServerCertificate, Tls};
    match kind {
        Connect(ConnectProblem::Reset | ConnectProblem::Other) => {}
        Connect(_) | Tls | ServerCertificate(_) | ClientCertificate | Proxy(_) => return None,
        _ => {}
    }
    Some("check --url, and that the service is running")
}

fn next_step(error: &Error) -> Option<&'static str> {
    let transport = error.transport_kind();
    match error {
        // The error text already includes the remedy.
        _ if error.may_have_changed() => None,
        _ if error.login().is_some_and(|login| !login.causes.is_empty()) => None,
        _ if is_held_back(error) => {
            Some("the host was not tried; --keep-going-after-refusal tries it")
        }
        Error::Auth(_) => Some("check --user and the password"),
        Error::AccessDenied(_) => Some("log in as a user with the permission"),
        Error::Transport(_) => of_transport(transport?),
        Error::Timeout(_) if error.timeout_kind() == Some(TimeoutKind::Deadline) => {
            Some("set a longer --deadline")
        }
        Error::Timeout(_) => Some("check --url, or set a longer --timeout"),
        Error::NotFound(_) => Some("check the keys and --namespace"),
        Error::AlreadyExists(_) => Some("use put or modify to change it"),
        Error::InvalidClass(_) => Some(CHECK_CLASS),
        Error::InvalidNamespace(_) => Some("check --namespace"),
        _ => None,
    }
}
