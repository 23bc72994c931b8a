//! Matches a response to its request (WS-Addressing 3.2; DSP0226 5.4).
//!
//! A response names its request in `wsa:RelatesTo`. Every recorded response to a write does; some
//! faults of OMI and of WMI providers do not.

use super::{Body, DecodeError, Fault, Header, read_envelope};
use crate::xml::{Element, Limits};

/// The content of a response, or the fault in its place.
pub(crate) type Reply<T> = Result<T, Box<Fault>>;

/// The request that a response must match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// `wsa:MessageID` as sent; empty for Identify, which has none.
    id: &'a str,
    action: &'a str,
    answered_by: AnswerAction,
    must_relate: bool,
}

/// The `wsa:Action` of the response, if the response names the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AnswerAction {
    /// The action of the request with the suffix `Response`.
    #[default]
    Response,
    /// The same for a method, with any form of the class URI. OMI sends the action of the request.
    Method,
    /// Any action: a Pull of events may be answered with a SubscriptionEnd, and openwsman uses the
    /// class as the action. Only the element in the body counts.
    Any,
}

/// The request that a response names.
enum Relation<'a> {
    Nothing,
    Asked,
    Other(&'a str),
    Several(&'a str, &'a str),
}

impl<'a> Asked<'a> {
    /// Identify, whose response has no addressing headers. Only the element in the body counts.
    pub(crate) const IDENTIFY: Asked<'static> = Asked {
        id: "",
        action: "",
        answered_by: AnswerAction::Any,
        must_relate: false,
    };

    /// Creates the expectation for a request with this header.
    pub(crate) fn by(request: &'a Header, answered_by: AnswerAction) -> Self {
        Self {
            id: request.own_id(),
            action: request.action.as_deref().unwrap_or_default(),
            answered_by,
            must_relate: false,
        }
    }

    /// Rejects a response that names no request, for a server that always names it.
    pub(crate) fn must_relate(mut self, must_relate: bool) -> Self {
        self.must_relate = must_relate;
        self
    }

    /// Validates that a message other than a fault is the response, and that its mandatory headers are
    /// known.
    pub(super) fn check(&self, header: &Header) -> Result<(), DecodeError> {
        self.check_relation(header)?;
        let action = header.action.as_deref().unwrap_or_default();
        let fits = match relation(self.id, header) {
            _ if self.id.is_empty() => true,
            _ if self.is_echo(header) => false,
            Relation::Nothing => !self.must_relate && self.is_response(action),
            _ => match self.answered_by {
                AnswerAction::Any => true,
                _ if action.is_empty() => true,
                AnswerAction::Response => self.is_response(action),
                AnswerAction::Method => self.is_of_method(action),
            },
        };
        if !fits {
            return Err(DecodeError::OtherAction {
                expected: [self.action, RESPONSE].concat(),
                found: action.to_owned(),
            });
        }
        match header.not_understood.as_slice() {
            [] => Ok(()),
            names => Err(DecodeError::NotUnderstood(names.join(", "))),
        }
    }

    /// Validates that a message does not name another request. A message that names none may be the
    /// response.
    pub(super) fn check_relation(&self, header: &Header) -> Result<(), DecodeError> {
        let answered = match relation(self.id, header) {
            Relation::Nothing | Relation::Asked => return Ok(()),
            Relation::Other(id) => id.to_owned(),
            Relation::Several(id, another) => [id, " and ", another].concat(),
        };
        let sent = self.id.to_owned();
        Err(DecodeError::Unrelated { sent, answered })
    }

    /// Returns whether the message is the request itself.
    fn is_echo(&self, header: &Header) -> bool {
        header.own_id().eq_ignore_ascii_case(self.id)
    }

    fn is_response(&self, action: &str) -> bool {
        action.strip_suffix(RESPONSE) == Some(self.action)
    }

    fn is_of_method(&self, action: &str) -> bool {
        let method = last_segment(self.action);
        let found = last_segment(action);
        let response = [method, RESPONSE].concat();
        found.eq_ignore_ascii_case(method) || found.eq_ignore_ascii_case(&response)
    }
}

/// The suffix of the action of a response.
const RESPONSE: &str = "Response";

/// Returns the request that a message names. If it names two, neither counts. Some servers change the
/// case of the UUID.
fn relation<'h>(id: &str, header: &'h Header) -> Relation<'h> {
    match (&header.relates_to, &header.also_relates_to) {
        _ if id.is_empty() => Relation::Nothing,
        (Some(first), Some(second)) => Relation::Several(first, second),
        (Some(answered), None) if answered.eq_ignore_ascii_case(id) => Relation::Asked,
        (Some(answered), None) if !answered.is_empty() => Relation::Other(answered),
        _ => Relation::Nothing,
    }
}

fn last_segment(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap_or(uri)
}

/// Reads the response to a message. A fault is accepted with any action.
pub(crate) fn read_reply<T>(
    bytes: &[u8],
    limits: Limits,
    asked: Asked<'_>,
    body: impl FnOnce(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
) -> Result<Reply<T>, DecodeError> {
    let (header, content) = read_envelope(bytes, limits, body)?;
    match content {
        Ok(_) => asked.check(&header)?,
        Err(_) => asked.check_relation(&header)?,
    }
    Ok(content)
}
