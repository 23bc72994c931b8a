//! The response to a Pull of events.

use super::HEARTBEAT;
use super::log::EVENT_LOG;
use crate::cim::Instance;
use crate::protocol::enumeration::text;
use crate::protocol::{Body, DecodeError, Header};
use crate::xml::{Element, Ns};
#[cfg(feature = "simulator")]
use {
    crate::cim::ValueError,
    crate::protocol::{EncodeContext, write_instance},
    crate::xml::{Writer, uri},
};

/// The server's response to a Pull of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventPage {
    pub(crate) events: Vec<Instance>,
    /// The bookmark of the last event.
    pub(crate) bookmark: Option<String>,
    /// The context for the next Pull, if the server sent one.
    pub(crate) context: Option<String>,
    /// The reason if the server ended the subscription.
    pub(crate) ended: Option<String>,
}

impl EventPage {
    /// Reads a PullResponse, or a SubscriptionEnd in its place.
    pub(crate) fn read(
        body: &mut Body<'_, '_>,
        first: Option<&Element<'_>>,
        header: &Header,
    ) -> Result<Self, DecodeError> {
        let Some(element) = first else {
            return Err(DecodeError::Missing("n:PullResponse"));
        };
        let mut page = Self {
            bookmark: header.bookmark.clone(),
            ..Self::default()
        };
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Enumeration, "PullResponse") => page.read_parts(body)?,
            (Ns::Eventing, "SubscriptionEnd") => page.ended = Some(read_status(body)?),
            (_, other) => return Err(DecodeError::Unexpected(other.to_owned())),
        }
        Ok(page)
    }

    /// Reads the content of the response. openwsman puts an event directly into it, without `Items`.
    fn read_parts(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Enumeration, "EnumerationContext") => {
                    let context = body.reader.exactly(text)?;
                    self.context = Some(context).filter(|context| !context.is_empty());
                }
                (Ns::Enumeration | Ns::Wsman, "EndOfSequence") => {
                    self.ended = Some("the server has no more events".to_owned());
                    body.reader.skip()?;
                }
                (Ns::Enumeration | Ns::Wsman, "Items") => self.read_items(body)?,
                _ => self.read_event(body, &element)?,
            }
        }
        Ok(())
    }

    fn read_items(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Wsman, "Events") => self.read_items(body)?,
                (Ns::Wsman, "Event") => {
                    let action = body.reader.attribute(&element, Ns::None, "Action");
                    if action.as_deref() == Some(HEARTBEAT) {
                        body.reader.skip()?
                    } else {
                        self.read_items(body)?
                    }
                }
                _ => self.read_event(body, &element)?,
            }
        }
        Ok(())
    }

    fn read_event(
        &mut self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match body.reader.ns(element) {
            Ns::Other | Ns::None => {
                let is_logged = body.reader.ns_uri(element) == Some(EVENT_LOG);
                let mut event = body.instances.instance(body.reader, element)?;
                if is_logged {
                    event.keep_xml(&body.reader.raw(body.reader.mark_of(element)));
                }
                self.events.push(event);
                Ok(())
            }
            _ => Ok(body.reader.skip()?),
        }
    }
}

/// Returns the status of a SubscriptionEnd, or its reason if it has no status.
fn read_status(body: &mut Body<'_, '_>) -> Result<String, DecodeError> {
    let mut status = String::new();
    while let Some(element) = body.reader.child()? {
        match (body.reader.ns(&element), element.local_name()) {
            (Ns::Eventing, "Status") => status = text(body.reader)?,
            (Ns::Eventing, "Reason") if status.is_empty() => status = text(body.reader)?,
            _ => body.reader.skip()?,
        }
    }
    Ok(status)
}

/// The form in which a server writes the events of a page.
#[cfg(feature = "simulator")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// In `n:Items`.
    InItems,
    /// Directly in the response, as openwsman does, and without a context.
    Directly,
    /// No events, only a heartbeat.
    Heartbeat,
}

#[cfg(feature = "simulator")]
impl EventPage {
    /// Writes the body; the bookmark goes into the header.
    pub(crate) fn write(
        &self,
        w: &mut Writer,
        delivered: Delivered,
        context: EncodeContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("n:PullResponse", &[("xmlns:n", uri::ENUMERATION)])?;
        if let Some(context) = &self.context {
            w.leaf("n:EnumerationContext", &[], context)?;
        }
        if delivered != Delivered::Directly {
            w.open("n:Items", &[])?;
        }
        if delivered == Delivered::Heartbeat {
            w.empty("w:Event", &[("Action", HEARTBEAT)])?;
        }
        for event in &self.events {
            write_instance(w, event, context)?;
        }
        if delivered != Delivered::Directly {
            w.close("n:Items");
        }
        if self.ended.is_some() {
            w.empty("n:EndOfSequence", &[])?;
        }
        w.close("n:PullResponse");
        Ok(())
    }
}
