//! One of several envelopes in response to a message.

use super::{Control, InteractiveEvent};
use crate::protocol::envelope::{finish_envelope, start_envelope};
use crate::protocol::{Asked, Body, DecodeError, Header, InstanceReader};
use crate::xml::{Limits, Ns, Reader, decode};

/// One envelope of a response in several envelopes.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) header: Header,
    pub(crate) said: Said,
}

/// The kind of an envelope.
#[derive(Debug)]
pub(crate) enum Said {
    Event(InteractiveEvent),
    Control(Control),
    /// The response itself or a fault, which is the last envelope. It is read only far enough to
    /// recognise it.
    Answer,
}

impl Turn {
    /// Reads an envelope of the response to a message.
    pub(crate) fn read(
        bytes: &[u8],
        limits: Limits,
        asked: Asked<'_>,
    ) -> Result<Self, DecodeError> {
        let document = decode(bytes, limits.charset)?;
        let mut reader = Reader::of(&document, limits)?;
        let header = start_envelope(&mut reader)?;
        let action = header.action.as_deref().unwrap_or_default();
        if let Some(control) = Control::of_action(action) {
            let said = Said::Control(control);
            return Ok(Self { header, said });
        }
        asked.check_relation(&header)?;
        let mut instances = InstanceReader::default();
        let mut body = Body::of(&mut reader, &mut instances);
        let first = body.reader.child()?;
        let is_event = first
            .as_ref()
            .is_some_and(|first| body.reader.is(first, Ns::Interactive, "InteractiveEvent"));
        let said = if is_event {
            let event = InteractiveEvent::read(&mut body)?;
            finish_envelope(&mut reader)?;
            Said::Event(event)
        } else {
            Said::Answer
        };
        Ok(Self { header, said })
    }
}
