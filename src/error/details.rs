//! The details that every variant of the error carries.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::Error;
use super::context::{Context, Subject};
use super::display::FaultCodes;
use crate::auth::LoginFailure;
use crate::cim::{InstancePath, WbemStatus};
use crate::protocol::Fault;
use crate::shown::Shown;
use crate::transport::{Delivery, TimeoutKind};

/// The details of an [`Error`], which its methods return.
pub struct Failure(pub(super) Box<Details>);

pub(super) struct Details {
    pub(super) message: String,
    pub(super) context: Option<Box<Context>>,
    /// The operation that failed while it prepared that of the context.
    pub(super) preparation: Option<Box<Subject>>,
    pub(super) delivery: Delivery,
    /// The operation only reads.
    pub(super) read_only: bool,
    /// The server is known to have changed something.
    pub(super) has_changed: bool,
    pub(super) fault: Option<FaultCodes>,
    pub(super) http_status: Option<u16>,
    pub(super) retry_after: Option<Duration>,
    /// How often the message was sent, if more than once.
    pub(super) attempts: u32,
    pub(super) wbem: Option<WbemStatus>,
    pub(super) ambiguous: bool,
    pub(super) timeout: Option<TimeoutKind>,
    pub(super) created: Option<InstancePath>,
    pub(super) lost_rows: Option<Range<u64>>,
    pub(super) login: Option<Box<LoginFailure>>,
    pub(super) earlier: Option<Box<Error>>,
    pub(super) cause: Option<Cause>,
}

/// The error of a lower layer.
pub(super) struct Cause {
    pub(super) error: Box<dyn StdError + Send + Sync>,
    /// The message already has its text.
    pub(super) is_told: bool,
}

impl Failure {
    /// Makes a failure that the client found before it sent a message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            message: message.into(),
            context: None,
            preparation: None,
            delivery: Delivery::NotSent,
            read_only: false,
            has_changed: false,
            fault: None,
            http_status: None,
            retry_after: None,
            attempts: 1,
            wbem: None,
            ambiguous: false,
            timeout: None,
            created: None,
            lost_rows: None,
            login: None,
            earlier: None,
            cause: None,
        }))
    }

    /// Makes a failure whose message is the text of its cause.
    pub(crate) fn of(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(cause.to_string()).told_by(cause)
    }

    pub(crate) fn delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Notes that the server has changed something.
    pub(crate) fn changed(mut self) -> Self {
        self.0.has_changed = true;
        self
    }

    pub(super) fn fault(mut self, fault: Box<Fault>) -> Self {
        self.0.fault = Some(FaultCodes(fault));
        self
    }

    pub(super) fn http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    pub(super) fn retry_after(mut self, pause: Option<Duration>) -> Self {
        self.0.retry_after = pause;
        self
    }

    pub(crate) fn wbem(mut self, status: Option<WbemStatus>) -> Self {
        self.0.wbem = status;
        self
    }

    pub(super) fn ambiguous(mut self, ambiguous: bool) -> Self {
        self.0.ambiguous = ambiguous;
        self
    }

    pub(crate) fn timeout(mut self, kind: TimeoutKind) -> Self {
        self.0.timeout = Some(kind);
        self
    }

    pub(super) fn login(mut self, login: LoginFailure) -> Self {
        self.0.login = Some(Box::new(login));
        self
    }

    pub(crate) fn created(mut self, path: InstancePath) -> Self {
        self.0.created = Some(path);
        self.changed()
    }

    /// Adds the cause, whose text the message does not have.
    pub(crate) fn source(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Cause {
            error: Box::new(cause),
            is_told: false,
        });
        self
    }

    /// Adds the cause, whose text the message already has.
    pub(crate) fn told_by(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Cause {
            error: Box::new(cause),
            is_told: true,
        });
        self
    }
}

/// Shows only the details that are set, and the fault in one line, because its instances fill a page.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        let mut shown = f.debug_struct("Failure");
        let message = Shown::new(&details.message);
        shown.field("message", &format_args!("\"{message}\""));
        if let Some(context) = &details.context {
            shown.field("operation", &format_args!("{}", context.subject));
            shown.field("endpoint", &format_args!("{}", context.endpoint));
        }
        shown.field("delivery", &details.delivery);
        let fault = details.fault.as_ref().map(|fault| fault.0.to_string());
        let status = details.http_status.map(|status| status.to_string());
        let created = details.created.as_ref().map(ToString::to_string);
        let earlier = details.earlier.as_ref().map(ToString::to_string);
        for (name, text) in [
            ("fault", fault),
            ("http_status", status),
            ("created", created),
            ("earlier", earlier),
        ] {
            if let Some(text) = text {
                shown.field(name, &format_args!("{text}"));
            }
        }
        shown.finish_non_exhaustive()
    }
}
