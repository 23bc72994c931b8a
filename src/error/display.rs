//! The texts of an error: each level of the chain prints its own part.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use super::Error;
use crate::protocol::Fault;
use crate::shown::{Shown, ShownWriter};

/// The longest text of an error, in characters; [`Error::fault`] holds the whole text.
const MOST_SHOWN: usize = 4000;

/// The other meanings of an ambiguous [`Error::NotFound`].
const OR_NOT_FOUND: &str = "; the server sends the same for a missing class, namespace or key name, and \
    openwsman while its CIM server is down";

/// The other meanings of an ambiguous [`Error::InvalidClass`].
const OR_INVALID_CLASS: &str = "; the server sends the same for a missing namespace, and openwsman while \
    its CIM server is down";

/// What to do about a write whose outcome is unknown.
const READ_BACK: &str = "; the server may have performed it: read the instance back before a retry";

/// Prints `get root\cimv2:Win32_Share.Name="logs" on http://host:5985/wsman: not found: ` and the
/// words of the server. [`source`](StdError::source) has the codes of its fault, or the cause.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.details();
        let mut shown = ShownWriter::new(&mut *f, MOST_SHOWN);
        if let Some(context) = &details.context {
            write!(shown, "{} on {}: ", context.subject, context.endpoint)?;
        }
        if let Some(preparation) = &details.preparation {
            write!(shown, "{preparation}: ")?;
        }
        self.reason().fmt(f)
    }
}

impl Error {
    /// Returns the text without the operation and the endpoint.
    pub(crate) fn reason(&self) -> impl fmt::Display {
        Reason(self)
    }

    /// Returns what happened, without the variant where that says no more, and without likely causes.
    pub(crate) fn fact(&self) -> String {
        let message = Shown::new(&self.details().message);
        match self {
            Error::Auth(_) | Error::Transport(_) | Error::ShuttingDown(_) => message.to_string(),
            _ if self.details().message.is_empty() => self.meaning().to_owned(),
            _ => format!("{}: {message}", self.meaning()),
        }
    }

    /// Whether this is the text of the error.
    pub(crate) fn is_told_by(&self, text: &str) -> bool {
        self.details().message == text
    }
}

struct Reason<'a>(&'a Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (error, details) = (self.0, self.0.details());
        f.write_str(error.meaning())?;
        // The text of a server may be as long as its answer, and contain any character.
        let mut shown = ShownWriter::new(&mut *f, MOST_SHOWN);
        let is_retried = details.attempts > 1;
        let has_more = error.is_ambiguous()
            || error.may_have_changed()
            || details.login.is_some()
            || is_retried;
        let message = if has_more {
            details.message.trim_end_matches('.')
        } else {
            &details.message
        };
        if !message.is_empty() {
            write!(shown, ": {message}")?;
        }
        if let Some(login) = details.login.as_ref().filter(|login| !login.is_empty()) {
            write!(shown, "; {login}")?;
        }
        if is_retried {
            write!(f, "; tried {} times", details.attempts)?;
        }
        if error.is_ambiguous() {
            f.write_str(match error {
                Error::NotFound(_) => OR_NOT_FOUND,
                _ => OR_INVALID_CLASS,
            })?;
        }
        if error.may_have_changed() && !details.has_changed {
            f.write_str(READ_BACK)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let details = self.details();
        match (&details.cause, &details.fault) {
            (Some(cause), _) if cause.is_told => cause.error.source(),
            (Some(cause), _) => Some(cause.error.as_ref()),
            (None, Some(fault)) if fault.says_anything() => Some(fault),
            (None, _) => details.earlier.as_deref().map(|earlier| earlier as _),
        }
    }
}

/// A fault as the cause of an error, which already has the words of the server: prints the codes.
pub(super) struct FaultCodes(pub(super) Box<Fault>);

impl FaultCodes {
    fn says_anything(&self) -> bool {
        !self.to_string().is_empty()
    }
}

impl fmt::Display for FaultCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_codes(f)
    }
}

impl fmt::Debug for FaultCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for FaultCodes {}
