//! Subscribe and its response.

use std::time::Duration;

use super::EVENTING;
use super::expires::Expires;
use crate::cim::ValueError;
use crate::protocol::enumeration::{Filter, FilterContext, text};
use crate::protocol::epr::EndpointReference;
use crate::protocol::header::duration_text;
#[cfg(feature = "simulator")]
use crate::protocol::header::parse_duration;
use crate::protocol::{Body, DecodeError};
use crate::xml::{Element, Ns, Writer};
#[cfg(feature = "simulator")]
use crate::xml::{Reader, uri};

/// The delivery mode of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum DeliveryMode {
    /// Pull: the client requests them.
    #[default]
    Pull,
    /// Push, by its URI: the server connects to the client; read only.
    #[cfg(feature = "simulator")]
    Other(String),
}

/// The body of a Subscribe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SubscribeBody {
    pub(crate) mode: DeliveryMode,
    /// The interval of heartbeats while there are no events.
    pub(crate) heartbeats: Option<Duration>,
    pub(crate) expires: Option<Duration>,
    pub(crate) filter: Option<Filter>,
    /// The bookmark of the event to resume after.
    pub(crate) bookmark: Option<String>,
    pub(crate) send_bookmarks: bool,
}

/// The body of a SubscribeResponse.
#[derive(Debug, Default)]
pub(crate) struct Subscribed {
    /// The endpoint for Renew and Unsubscribe.
    pub(crate) manager: EndpointReference,
    /// The context for Pulls; only a subscription in pull mode has one.
    pub(crate) context: Option<String>,
    /// The expiration of the subscription; `None` means never (WS-Eventing 3.1).
    pub(crate) expires: Option<Expires>,
}

const PULL: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull";

impl DeliveryMode {
    fn uri(&self) -> &str {
        match self {
            DeliveryMode::Pull => PULL,
            #[cfg(feature = "simulator")]
            DeliveryMode::Other(uri) => uri,
        }
    }

    #[cfg(feature = "simulator")]
    fn of(uri: &str) -> Self {
        match uri {
            PULL => DeliveryMode::Pull,
            other => DeliveryMode::Other(other.to_owned()),
        }
    }
}

impl SubscribeBody {
    /// Writes the body, with its parts in the order that OMI requires.
    pub(crate) fn write(
        &self,
        w: &mut Writer,
        context: FilterContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("e:Subscribe", &[EVENTING])?;
        w.open("e:Delivery", &[("Mode", self.mode.uri())])?;
        if let Some(interval) = self.heartbeats {
            w.leaf("w:Heartbeats", &[], &duration_text(interval))?;
        }
        w.close("e:Delivery");
        if let Some(expires) = self.expires {
            w.leaf("e:Expires", &[], &duration_text(expires))?;
        }
        if let Some(filter) = &self.filter {
            filter.write(w, context)?;
        }
        if let Some(bookmark) = &self.bookmark {
            w.leaf("w:Bookmark", &[], bookmark)?;
        }
        if self.send_bookmarks {
            w.empty("w:SendBookmarks", &[])?;
        }
        w.close("e:Subscribe");
        Ok(())
    }

    /// Reads the body; the reader is in it. A filter is accepted in either namespace.
    #[cfg(feature = "simulator")]
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut body = Self::default();
        while let Some(element) = reader.child()? {
            match (reader.ns(&element), element.local_name()) {
                (Ns::Eventing, "Delivery") => {
                    let mode = reader.attribute(&element, Ns::None, "Mode");
                    body.mode = DeliveryMode::of(&mode.unwrap_or_default());
                    body.read_delivery(reader)?;
                }
                (Ns::Eventing, "Expires") => body.expires = parse_duration(&text(reader)?),
                (Ns::Wsman | Ns::Eventing, "Filter") => {
                    body.filter = Some(Filter::read(reader, &element)?);
                }
                (Ns::Wsman, "Bookmark") => body.bookmark = Some(text(reader)?),
                (Ns::Wsman, "SendBookmarks") => {
                    body.send_bookmarks = true;
                    reader.skip()?;
                }
                _ => reader.skip()?,
            }
        }
        Ok(body)
    }

    #[cfg(feature = "simulator")]
    fn read_delivery(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(element) = reader.child()? {
            match (reader.ns(&element), element.local_name()) {
                (Ns::Wsman, "Heartbeats") => self.heartbeats = parse_duration(&text(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl Subscribed {
    /// Reads the body of a SubscribeResponse.
    pub(crate) fn read(
        body: &mut Body<'_, '_>,
        first: Option<&Element<'_>>,
    ) -> Result<Self, DecodeError> {
        match first {
            Some(element) if body.reader.is(element, Ns::Eventing, "SubscribeResponse") => {}
            Some(element) => return Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => return Err(DecodeError::Missing("e:SubscribeResponse")),
        }
        let mut subscribed = Self::default();
        while let Some(element) = body.reader.child()? {
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Eventing, "SubscriptionManager") => {
                    subscribed.manager = EndpointReference::read(body.reader)?;
                }
                (Ns::Enumeration, "EnumerationContext") => {
                    let context = body.reader.exactly(text)?;
                    subscribed.context = Some(context).filter(|context| !context.is_empty());
                }
                (Ns::Eventing, "Expires") => {
                    subscribed.expires = Some(Expires::parse(&text(body.reader)?));
                }
                _ => body.reader.skip()?,
            }
        }
        Ok(subscribed)
    }

    /// Writes the body. OMI writes the reference parameters of the manager as properties.
    #[cfg(feature = "simulator")]
    pub(crate) fn write(&self, w: &mut Writer, parameters: &str) -> Result<(), ValueError> {
        w.open(
            "e:SubscribeResponse",
            &[EVENTING, ("xmlns:n", uri::ENUMERATION)],
        )?;
        super::manage::write_manager(w, &self.manager, parameters)?;
        if let Some(Expires::In(duration)) = self.expires {
            w.leaf("e:Expires", &[], &duration_text(duration))?;
        }
        if let Some(context) = &self.context {
            w.leaf("n:EnumerationContext", &[], context)?;
        }
        w.close("e:SubscribeResponse");
        Ok(())
    }
}
