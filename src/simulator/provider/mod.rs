//! Processes the bytes of a request and returns the bytes of its answer.

pub(super) mod conversation;
pub(super) mod enumeration;
pub(super) mod fragment;
pub(super) mod operation;
pub(super) mod put_options;
pub(super) mod reply;
pub(super) mod request;
pub(super) mod script;
pub(super) mod subscription;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::cim::{Name, Namespace};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{EventFailure, ProtocolFailure, RequestFailure, SoapFault};
use crate::simulator::model::repository::Repository;
use crate::simulator::model::semantics::CimFailure;
use crate::simulator::provider::conversation::Conversations;
use crate::simulator::provider::enumeration::Enumerations;
use crate::simulator::provider::operation::Call;
use crate::simulator::provider::request::{
    Operation, Request, RequestBody, Resource, has_date_elements,
};
use crate::simulator::provider::subscription::Subscriptions;

/// The WS-Management server behind HTTP.
pub(super) struct Provider {
    pub(super) repository: Repository,
    pub(super) dialect: Dialect,
    pub(super) enumerations: Enumerations,
    pub(super) conversations: Conversations,
    pub(super) subscriptions: Subscriptions,
    messages: AtomicU64,
}

/// An answer: the HTTP status and the message.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Returns the answer to a message about another one (MS-WSMV 4.11.1).
    pub(super) fn taken() -> Self {
        Self {
            status: 200,
            body: Vec::new(),
        }
    }

    /// Returns OMI's answer to failures for which it has no fault.
    fn empty() -> Self {
        Self {
            status: 500,
            body: Vec::new(),
        }
    }
}

/// The minimum of `MaxEnvelopeSize` (MS-WSMV 3.1.4.1.7).
const SMALLEST_ENVELOPE: u32 = 8192;

impl Provider {
    pub(super) fn new(
        repository: Repository,
        dialect: Dialect,
        enumerations: Enumerations,
    ) -> Self {
        Self {
            repository,
            dialect,
            enumerations,
            conversations: Conversations::default(),
            subscriptions: Subscriptions::new(dialect),
            messages: AtomicU64::new(0),
        }
    }

    /// Processes a request; `logged_in` decides how much an Identify returns.
    pub(super) fn answer(&self, bytes: &[u8], logged_in: bool) -> Answer {
        self.answer_numbered(bytes, logged_in, 1)
    }

    /// Processes a request; its answer has a number among others.
    pub(super) fn answer_numbered(&self, bytes: &[u8], logged_in: bool, number: u64) -> Answer {
        let Ok(mut request) = Request::read_in(bytes, self.dialect.wire_form()) else {
            return self.unreadable(bytes);
        };
        if self.dialect == Dialect::Windows
            && let Some(answer) = self.conversations.hear(&request)
        {
            return answer;
        }
        request.header.sequence_id = Some(number);
        if matches!(request.body, RequestBody::Identify) {
            return self.finish(reply::identify(self.dialect, logged_in), &request);
        }
        let answer = self
            .carry_out(&request, bytes)
            .and_then(|body| self.fitting(&request, body));
        self.finish(answer, &request)
    }

    /// Whether a request is a write.
    pub(super) fn is_write(&self, bytes: &[u8]) -> bool {
        let request = Request::read(bytes);
        let operation = request.ok().and_then(|request| request.operation());
        operation.is_some_and(Operation::writes)
    }

    /// Answers a request with a failure, without processing it.
    pub(super) fn fail(&self, bytes: &[u8], failure: impl Into<RequestFailure>) -> Answer {
        match Request::read(bytes) {
            Ok(request) => self.finish(Err(failure.into()), &request),
            Err(_) => self.unreadable(bytes),
        }
    }

    /// Returns the status and the body of an answer or a failure.
    fn finish(&self, answer: Result<Vec<u8>, RequestFailure>, request: &Request) -> Answer {
        match answer {
            Ok(body) => Answer { status: 200, body },
            Err(failure) => self.fault(&failure, Some(request)),
        }
    }

    fn fault(&self, failure: &RequestFailure, request: Option<&Request>) -> Answer {
        // OMI has no fault for an unsupported filter or delivery mode.
        let is_unspeakable = matches!(
            failure,
            RequestFailure::Protocol(ProtocolFailure::FilterDialect)
                | RequestFailure::Events(EventFailure::DeliveryMode | EventFailure::NoFilter)
        );
        if self.dialect == Dialect::Omi && is_unspeakable {
            return Answer::empty();
        }
        let fault = SoapFault::of(self.dialect, failure, request.and_then(Request::operation));
        let relates_to = request.and_then(|request| request.header.message_id.clone());
        let body = fault
            .write(self.message_id(), relates_to)
            .unwrap_or_default();
        Answer {
            status: fault.http,
            body,
        }
    }

    /// Returns the answer to an invalid message; OMI's has an empty body.
    fn unreadable(&self, bytes: &[u8]) -> Answer {
        if self.dialect == Dialect::Omi && bytes.is_empty() {
            return Answer::empty();
        }
        self.fault(&ProtocolFailure::Unreadable.into(), None)
    }

    /// Checks an answer against the client's limit.
    fn fitting(&self, request: &Request, body: Vec<u8>) -> Result<Vec<u8>, RequestFailure> {
        let limit = request
            .header
            .max_envelope_size
            .and_then(|size| usize::try_from(size).ok());
        if !self.dialect.keeps_to_envelope_size() || limit.is_none_or(|limit| body.len() <= limit) {
            return Ok(body);
        }
        match request.operation() {
            Some(operation) if operation.writes() => {
                Err(ProtocolFailure::UnreportableSuccess.into())
            }
            _ => Err(ProtocolFailure::AnswerTooLarge.into()),
        }
    }

    fn carry_out(&self, request: &Request, bytes: &[u8]) -> Result<Vec<u8>, RequestFailure> {
        let operation = self.check_header(request)?;
        let uri = request.header.resource_uri.as_deref().unwrap_or_default();
        let resource = Resource::parse(uri);
        if !self.dialect.takes_prefix(&resource.prefix) {
            return Err(ProtocolFailure::UnknownResourceUri.into());
        }
        if self.dialect == Dialect::Omi && operation.writes() && has_date_elements(bytes) {
            return Err(CimFailure::NoProperty(Name::new("Datetime")).into());
        }
        let namespace = self.namespace(request, &resource)?;
        let keys = request.header.selectors.keys();
        let call = Call {
            provider: self,
            request,
            bytes,
            operation,
            resource: &resource,
            keys: &keys,
        };
        call.carry_out(&namespace)
    }

    fn check_header(&self, request: &Request) -> Result<Operation, RequestFailure> {
        let header = &request.header;
        if !header.not_understood.is_empty() {
            return Err(ProtocolFailure::NotUnderstood(header.not_understood.clone()).into());
        }
        if header.fragment.is_some() && !self.dialect.honours_fragments() {
            let fragment = vec!["FragmentTransfer".to_owned()];
            return Err(ProtocolFailure::NotUnderstood(fragment).into());
        }
        let incomplete = header.message_id.is_none() || header.reply_to.is_none();
        if self.dialect.needs_addressing() && incomplete && header.resource_uri.is_some() {
            return Err(ProtocolFailure::MissingHeader.into());
        }
        if header
            .max_envelope_size
            .is_some_and(|size| size < SMALLEST_ENVELOPE)
        {
            return Err(ProtocolFailure::EnvelopeSizeTooSmall.into());
        }
        if header.resource_uri.is_none() {
            return Err(ProtocolFailure::NoResourceUri.into());
        }
        match header.action.as_deref() {
            None => Err(ProtocolFailure::NoAction.into()),
            Some(_) => {
                let operation = request.operation();
                operation.ok_or_else(|| ProtocolFailure::UnknownAction.into())
            }
        }
    }

    /// Returns the namespace of the selector, else of the URI, else the server's default. OMI
    /// ignores the one in the URI.
    fn namespace(
        &self,
        request: &Request,
        resource: &Resource,
    ) -> Result<Namespace, RequestFailure> {
        let selected = request.header.selectors.namespace();
        let in_uri = match self.dialect {
            Dialect::Omi => None,
            _ => resource.namespace.clone(),
        };
        match (selected, in_uri) {
            (Some(selected), Some(in_uri)) if selected != in_uri => {
                Err(ProtocolFailure::NamespaceMismatch.into())
            }
            (Some(namespace), _) | (None, Some(namespace)) => Ok(namespace),
            (None, None) => {
                let default = self.dialect.default_namespace();
                default.ok_or_else(|| ProtocolFailure::UnknownResourceUri.into())
            }
        }
    }

    pub(super) fn message_id(&self) -> String {
        let number = self.messages.fetch_add(1, Ordering::Relaxed);
        format!("uuid:53494D55-0000-0000-0000-{number:012X}")
    }
}
