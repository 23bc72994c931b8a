//! The details that every variant of the error carries.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;

use super::Error;
use crate::auth::LoginFailure;
use crate::cim::{InstancePath, WbemStatus};
use crate::protocol::Fault;
use crate::shown::Shown;
use crate::transport::{Delivery, TimeoutKind};

/// The details of an [`Error`], which its methods return.
pub struct Failure(pub(super) Box<Details>);

pub(super) struct Details {
    pub(super) message: String,
    pub(super) delivery: Delivery,
    /// The operation only reads.
    pub(super) read_only: bool,
    pub(super) fault: Option<Box<Fault>>,
    pub(super) http_status: Option<u16>,
    pub(super) wbem: Option<WbemStatus>,
    pub(super) ambiguous: bool,
    pub(super) timeout: Option<TimeoutKind>,
    pub(super) path: Option<InstancePath>,
    pub(super) lost_rows: Option<Range<u64>>,
    pub(super) login: Option<Box<LoginFailure>>,
    pub(super) earlier: Option<Box<Error>>,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// Makes a failure that the client found before it sent a message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            message: message.into(),
            delivery: Delivery::NotSent,
            read_only: false,
            fault: None,
            http_status: None,
            wbem: None,
            ambiguous: false,
            timeout: None,
            path: None,
            lost_rows: None,
            login: None,
            earlier: None,
            source: None,
        }))
    }

    pub(crate) fn delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    pub(super) fn fault(mut self, fault: Box<Fault>) -> Self {
        self.0.fault = Some(fault);
        self
    }

    pub(super) fn http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
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

    pub(crate) fn path(mut self, path: InstancePath) -> Self {
        self.0.path = Some(path);
        self
    }

    pub(crate) fn source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }
}

/// Shows only the details that are set, and the fault in one line, because its instances fill a page.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        let mut shown = f.debug_struct("Failure");
        shown
            .field(
                "message",
                &format_args!("\"{}\"", Shown::new(&details.message)),
            )
            .field("delivery", &details.delivery);
        let fault = details.fault.as_ref().map(ToString::to_string);
        for (name, text) in [
            ("fault", fault),
            (
                "http_status",
                details.http_status.map(|status| status.to_string()),
            ),
            ("path", details.path.as_ref().map(ToString::to_string)),
            ("earlier", details.earlier.as_ref().map(ToString::to_string)),
        ] {
            if let Some(text) = text {
                shown.field(name, &format_args!("{text}"));
            }
        }
        shown.finish_non_exhaustive()
    }
}
