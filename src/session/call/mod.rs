//! A running operation: its settings, its messages and their progress.

mod send;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Session;
use super::deadline;
use super::flags::OperationFlags;
use super::message_id::new_id;
use super::options::CallOptions;
use super::progress::Progress;
use super::retry::Retries;
use super::trace::Trace;
use crate::cim::{Namespace, ValueError};
use crate::error::{Error, Failure};
use crate::protocol::{
    AnswerAction, Asked, EncodeContext, FixedHeader, Header, ResourceUriPrefix, SelectorSet,
    SessionHeaders, WireForm, WsmanOption, write_envelope,
};
use crate::xml::Writer;

/// A running operation.
#[derive(Clone, Debug)]
pub(super) struct Call {
    session: Session,
    options: CallOptions,
    namespace: Option<Namespace>,
    progress: Arc<Progress>,
    messages: u32,
    trace: Trace,
    /// Which messages are sent again.
    retries: Option<Retries>,
    /// The bytes of the last answer.
    received: usize,
    /// The time limit of the session for the whole operation, and its end: no message starts after it.
    ends: Option<(Duration, Instant)>,
}

/// Whether a message reads or changes something on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

/// A message that is ready to be written.
pub(super) struct Draft {
    pub(super) action: Cow<'static, str>,
    pub(super) answered_by: AnswerAction,
    pub(super) effect: Effect,
    pub(super) resource_uri: String,
    pub(super) selectors: SelectorSet,
    /// For the resource URIs of selectors that are references.
    pub(super) prefix: ResourceUriPrefix,
    pub(super) options: Vec<WsmanOption>,
    pub(super) fragment: Option<String>,
    /// The address, if it is not the session's own.
    pub(super) to: Option<String>,
    /// The subscription that the message concerns.
    pub(super) identifier: Option<String>,
}

/// A message that was written.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    /// The parts that hold secrets.
    secrets: Vec<Range<usize>>,
}

impl From<Vec<u8>> for Written {
    fn from(bytes: Vec<u8>) -> Self {
        let secrets = Vec::new();
        Self { bytes, secrets }
    }
}

/// `msftwinrm:UsePreciseArrays`, with the prefix as Windows writes it (MS-WSMV 3.1.4.1.26).
const PRECISE_ARRAYS: &str = "msftwinrm:UsePreciseArrays";

impl Call {
    pub(super) fn new(
        session: Session,
        options: CallOptions,
        progress: Arc<Progress>,
    ) -> Result<Self, Error> {
        if let Some(error) = &options.invalid_context {
            return Err(invalid_parameter(error.clone()));
        }
        let namespace = options
            .namespace
            .clone()
            .transpose()
            .map_err(invalid_parameter)?;
        let retries = retries(&session, &options)?;
        Ok(Self {
            session,
            options,
            namespace,
            progress,
            messages: 0,
            trace: Trace::off(),
            retries,
            received: 0,
            ends: None,
        })
    }

    /// Ends the operation at the deadline of its session, unless it has one of its own, or callbacks.
    pub(super) fn within_session(mut self) -> Self {
        let settings = self.session.settings();
        let has_own = self.options.deadline.is_some() || settings.until.is_some();
        let limit = settings.deadline;
        let limit = limit.filter(|_| !has_own && self.options.listener.is_none());
        self.ends = limit.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        self
    }

    /// Returns the bytes of the last answer.
    pub(super) fn received(&self) -> usize {
        self.received
    }

    /// Has no default deadline, because the caller uses the result on and on.
    pub(super) fn without_end(mut self) -> Self {
        self.ends = None;
        self
    }

    /// Sets the trace of the operation.
    pub(super) fn traced(mut self, trace: Trace) -> Self {
        self.trace = trace;
        self
    }

    /// Sends no message again, because the sender has its own back-off.
    pub(super) fn without_retries(mut self) -> Self {
        self.retries = None;
        self
    }

    /// The trace of the operation.
    pub(super) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The session, for messages outside of this call.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The settings of the request, which override those of the session.
    pub(super) fn options(&self) -> &CallOptions {
        &self.options
    }

    /// The namespace of the request, which its path must match.
    pub(super) fn own_namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }

    /// The namespace of the session.
    pub(super) fn session_namespace(&self) -> Option<&Namespace> {
        self.session.settings().namespace.as_ref()
    }

    /// The prefix of the request.
    pub(super) fn own_prefix(&self) -> Option<&ResourceUriPrefix> {
        self.options.prefix.as_ref()
    }

    /// The prefix of the session.
    pub(super) fn session_prefix(&self) -> &ResourceUriPrefix {
        &self.session.settings().prefix
    }

    /// Returns a copy of the call with its own cancellation and without callbacks, so that cleanup
    /// messages are sent even after the caller has cancelled the operation.
    pub(super) fn apart(&self) -> Self {
        let mut apart = Self {
            progress: Arc::default(),
            messages: 0,
            ..self.clone()
        };
        apart.options.listener = None;
        apart
    }

    /// The progress of the operation, which also tells whether the caller cancelled it.
    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// The time limit of the server for each message, if the request or the session sets one.
    pub(super) fn operation_timeout(&self) -> Option<Duration> {
        self.options
            .operation_timeout
            .or(self.session.settings().operation_timeout)
    }

    /// Sets the time limit of the server for the following messages.
    pub(super) fn set_operation_timeout(&mut self, timeout: Duration) {
        self.options.operation_timeout = Some(timeout);
    }

    /// The number of messages sent.
    pub(super) fn messages(&self) -> u32 {
        self.messages
    }

    /// Returns how values are written for a class with this prefix, in this namespace.
    pub(super) fn encoding<'a>(
        &self,
        prefix: &'a ResourceUriPrefix,
        namespace: Option<&'a Namespace>,
    ) -> EncodeContext<'a> {
        EncodeContext {
            form: self.form(),
            precise_arrays: self.precise_arrays(),
            prefix,
            namespace,
            class: None,
        }
    }

    /// The form in which the server writes values.
    pub(super) fn form(&self) -> WireForm {
        self.session.settings().form.unwrap_or_default()
    }

    /// Returns whether values that are read are converted to the types of their classes.
    pub(super) fn is_typed(&self) -> bool {
        let usual = self.options.typed || self.session.settings().typed;
        self.options.flags.types(usual)
    }

    fn precise_arrays(&self) -> bool {
        self.options
            .precise_arrays
            .unwrap_or(self.session.settings().precise_arrays)
    }

    /// Writes a message that is not sent.
    pub(super) fn write(
        &self,
        draft: Draft,
        body: impl Fn(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<Written, Error> {
        encode(&self.header(draft)?, body)
    }

    fn header(&self, draft: Draft) -> Result<Header, ValueError> {
        let registers = self.options.registers();
        Ok(Header {
            fixed: Some(self.fixed_header(draft.to.as_deref())?),
            resource_uri: Some(draft.resource_uri),
            action: Some(draft.action),
            message_id: Some(new_id()),
            operation_id: registers.then(new_id),
            sequence_id: registers.then_some(1),
            operation_timeout: self.operation_timeout(),
            selectors: draft.selectors,
            prefix: draft.prefix,
            options: self.all_options(draft.options),
            fragment: draft.fragment,
            identifier: draft.identifier,
            ..Header::default()
        })
    }

    /// Returns the headers of every message, with what differs for this one: the address `to` and the
    /// languages of the request.
    fn fixed_header(&self, to: Option<&str>) -> Result<Arc<FixedHeader>, ValueError> {
        let CallOptions {
            locale,
            data_locale,
            ..
        } = &self.options;
        if to.is_none() && locale.is_none() && data_locale.is_none() {
            return self.session.fixed_header();
        }
        let usual = self.session.settings().headers();
        let own = SessionHeaders {
            to: to.unwrap_or(usual.to),
            locale: locale.as_deref().or(usual.locale),
            data_locale: data_locale.as_deref().or(usual.data_locale),
            ..usual
        };
        FixedHeader::of(own).map(Arc::new)
    }

    /// Returns what the answer to a request must be.
    fn asked<'h>(&self, request: &'h Header, answered_by: AnswerAction) -> Asked<'h> {
        Asked::by(request, answered_by).must_relate(self.session.relates())
    }

    /// Returns whether values stay text, as they were received.
    fn keeps_text(&self) -> bool {
        self.options.flags.contains(OperationFlags::NO_RTTI)
    }

    /// Returns whether instances keep their elements as they were received.
    fn keeps_xml(&self) -> bool {
        self.options.keep_xml || self.session.settings().keep_xml
    }

    fn all_options(&self, mut options: Vec<WsmanOption>) -> Vec<WsmanOption> {
        if let Some(listener) = &self.options.listener {
            options.extend(listener.wanted().options());
        }
        if self.precise_arrays() {
            options.push(WsmanOption::flag(PRECISE_ARRAYS));
        }
        options.extend(self.session.settings().options.iter().cloned());
        options.extend(self.options.options.iter().cloned());
        options
    }
}

/// The default time limit of the server for a message (MS-WSMV 2.2.4.10, `MaxTimeoutms`).
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(60);

/// Returns the retries of an operation; those of its request are checked here.
fn retries(session: &Session, options: &CallOptions) -> Result<Option<Retries>, Error> {
    if let Some(policy) = &options.retry {
        policy.check().map_err(Error::InvalidParameter)?;
    }
    let policy = options.retry.or(session.settings().retry);
    let until = || deadline::moment(deadline::limit(session, options));
    Ok(policy.and_then(|policy| Retries::new(policy, until())))
}

/// Writes a message.
fn encode(
    header: &Header,
    body: impl Fn(&mut Writer) -> Result<(), ValueError>,
) -> Result<Written, Error> {
    let mut secrets = Vec::new();
    let body = |w: &mut Writer| {
        body(w)?;
        secrets = w.take_secrets();
        Ok(())
    };
    let bytes = write_envelope(|w| header.write_request(w), body)?;
    Ok(Written { bytes, secrets })
}

/// Makes the error of an invalid argument, found before the client sent a message.
pub(super) fn invalid_parameter(error: ValueError) -> Error {
    Error::InvalidParameter(Failure::of(error))
}
