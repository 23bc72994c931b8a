//! The one error of the public API, and the one way to it from what a server answered.

mod answer;
mod failure;
mod fault;
#[cfg(test)]
mod tests;
mod web;

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::ops::Range;

pub(crate) use answer::from_answer;
pub use failure::Failure;
pub(crate) use fault::{from_fault, is_unreportable_success};

use crate::auth::{LoginCause, LoginFailure};
use crate::cim::{CimStatus, Instance, InstancePath, ValueError, WbemStatus};
use crate::protocol::{DecodeError, Fault};
use crate::shown::ShownWriter;
use crate::transport::{
    CertificateProblem, Delivery, TimeoutKind, TransportError, TransportErrorKind,
};

/// Why an operation did not give a result; one variant for each thing a caller does differently.
///
/// Match the variant to decide, then ask the methods: [`Error::delivery`] tells whether the operation
/// may have been done, [`Error::fault`] what the server said, [`Error::wbem`] and [`Error::status`]
/// which code WMI or MI would have given.
///
/// ```
/// use wsman::{Delivery, Error};
/// fn may_try_again(error: &Error) -> bool {
///     match error {
///         Error::ServerLimits(_) | Error::ShuttingDown(_) => true,
///         other => other.delivery() == Delivery::NotSent,
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is such an instance already (`WBEM_E_ALREADY_EXISTS`).
    AlreadyExists(Failure),
    /// There is no such instance (`WBEM_E_NOT_FOUND`); with [`Error::is_ambiguous`] it may also be the
    /// class, the namespace or the name of a key.
    NotFound(Failure),
    /// The user may not do this (`WBEM_E_ACCESS_DENIED`).
    AccessDenied(Failure),
    /// There is no such class, or it can have no instance (`WBEM_E_INVALID_CLASS`).
    InvalidClass(Failure),
    /// There is no such namespace (`WBEM_E_INVALID_NAMESPACE`).
    InvalidNamespace(Failure),
    /// An argument is wrong (`WBEM_E_INVALID_PARAMETER`): keys, flags, a property name.
    InvalidParameter(Failure),
    /// What was given is no instance of the class (`WBEM_E_INVALID_OBJECT`).
    InvalidObject(Failure),
    /// NULL for a property that must have a value (`WBEM_E_ILLEGAL_NULL`).
    IllegalNull(Failure),
    /// A value of another type than the property's (`WBEM_E_TYPE_MISMATCH`).
    TypeMismatch(Failure),
    /// The server or its provider cannot do this (`WBEM_E_NOT_SUPPORTED`, `WBEM_E_PROVIDER_NOT_CAPABLE`).
    NotSupported(Failure),
    /// The server has no memory left (`WBEM_E_OUT_OF_MEMORY`).
    OutOfMemory(Failure),
    /// A limit of the server: operations at a time, size of a message (`WBEM_E_QUOTA_VIOLATION`).
    ServerLimits(Failure),
    /// More rows, or bytes of them, than awaiting a request may collect: stream them, or raise
    /// [`row_limit`](crate::SessionBuilder::row_limit) or
    /// [`byte_limit`](crate::SessionBuilder::byte_limit).
    CollectLimit(Failure),
    /// The server is going down or not up yet (`WBEM_E_SHUTTING_DOWN`).
    ShuttingDown(Failure),
    /// The server made another instance than was asked for: [`Error::path`] says which.
    CreatedElsewhere(Failure),
    /// Events may have been missed; the subscription goes on, and [`Error::earlier`] says what
    /// happened. It comes when there is a subscription again: whoever reads everything anew then has
    /// caught up.
    EventsMissed(Failure),
    /// Anything else that the server said (`WBEM_E_FAILED`).
    Fault(Failure),
    /// The login was not accepted, or could not be made: [`Error::login`] says what was offered and
    /// tried, and what is likely to be wrong.
    Auth(Failure),
    /// The message or its answer did not get through (`WBEM_E_TRANSPORT_FAILURE`).
    Transport(Failure),
    /// The answer could not be read.
    Decode(Failure),
    /// A time limit ran out, here ([`Error::timeout_kind`]) or on the server.
    Timeout(Failure),
    /// The caller cancelled the operation.
    Cancelled(Failure),
    /// A value that cannot be sent, or is not of the Rust type asked for.
    Value(Failure),
    /// The session cannot be built or used like this.
    Config(Failure),
}

impl Error {
    /// The name of the variant, such as `NotFound`.
    pub fn name(&self) -> &'static str {
        self.parts().0
    }

    /// What the server said.
    pub fn fault(&self) -> Option<&Fault> {
        self.failure().fault.as_deref()
    }

    /// The server's error instance, else WMI's `__ExtendedStatus`: what `IWbemServices` leaves in
    /// `GetErrorInfo` and MI gives as completion details.
    pub fn cim_instance(&self) -> Option<&Instance> {
        let fault = self.fault()?;
        fault
            .cim_error
            .as_deref()
            .or(fault.extended_status.as_deref())
    }

    /// How far the operation got: whether doing it again may repeat its effect. Where an operation took
    /// several messages it is the worst of them.
    pub fn delivery(&self) -> Delivery {
        self.failure().delivery
    }

    /// The HRESULT that WMI gives for this, the server's own where it sent one.
    pub fn wbem(&self) -> WbemStatus {
        self.failure().wbem.unwrap_or(self.parts().1)
    }

    /// The status of the CIM operation (`MI_Result`), the server's own where it sent one.
    pub fn status(&self) -> CimStatus {
        let of_fault = self.fault().and_then(Fault::cim_status);
        of_fault.unwrap_or_else(|| self.wbem().cim_status())
    }

    /// Whether a [`Error::NotFound`] may mean the class, the namespace or the name of a key as well, or
    /// an [`Error::InvalidClass`] the namespace: many servers answer all of them with the same bytes.
    /// openwsman sends these bytes while its CIM server is down, too. The text of the error says so.
    pub fn is_ambiguous(&self) -> bool {
        let can_be = matches!(self, Error::NotFound(_) | Error::InvalidClass(_));
        can_be && self.failure().ambiguous
    }

    /// Whether a time limit ran out, here or on the server.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// Which of the session's time limits ran out; `None` if it was the server's.
    pub fn timeout_kind(&self) -> Option<TimeoutKind> {
        self.failure().timeout
    }

    /// What is wrong with the server's certificate, if that is why there was no connection.
    pub fn certificate_problem(&self) -> Option<CertificateProblem> {
        let source = self.failure().source.as_deref()?;
        match source.downcast_ref::<TransportError>()?.kind() {
            TransportErrorKind::ServerCertificate(problem) => Some(problem),
            _ => None,
        }
    }

    /// Why the login was not accepted ([`Error::Auth`]), or what the user may not do
    /// ([`Error::AccessDenied`]), as far as there is evidence of it.
    pub fn login(&self) -> Option<&LoginFailure> {
        self.failure().login.as_deref()
    }

    /// The instance that the server made instead ([`Error::CreatedElsewhere`]).
    pub fn path(&self) -> Option<&InstancePath> {
        self.failure().path.as_ref()
    }

    /// Which rows of an enumeration may be lost, counted from 0: a page was too large for the envelope,
    /// and some servers drop the rows that were to be in it. The rows before were handed out; ask for
    /// fewer at a time.
    pub fn lost_rows(&self) -> Option<Range<u64>> {
        self.failure().lost_rows.clone()
    }

    /// The HTTP status of the answer, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.failure().http_status
    }

    /// The error of the message before, where an operation went on after it: a create-or-update whose
    /// Create failed has the not-found of its Put here.
    pub fn earlier(&self) -> Option<&Error> {
        self.failure().earlier.as_deref()
    }

    /// Adds the error of the message before.
    pub(crate) fn after(mut self, earlier: Error) -> Self {
        let worst = earlier.delivery().max(self.delivery());
        let failure = self.failure_mut();
        failure.delivery = worst;
        failure.earlier = Some(Box::new(earlier));
        self
    }

    /// Says which rows may be lost.
    pub(crate) fn with_lost_rows(mut self, rows: Range<u64>) -> Self {
        self.failure_mut().lost_rows = Some(rows);
        self
    }

    /// Says how many rows came before.
    pub(crate) fn after_rows(mut self, count: u64) -> Self {
        let failure = self.failure_mut();
        if let Some(lost) = &mut failure.lost_rows {
            *lost = lost.start + count..lost.end + count;
            let text = format!(" (rows {} to {} may be lost)", lost.start, lost.end - 1);
            failure.message.push_str(&text);
        }
        self
    }

    /// Says which row of an enumeration a value that does not fit is in, counted from 0.
    pub(crate) fn in_row(mut self, row: u64) -> Self {
        if let Error::Value(failure) = &mut self {
            failure.0.message.insert_str(0, &format!("row {row}: "));
        }
        self
    }

    /// The same as another variant, because what was asked for tells more than the answer alone.
    pub(crate) fn into_variant(mut self, variant: fn(Failure) -> Error, message: &str) -> Self {
        let mut details = std::mem::replace(self.failure_mut(), *Failure::new("").0);
        details.message = match details.message.is_empty() {
            true => message.to_owned(),
            false => format!("{message}: {}", details.message),
        };
        variant(Failure(Box::new(details)))
    }

    /// Says of a write that was denied that the same user could read.
    pub(crate) fn though_reads_are_allowed(mut self) -> Self {
        if matches!(self, Error::AccessDenied(_)) {
            let login = self.failure_mut().login.get_or_insert_default();
            login.causes = vec![LoginCause::MayNotWrite];
        }
        self
    }

    /// Says that nothing was to be changed, so that it does not matter whether it was done.
    pub(crate) fn of_read(mut self) -> Self {
        self.failure_mut().read_only = true;
        self
    }

    /// Says that only messages were sent that prepare the operation, and change nothing.
    pub(crate) fn before_sending(mut self) -> Self {
        self.failure_mut().delivery = Delivery::NotSent;
        self
    }

    /// Raises the delivery to what is known of the messages before.
    pub(crate) fn at_least(mut self, delivery: Delivery) -> Self {
        let failure = self.failure_mut();
        failure.delivery = failure.delivery.max(delivery);
        self
    }

    /// Lowers the delivery of a message that was held back.
    fn at_most(mut self, delivery: Delivery) -> Self {
        let failure = self.failure_mut();
        failure.delivery = failure.delivery.min(delivery);
        self
    }

    fn failure(&self) -> &failure::Details {
        self.parts().3
    }

    /// Name, default HRESULT, what it means, and the details.
    fn parts(&self) -> (&'static str, WbemStatus, &'static str, &failure::Details) {
        use WbemStatus as W;
        let (name, wbem, means, failure) = match self {
            Error::AlreadyExists(f) => ("AlreadyExists", W::ALREADY_EXISTS, "already exists", f),
            Error::NotFound(f) => ("NotFound", W::NOT_FOUND, "not found", f),
            Error::AccessDenied(f) => ("AccessDenied", W::ACCESS_DENIED, "access denied", f),
            Error::InvalidClass(f) => ("InvalidClass", W::INVALID_CLASS, "invalid class", f),
            Error::InvalidNamespace(f) => (
                "InvalidNamespace",
                W::INVALID_NAMESPACE,
                "invalid namespace",
                f,
            ),
            Error::InvalidParameter(f) => (
                "InvalidParameter",
                W::INVALID_PARAMETER,
                "invalid parameter",
                f,
            ),
            Error::InvalidObject(f) => ("InvalidObject", W::INVALID_OBJECT, "invalid object", f),
            Error::IllegalNull(f) => ("IllegalNull", W::ILLEGAL_NULL, "illegal NULL", f),
            Error::TypeMismatch(f) => ("TypeMismatch", W::TYPE_MISMATCH, "type mismatch", f),
            Error::NotSupported(f) => ("NotSupported", W::NOT_SUPPORTED, "not supported", f),
            Error::OutOfMemory(f) => (
                "OutOfMemory",
                W::OUT_OF_MEMORY,
                "the server is out of memory",
                f,
            ),
            Error::ServerLimits(f) => (
                "ServerLimits",
                W::QUOTA_VIOLATION,
                "a limit of the server",
                f,
            ),
            Error::CollectLimit(f) => {
                ("CollectLimit", W::QUOTA_VIOLATION, "too much to collect", f)
            }
            Error::ShuttingDown(f) => (
                "ShuttingDown",
                W::SHUTTING_DOWN,
                "the server is shutting down",
                f,
            ),
            Error::CreatedElsewhere(f) => (
                "CreatedElsewhere",
                W::FAILED,
                "another instance was created",
                f,
            ),
            Error::EventsMissed(f) => ("EventsMissed", W::FAILED, "events missed", f),
            Error::Fault(f) => ("Fault", W::FAILED, "the server failed", f),
            Error::Auth(f) => ("Auth", W::ACCESS_DENIED, "the login was not accepted", f),
            Error::Transport(f) => ("Transport", W::TRANSPORT_FAILURE, "transport failure", f),
            Error::Decode(f) => ("Decode", W::TRANSPORT_FAILURE, "unreadable answer", f),
            Error::Timeout(f) => ("Timeout", W::TRANSPORT_FAILURE, "timed out", f),
            Error::Cancelled(f) => ("Cancelled", W::CALL_CANCELLED, "cancelled", f),
            Error::Value(f) => ("Value", W::INVALID_PARAMETER, "a value does not fit", f),
            Error::Config(f) => (
                "Config",
                W::INVALID_PARAMETER,
                "cannot be used like this",
                f,
            ),
        };
        (name, wbem, means, &failure.0)
    }

    fn failure_mut(&mut self) -> &mut failure::Details {
        match self {
            Error::AlreadyExists(f)
            | Error::NotFound(f)
            | Error::AccessDenied(f)
            | Error::InvalidClass(f)
            | Error::InvalidNamespace(f)
            | Error::InvalidParameter(f)
            | Error::InvalidObject(f)
            | Error::IllegalNull(f)
            | Error::TypeMismatch(f)
            | Error::NotSupported(f)
            | Error::OutOfMemory(f)
            | Error::ServerLimits(f)
            | Error::CollectLimit(f)
            | Error::ShuttingDown(f)
            | Error::CreatedElsewhere(f)
            | Error::EventsMissed(f)
            | Error::Fault(f)
            | Error::Auth(f)
            | Error::Transport(f)
            | Error::Decode(f)
            | Error::Timeout(f)
            | Error::Cancelled(f)
            | Error::Value(f)
            | Error::Config(f) => &mut f.0,
        }
    }
}

/// The longest text of an error, in characters; [`Error::fault`] has all of it.
const MOST_SHOWN: usize = 4000;

/// What an ambiguous [`Error::NotFound`] may mean besides.
const OR_NOT_FOUND: &str = "; the server sends the same for a missing class, namespace or key name, and \
    openwsman while its CIM server is down";

/// What an ambiguous [`Error::InvalidClass`] may mean besides.
const OR_INVALID_CLASS: &str = "; the server sends the same for a missing namespace, and openwsman while \
    its CIM server is down";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, _, means, failure) = self.parts();
        f.write_str(means)?;
        // What a server says may be as long as its answer, and hold anything.
        let mut shown = ShownWriter::new(&mut *f, MOST_SHOWN);
        if !failure.message.is_empty() {
            write!(shown, ": {}", failure.message)?;
        }
        if let Some(login) = &failure.login {
            write!(shown, "; {login}")?;
        }
        if self.is_ambiguous() {
            f.write_str(match self {
                Error::NotFound(_) => OR_NOT_FOUND,
                _ => OR_INVALID_CLASS,
            })?;
        }
        if failure.delivery == Delivery::Unknown && !failure.read_only {
            f.write_str(" (it may have been done: read the instance back before trying again)")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let failure = self.failure();
        match (&failure.source, &failure.fault) {
            (Some(source), _) => Some(source.as_ref()),
            (None, Some(fault)) => Some(fault.as_ref()),
            (None, None) => failure.earlier.as_deref().map(|earlier| earlier as _),
        }
    }
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Error::Value(Failure::new(error.to_string()).source(error))
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let failure = Failure::new(error.to_string()).delivery(error.delivery());
        match error.kind() {
            TransportErrorKind::Timeout(kind) => {
                Error::Timeout(failure.timeout(kind).source(error))
            }
            TransportErrorKind::NoRuntime => Error::Config(failure.source(error)),
            TransportErrorKind::Login => answer::login_failed(error, failure),
            _ => Error::Transport(failure.source(error)),
        }
    }
}

impl From<DecodeError> for Error {
    /// Nobody knows what an answer says that cannot be read.
    fn from(error: DecodeError) -> Self {
        let failure = Failure::new(error.to_string()).delivery(Delivery::Unknown);
        Error::Decode(failure.source(error))
    }
}
