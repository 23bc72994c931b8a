//! The one error of the session, and whether the server may have performed the operation.

mod answer;
mod context;
mod details;
mod display;
mod fault;
mod kind;
#[cfg(test)]
mod tests;
mod web;

use std::ops::Range;
use std::time::Duration;

pub(crate) use answer::from_answer;
pub use context::OperationKind;
pub(crate) use context::Subject;
use details::Details;
pub use details::Failure;
pub(crate) use fault::{from_fault, is_unreportable_success};

pub use crate::shown::Shown;
pub use crate::transport::{Delivery, TimeoutKind};

use crate::auth::{LoginCause, LoginFailure};
use crate::cim::{CimStatus, Instance, InstancePath, ValueError, WbemStatus};
use crate::protocol::{DecodeError, Fault};
use crate::transport::{
    CertificateProblem, ConnectProblem, ProxyProblem, TransportError, TransportErrorKind,
};

/// Why an operation failed: one variant for each case that a caller handles differently.
///
/// Match the variant to decide, then use the methods. [`Error::delivery`] says whether the server may
/// have performed the operation. [`Error::fault`] returns the server's fault, [`Error::wbem`] and
/// [`Error::status`] the code of WMI and of MI.
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
///
/// An error also says which operation failed, on which instance and which server, in its text and as values:
///
/// ```
/// # wsman::doc_examples::run(async |session, simulator| {
/// use wsman::error::OperationKind;
/// use wsman::{Delivery, Instance, PutMode};
/// let share = Instance::new("Win32_Share").with_key("Name", "missing");
/// let error = session.put_instance(&share).mode(PutMode::UpdateOnly).await.unwrap_err();
/// assert_eq!(error.operation(), Some(OperationKind::Put));
/// assert_eq!(error.path().unwrap().to_string(), r#"root\cimv2:Win32_Share.Name="missing""#);
/// assert_eq!(error.endpoint(), Some(simulator.url().as_str()));
/// assert_eq!(error.delivery(), Delivery::Answered);
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The instance already exists (`WBEM_E_ALREADY_EXISTS`).
    AlreadyExists(Failure),
    /// The instance does not exist (`WBEM_E_NOT_FOUND`). If [`Error::is_ambiguous`], the class, the
    /// namespace or the name of a key may be missing instead.
    NotFound(Failure),
    /// The user lacks the permission for the operation (`WBEM_E_ACCESS_DENIED`).
    AccessDenied(Failure),
    /// The class does not exist, or cannot have instances (`WBEM_E_INVALID_CLASS`).
    InvalidClass(Failure),
    /// The namespace does not exist (`WBEM_E_INVALID_NAMESPACE`).
    InvalidNamespace(Failure),
    /// An argument is invalid (`WBEM_E_INVALID_PARAMETER`): keys, flags, a property name.
    InvalidParameter(Failure),
    /// The object that was sent is not a valid instance of the class (`WBEM_E_INVALID_OBJECT`).
    InvalidObject(Failure),
    /// A property that requires a value is NULL (`WBEM_E_ILLEGAL_NULL`).
    IllegalNull(Failure),
    /// A value is not of the property's type (`WBEM_E_TYPE_MISMATCH`).
    TypeMismatch(Failure),
    /// The server or its provider does not support the operation (`WBEM_E_NOT_SUPPORTED`,
    /// `WBEM_E_PROVIDER_NOT_CAPABLE`).
    NotSupported(Failure),
    /// The server is out of memory (`WBEM_E_OUT_OF_MEMORY`).
    OutOfMemory(Failure),
    /// The operation exceeds a limit of the server, such as the number of concurrent operations or the
    /// size of a message (`WBEM_E_QUOTA_VIOLATION`).
    ServerLimits(Failure),
    /// The rows exceed what an awaited request may collect. Stream them, or raise
    /// [`row_limit`](crate::SessionBuilder::row_limit) or
    /// [`byte_limit`](crate::SessionBuilder::byte_limit).
    CollectLimit(Failure),
    /// The server is shutting down or has not started yet (`WBEM_E_SHUTTING_DOWN`).
    ShuttingDown(Failure),
    /// The server created a different instance than requested; [`Error::created_path`] returns its path.
    CreatedElsewhere(Failure),
    /// Events may have been missed; the subscription continues, and [`Error::earlier`] returns the
    /// cause. The error is delivered once the subscription is restored, so a caller that then reads
    /// the state anew has caught up.
    EventsMissed(Failure),
    /// The server sent any other fault (`WBEM_E_FAILED`).
    Fault(Failure),
    /// The login failed. [`Error::login`] returns what the server offered, what the client tried, and
    /// the likely causes.
    Auth(Failure),
    /// The message or its answer was not delivered (`WBEM_E_TRANSPORT_FAILURE`).
    Transport(Failure),
    /// The answer is invalid.
    Decode(Failure),
    /// A time limit expired, in the client ([`Error::timeout_kind`]) or on the server.
    Timeout(Failure),
    /// The caller cancelled the operation.
    Cancelled(Failure),
    /// A value cannot be sent, or cannot be converted to the requested Rust type.
    Value(Failure),
    /// The configuration of the session is invalid, or no tokio runtime is running.
    Config(Failure),
}

/// Results carry the error inline.
const _: () = assert!(size_of::<Error>() <= 16);

impl Error {
    /// Returns the server's fault.
    pub fn fault(&self) -> Option<&Fault> {
        self.details().fault.as_ref().map(|fault| &*fault.0)
    }

    /// Returns the server's error instance, else WMI's `__ExtendedStatus`: what `IWbemServices` leaves
    /// in `GetErrorInfo` and MI returns as completion details.
    pub fn cim_instance(&self) -> Option<&Instance> {
        let fault = self.fault()?;
        fault
            .cim_error
            .as_deref()
            .or(fault.extended_status.as_deref())
    }

    /// Returns how far the operation got, which decides whether a retry may repeat its effect. For an
    /// operation of several messages it is the worst case of them.
    pub fn delivery(&self) -> Delivery {
        self.details().delivery
    }

    /// Returns whether the operation may have changed something on the server: a write of unknown
    /// delivery, or one that changed something else than requested. Always false for a read.
    pub fn may_have_changed(&self) -> bool {
        let details = self.details();
        let is_unknown = details.delivery == Delivery::Unknown && !details.read_only;
        is_unknown || details.has_changed
    }

    /// Returns the HRESULT: the server's own if it sent one, else the one that WMI returns for this
    /// variant.
    pub fn wbem(&self) -> WbemStatus {
        self.details().wbem.unwrap_or(self.usual_wbem())
    }

    /// Returns the status of the CIM operation (`MI_Result`): the server's own if it sent one, else the
    /// one that belongs to [`wbem`](Self::wbem).
    pub fn status(&self) -> CimStatus {
        let of_fault = self.fault().and_then(Fault::cim_status);
        of_fault.unwrap_or_else(|| self.wbem().cim_status())
    }

    /// Returns whether the server's answer has several meanings: an [`Error::NotFound`] may also mean
    /// the class, the namespace or the name of a key, an [`Error::InvalidClass`] the namespace.
    ///
    /// Many servers send the same bytes for all of these. openwsman also sends them while its CIM server
    /// is down. The text of the error says so.
    pub fn is_ambiguous(&self) -> bool {
        let can_be = matches!(self, Error::NotFound(_) | Error::InvalidClass(_));
        can_be && self.details().ambiguous
    }

    /// Returns whether a time limit expired, in the client or on the server.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// Returns which of the session's time limits expired; `None` if it was the server's.
    pub fn timeout_kind(&self) -> Option<TimeoutKind> {
        self.details().timeout
    }

    /// Returns what failed on the connection ([`Error::Transport`], [`Error::Timeout`], [`Error::Auth`]).
    pub fn transport_kind(&self) -> Option<TransportErrorKind> {
        Some(self.caused_by::<TransportError>()?.kind())
    }

    /// Returns the error of a lower layer that caused this one, such as a [`TransportError`] or a
    /// [`DecodeError`]. The text of the error has its text; [`source`](std::error::Error::source)
    /// continues with what is behind it.
    pub fn caused_by<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.details().cause.as_ref()?.error.downcast_ref()
    }

    /// Returns why no connection was made, if that is the cause of the error.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), wsman::Error> {
    /// use wsman::Session;
    /// use wsman::transport::ConnectProblem;
    /// # let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    /// # let url = format!("http://{closed}/wsman");
    /// let session = Session::builder(url.as_str()).build()?;
    /// let error = session.identify().await.unwrap_err();
    /// assert_eq!(error.connect_problem(), Some(ConnectProblem::Refused));
    /// assert!(error.to_string().starts_with("identify on http://127.0.0.1:"));
    /// # Ok(()) }
    /// ```
    pub fn connect_problem(&self) -> Option<ConnectProblem> {
        match self.transport_kind()? {
            TransportErrorKind::Connect(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns why the proxy gave no connection, if that is the cause of the error. The text names the
    /// proxy.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wsman::Session;
    /// use wsman::transport::{ConnectProblem, Proxy, ProxyProblem};
    /// # let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    /// # let url = format!("http://{closed}").parse()?;
    /// let session = Session::builder("http://host.example:5985/wsman")
    ///     .proxy(Proxy::new(url))
    ///     .build()?;
    /// let error = session.identify().await.unwrap_err();
    /// let problem = ProxyProblem::Unreachable(ConnectProblem::Refused);
    /// assert_eq!(error.proxy_problem(), Some(problem));
    /// # Ok(()) }
    /// ```
    pub fn proxy_problem(&self) -> Option<ProxyProblem> {
        match self.transport_kind()? {
            TransportErrorKind::Proxy(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns why the client rejected the server's certificate, if that is the cause of the error.
    pub fn certificate_problem(&self) -> Option<CertificateProblem> {
        match self.transport_kind()? {
            TransportErrorKind::ServerCertificate(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns why the login failed ([`Error::Auth`]) or which permission the user lacks
    /// ([`Error::AccessDenied`]), as far as the answer shows it.
    pub fn login(&self) -> Option<&LoginFailure> {
        self.details().login.as_deref()
    }

    /// Returns the path of the instance that the server created instead ([`Error::CreatedElsewhere`]).
    pub fn created_path(&self) -> Option<&InstancePath> {
        self.details().created.as_ref()
    }

    /// Returns which rows of an enumeration may be lost, counted from 0. A page was too large for the
    /// envelope, and some servers drop its rows. The caller has received all rows before them; request
    /// smaller pages with [`max_elements`](crate::Request::max_elements).
    pub fn lost_rows(&self) -> Option<Range<u64>> {
        self.details().lost_rows.clone()
    }

    /// Returns how long the server or a gateway asks to wait before a retry (`Retry-After`), which
    /// comes with HTTP 429 and 503. At most a day.
    ///
    /// ```
    /// # fn shown(error: &wsman::Error) {
    /// if let Some(pause) = error.retry_after() {
    ///     println!("busy, again in {} s", pause.as_secs());
    /// }
    /// # }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.details().retry_after
    }

    /// Returns how often the client tried to send the message that failed: more than once only with a
    /// [`RetryPolicy`](crate::retry::RetryPolicy).
    pub fn attempts(&self) -> u32 {
        self.details().attempts
    }

    /// Returns the HTTP status of the answer, if one arrived.
    pub fn http_status(&self) -> Option<u16> {
        self.details().http_status
    }

    /// Returns the error of an earlier message after which the operation continued. A create-or-update
    /// whose Create failed holds the not-found error of its Put here.
    pub fn earlier(&self) -> Option<&Error> {
        self.details().earlier.as_deref()
    }

    /// Adds the error of an earlier message.
    pub(crate) fn after(mut self, earlier: Error) -> Self {
        let worst = earlier.delivery().max(self.delivery());
        let failure = self.details_mut();
        failure.delivery = worst;
        failure.earlier = Some(Box::new(earlier));
        self
    }

    /// Sets which rows may be lost.
    pub(crate) fn with_lost_rows(mut self, rows: Range<u64>) -> Self {
        self.details_mut().lost_rows = Some(rows);
        self
    }

    /// Shifts the lost rows by the number of rows that the caller has received.
    pub(crate) fn after_rows(mut self, count: u64) -> Self {
        let failure = self.details_mut();
        if let Some(lost) = &mut failure.lost_rows {
            *lost = lost.start + count..lost.end + count;
            let text = format!(" (rows {} to {} may be lost)", lost.start, lost.end - 1);
            failure.message.push_str(&text);
        }
        self
    }

    /// Adds the number of the row, counted from 0, to the error of an invalid value.
    pub(crate) fn in_row(mut self, row: u64) -> Self {
        if let Error::Value(failure) = &mut self {
            failure.0.message.insert_str(0, &format!("row {row}: "));
        }
        self
    }

    /// Turns the error into another variant, for a request that makes the answer more specific.
    pub(crate) fn into_variant(mut self, variant: fn(Failure) -> Error, message: &str) -> Self {
        let mut details = std::mem::replace(self.details_mut(), *Failure::new("").0);
        details.message = if details.message.is_empty() {
            message.to_owned()
        } else {
            format!("{message}: {}", details.message)
        };
        variant(Failure(Box::new(details)))
    }

    /// Says that a missing object is the class, for a request that names no instance.
    pub(crate) fn of_class(self) -> Self {
        match self {
            Error::NotFound(_) if self.is_ambiguous() => self.into_variant(
                Error::InvalidClass,
                "the class or the namespace does not exist",
            ),
            other => other,
        }
    }

    /// Adds to a denied write that the same user has read permission.
    pub(crate) fn though_reads_are_allowed(mut self) -> Self {
        if matches!(self, Error::AccessDenied(_)) {
            let login = self.details_mut().login.get_or_insert_default();
            login.causes = vec![LoginCause::MayNotWrite];
        }
        self
    }

    /// Marks the operation as a read, which may be repeated without effect.
    pub(crate) fn of_read(mut self) -> Self {
        self.details_mut().read_only = true;
        self
    }

    /// Marks the operation as not sent: only messages that prepare it were sent.
    pub(crate) fn before_sending(mut self) -> Self {
        self.details_mut().delivery = Delivery::NotSent;
        self
    }

    /// Raises the delivery to that of the earlier messages.
    pub(crate) fn at_least(mut self, delivery: Delivery) -> Self {
        let failure = self.details_mut();
        failure.delivery = failure.delivery.max(delivery);
        self
    }

    /// Notes how often the message was sent.
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.details_mut().attempts = attempts.max(1);
        self
    }

    /// Lowers the delivery of a message whose body the client held back.
    fn at_most(mut self, delivery: Delivery) -> Self {
        let failure = self.details_mut();
        failure.delivery = failure.delivery.min(delivery);
        self
    }
}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Error::Value(Failure::of(error))
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let kind = error.kind();
        let login = answer::login_problem(&error);
        let delivery = error.delivery();
        let failure = Failure::of(error).delivery(delivery);
        match kind {
            TransportErrorKind::Timeout(kind) => Error::Timeout(failure.timeout(kind)),
            TransportErrorKind::NoRuntime => Error::Config(failure),
            TransportErrorKind::Login => Error::Auth(failure.login(login)),
            // As after the HTTP 403 that the same server sends over TLS 1.3.
            TransportErrorKind::ClientCertificate if !login.causes.is_empty() => {
                Error::AccessDenied(failure.login(login))
            }
            _ if !login.causes.is_empty() => Error::Transport(failure.login(login)),
            _ => Error::Transport(failure),
        }
    }
}

impl From<DecodeError> for Error {
    /// The outcome of the operation is unknown, because the answer is unreadable.
    fn from(error: DecodeError) -> Self {
        Error::Decode(Failure::of(error).delivery(Delivery::Unknown))
    }
}
