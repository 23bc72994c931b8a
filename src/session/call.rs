//! A running operation: its settings, its messages and their progress.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::Session;
use super::callback::Conversation;
use super::flags::OperationFlags;
use super::message_id::new_id;
use super::options::CallOptions;
use super::progress::Progress;
use super::trace::Trace;
use crate::cim::{Name, Namespace, ValueError};
use crate::error::{Error, Failure, from_answer, from_fault, is_unreportable_success};
use crate::protocol::{
    AnswerAction, Asked, Body, DecodeError, EncodeContext, Header, InstanceReader, Page, Reply,
    ResourceUriPrefix, SelectorSet, WireForm,
};
use crate::protocol::{WsmanOption, read_reply, write_envelope};
use crate::transport::{Body as MessageBody, Delivery, OutgoingMessage, SentFlag, WholeAnswer};
use crate::xml::{Element, Writer};

/// A running operation.
#[derive(Clone, Debug)]
pub(super) struct Call {
    session: Session,
    options: CallOptions,
    namespace: Option<Namespace>,
    progress: Arc<Progress>,
    messages: u32,
    trace: Trace,
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
        Ok(Self {
            session,
            options,
            namespace,
            progress,
            messages: 0,
            trace: Trace::off(),
        })
    }

    /// Sets the trace of the operation.
    pub(super) fn traced(mut self, trace: Trace) -> Self {
        self.trace = trace;
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

    /// Writes a message, sends it and reads the answer; `None` if the server reports a success whose
    /// result it cannot send.
    pub(super) async fn send<T>(
        &mut self,
        draft: Draft,
        write: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
        read: impl FnOnce(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let (effect, answered_by) = (draft.effect, draft.answered_by);
        let (header, message) = self.write(draft, write)?;
        let sending = self.exchange(Some(&header), message, false, effect);
        let answer = sending.await?;
        let limits = self.session.limits_of(&answer);
        let (keeps_text, keeps_xml) = (self.keeps_text(), self.keeps_xml());
        let char16_text = self.form().char16_text();
        let asked = self.asked(&header, answered_by);
        let mut relates = false;
        let reply = read_reply(&answer.body, limits, asked, |body, first, head| {
            body.instances.keep_text(keeps_text);
            body.instances.keep_xml(keeps_xml);
            body.instances.read_char16_as(char16_text);
            relates = head.relates_to.is_some();
            read(body, first, head)
        });
        let content = self.judge(&answer, reply, effect)?;
        if relates {
            self.session.note_relation();
        }
        if effect == Effect::Read {
            self.session.note_read();
        }
        Ok(content)
    }

    /// Sends a message whose answer is a page of rows, which is decoded lazily; `class` is the class of
    /// rows that do not name theirs.
    pub(super) async fn send_for_page(
        &mut self,
        draft: Draft,
        class: Option<Name>,
        write: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<Box<Page>, Error> {
        let (header, message) = self.write(draft, write)?;
        let sending = self.exchange(Some(&header), message, false, Effect::Read);
        let mut answer = sending.await?;
        let limits = self.session.limits_of(&answer);
        let text = Vec::from(std::mem::take(&mut answer.body));
        let mut instances = InstanceReader::default();
        instances.keep_text(self.keeps_text());
        instances.keep_xml(self.keeps_xml());
        instances.read_char16_as(self.form().char16_text());
        let asked = self.asked(&header, AnswerAction::Response);
        let page = Page::read(text, limits, asked, class, instances);
        let page = self.judge(&answer, page, Effect::Read)?;
        self.session.note_read();
        page.map(Box::new)
            .ok_or_else(|| Error::from(DecodeError::Missing("n:PullResponse")))
    }

    /// Sends a message that is already written and has no identifier.
    pub(super) async fn send_bytes<T>(
        &mut self,
        bytes: Vec<u8>,
        anonymous: bool,
        read: impl FnOnce(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let sending = self.exchange(None, bytes.into(), anonymous, Effect::Read);
        let answer = sending.await?;
        let limits = self.session.limits_of(&answer);
        let reply = read_reply(&answer.body, limits, Asked::IDENTIFY, read);
        self.judge(&answer, reply, Effect::Read)
    }

    pub(super) fn write(
        &self,
        draft: Draft,
        body: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<(Header, Written), Error> {
        let settings = self.session.settings();
        let registers = self.options.registers();
        let header = Header {
            to: draft.to.or_else(|| Some(settings.to.clone())),
            resource_uri: Some(draft.resource_uri),
            action: Some(draft.action.into_owned()),
            max_envelope_size: Some(settings.max_envelope_size),
            message_id: Some(new_id()),
            locale: self
                .options
                .locale
                .clone()
                .or_else(|| settings.locale.clone()),
            data_locale: self
                .options
                .data_locale
                .clone()
                .or_else(|| settings.data_locale.clone()),
            session_id: Some(settings.session_id.clone()),
            operation_id: registers.then(new_id),
            sequence_id: registers.then_some(1),
            operation_timeout: self.operation_timeout(),
            selectors: draft.selectors,
            prefix: draft.prefix,
            options: self.all_options(draft.options),
            fragment: draft.fragment,
            identifier: draft.identifier,
            ..Header::default()
        };
        let mut secrets = Vec::new();
        let body = |w: &mut Writer| {
            body(w)?;
            secrets = w.take_secrets();
            Ok(())
        };
        let bytes = write_envelope(|w| header.write_request(w), body)?;
        Ok((header, Written { bytes, secrets }))
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

    /// Sends a message with this header, if it has one, and waits for its answer. The listener, if any,
    /// receives the callbacks of the server meanwhile.
    async fn exchange(
        &mut self,
        header: Option<&Header>,
        written: Written,
        anonymous: bool,
        effect: Effect,
    ) -> Result<WholeAnswer, Error> {
        let settings = self.session.settings();
        if self.progress.is_stopped() {
            return Err(self.progress.cancelled());
        }
        let sent = SentFlag::default();
        self.progress.begin(sent.clone(), effect == Effect::Write);
        self.messages += 1;
        let trace = self
            .trace
            .message(header, self.messages, written.bytes.len());
        let message = OutgoingMessage {
            body: MessageBody::from(written.bytes),
            secrets: written.secrets,
            time_limit: self
                .operation_timeout()
                .unwrap_or(USUAL_TIMEOUT)
                .saturating_add(settings.network_delay),
            answer_limit: settings.limits.bytes,
            anonymous,
            is_read: matches!(effect, Effect::Read),
            is_conversation: false,
            sent,
        };
        let answer = match (header, &self.options.listener) {
            (Some(header), Some(listener)) => {
                let conversation =
                    Conversation::new(&self.session, listener, &self.progress, header);
                // Boxed, because few operations have callbacks and all would reserve room for them.
                Box::pin(conversation.hold(message)).await
            }
            _ => self.session.exchange(message).await,
        };
        if let Some(trace) = trace {
            trace.end(&answer);
        }
        answer.map_err(|error| self.failed(error, effect))
    }

    /// Returns the content of an answer, or an error that includes the state of the earlier messages.
    fn judge<T>(
        &self,
        answer: &WholeAnswer,
        reply: Result<Reply<T>, DecodeError>,
        effect: Effect,
    ) -> Result<Option<T>, Error> {
        let error = match reply {
            Ok(Ok(content)) if answer.is_success() => {
                self.progress.end(Delivery::Answered);
                return Ok(Some(content));
            }
            // A success in the body under an HTTP status of a failure.
            Ok(Ok(_)) => from_answer(answer, DecodeError::Missing("s:Fault")),
            Err(DecodeError::OtherAction { .. }) if !answer.is_success() => {
                from_answer(answer, DecodeError::Missing("s:Fault"))
            }
            Ok(Err(fault)) if effect == Effect::Write && is_unreportable_success(&fault) => {
                self.progress.end(Delivery::Answered);
                return Ok(None);
            }
            Ok(Err(fault)) => from_fault(fault, answer.status, effect == Effect::Write),
            Err(error) => from_answer(answer, error),
        };
        Err(self.failed(error, effect))
    }

    fn failed(&self, error: Error, effect: Effect) -> Error {
        self.progress.end(error.delivery());
        let error = error.at_least(self.progress.delivery());
        match effect {
            // An earlier write of this operation may have been performed.
            Effect::Read if self.progress.has_written() => error,
            Effect::Read => error.of_read(),
            Effect::Write if self.session.could_read() => error.though_reads_are_allowed(),
            Effect::Write => error,
        }
    }
}

/// The default time limit of the server for a message (MS-WSMV 2.2.4.10, `MaxTimeoutms`).
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes the error of an invalid argument, found before the client sent a message.
pub(super) fn invalid_parameter(error: ValueError) -> Error {
    Error::InvalidParameter(Failure::of(error))
}
