//! Which message is the answer to a request (WS-Addressing 3.2; DSP0226 5.4).
//!
//! An answer names its request in `wsa:RelatesTo`. Every recorded answer to a write does; some faults
//! of OMI and of WMI providers do not.

use super::{Body, DecodeError, Fault, Header, read_envelope};
use crate::xml::{Element, Limits};

/// The content of an answer, or the fault in its place.
pub(crate) type Reply<T> = Result<T, Box<Fault>>;

/// The request that an answer must be to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// `wsa:MessageID` as it was sent; empty in Identify, which has none.
    id: &'a str,
    action: &'a str,
    answered_by: AnswerAction,
    must_relate: bool,
}

/// Which `wsa:Action` the answer has, if it names the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AnswerAction {
    /// The request's with `Response` behind it.
    #[default]
    Response,
    /// The same for a method, in whatever form the server writes the URI of the class; OMI sends the
    /// action of the request.
    Method,
    /// Any: the answer to a Pull of events is a SubscriptionEnd, or has the class for an action
    /// (openwsman). The element in its body is all that counts.
    Any,
}

/// What an answer names as its request.
enum Relation<'a> {
    Nothing,
    Asked,
    Other(&'a str),
    Several(&'a str, &'a str),
}

impl<'a> Asked<'a> {
    /// Identify, whose answer has no addressing headers: the element in its body is all that counts.
    pub(crate) const IDENTIFY: Asked<'static> = Asked {
        id: "",
        action: "",
        answered_by: AnswerAction::Any,
        must_relate: false,
    };

    /// A request with this header.
    pub(crate) fn by(request: &'a Header, answered_by: AnswerAction) -> Self {
        Self {
            id: request.own_id(),
            action: request.action.as_deref().unwrap_or_default(),
            answered_by,
            must_relate: false,
        }
    }

    /// The same to a server whose answers name their requests: one that names none is not its answer.
    pub(crate) fn must_relate(mut self, must_relate: bool) -> Self {
        self.must_relate = must_relate;
        self
    }

    /// Checks that a message other than a fault is the answer, and that all of it is understood.
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

    /// Checks that a message does not name another request. One that names none may be the answer.
    pub(super) fn check_relation(&self, header: &Header) -> Result<(), DecodeError> {
        let answered = match relation(self.id, header) {
            Relation::Nothing | Relation::Asked => return Ok(()),
            Relation::Other(id) => id.to_owned(),
            Relation::Several(id, another) => [id, " and ", another].concat(),
        };
        let sent = self.id.to_owned();
        Err(DecodeError::Unrelated { sent, answered })
    }

    /// Whether the message is the request itself.
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

/// What is behind the action of a request in that of its answer.
const RESPONSE: &str = "Response";

/// What a message names as its request; of two, neither counts. Some servers change the case of the UUID.
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

/// Reads the answer to a message. A fault is one whatever its action is.
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
