//! The exit codes, for scripts.

use std::process::ExitCode;

use wsman::{Delivery, Error};

/// The exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    AlreadyExists = 4,
    Denied = 5,
    Unreachable = 6,
    TimedOut = 7,
    Invalid = 8,
    UnknownOutcome = 9,
    Partial = 10,
    Interrupted = 130,
}

impl Exit {
    /// Returns what a code means, for a summary.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::Failed => "failed",
            Exit::Usage => "misconfigured",
            Exit::NotFound => "not found",
            Exit::AlreadyExists => "already exist",
            Exit::Denied => "denied",
            Exit::Unreachable => "unreachable",
            Exit::TimedOut => "timed out",
            Exit::Invalid => "invalid",
            Exit::UnknownOutcome => "of unknown outcome",
            Exit::Partial => "done in part",
            Exit::Interrupted => "interrupted",
        }
    }

    /// Returns the code for the error of an operation that changes nothing.
    pub(crate) fn of_read(error: &Error) -> Self {
        match error {
            Error::NotFound(_) => Exit::NotFound,
            Error::AlreadyExists(_) => Exit::AlreadyExists,
            Error::AccessDenied(_) | Error::Auth(_) => Exit::Denied,
            Error::Transport(_) => Exit::Unreachable,
            Error::Timeout(_) => Exit::TimedOut,
            Error::InvalidClass(_)
            | Error::InvalidNamespace(_)
            | Error::InvalidParameter(_)
            | Error::InvalidObject(_)
            | Error::IllegalNull(_)
            | Error::TypeMismatch(_)
            | Error::Value(_) => Exit::Invalid,
            Error::Config(_) => Exit::Usage,
            Error::Cancelled(_) => Exit::Interrupted,
            _ => Exit::Failed,
        }
    }

    /// Returns the code for the error of a write: whether the server did it decides first.
    pub(crate) fn of_write(error: &Error) -> Self {
        match error.delivery() {
            Delivery::Unknown => Exit::UnknownOutcome,
            Delivery::NotSent | Delivery::Answered => Self::of_read(error),
        }
    }

    /// Returns the code of a run of many parts: done if all are, that of the parts if all failed alike.
    pub(crate) fn of_all(exits: impl IntoIterator<Item = Exit>) -> Self {
        let mut exits = exits.into_iter();
        let first = exits.next().unwrap_or(Exit::Done);
        if exits.all(|exit| exit == first) {
            first
        } else {
            Exit::Partial
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_many_parts_has_their_code_only_if_all_agree() {
        use Exit::{Done, NotFound, Partial, TimedOut};
        for (parts, all) in [
            (vec![], Done),
            (vec![Done, Done], Done),
            (vec![NotFound, NotFound], NotFound),
            (vec![Done, NotFound], Partial),
            (vec![TimedOut, NotFound], Partial),
        ] {
            assert_eq!(Exit::of_all(parts), all);
        }
    }
}
