//! Subscribe, and what the server answers.

use std::time::Duration;

use super::EVENTING;
use super::expires::Expires;
use crate::cim::ValueError;
use crate::protocol::enumeration::{Filter, FilterContext, text};
use crate::protocol::epr::EndpointReference;
use crate::protocol::header::{duration_text, parse_duration};
use crate::protocol::{Body, DecodeError};
use crate::xml::{Element, Ns, Writer};
#[cfg(feature = "simulator")]
use crate::xml::{Reader, uri};

/// How events get to the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum DeliveryMode {
    /// The client asks for them.
    #[default]
    Pull,
    /// Any other, by its URI: the server connects to the client; read only.
    #[cfg(feature = "simulator")]
    Other(String),
}

/// The body of a Subscribe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SubscribeBody {
    pub(crate) mode: DeliveryMode,
    /// How often the server is to say that it is there, if there are no events.
    pub(crate) heartbeats: Option<Duration>,
    pub(crate) expires: Option<Duration>,
    pub(crate) filter: Option<Filter>,
    /// After which event to begin.
    pub(crate) bookmark: Option<String>,
    pub(crate) send_bookmarks: bool,
}

/// The body of a SubscribeResponse.
#[derive(Debug, Default)]
pub(crate) struct Subscribed {
    /// Where Renew and Unsubscribe go.
    pub(crate) manager: EndpointReference,
    /// What the events are pulled with; only a subscription in pull mode has one.
    pub(crate) context: Option<String>,
    /// When the subscription runs out; never, if the server does not say (WS-Eventing 3.1).
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
    /// Writes the body, its parts in the order in which OMI reads them.
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

    /// Reads the body, the reader being in it. A filter counts in either namespace.
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
                    subscribed.context = Some(text(body.reader)?).filter(|text| !text.is_empty());
                }
                (Ns::Eventing, "Expires") => {
                    subscribed.expires = Some(Expires::parse(&text(body.reader)?));
                }
                _ => body.reader.skip()?,
            }
        }
        Ok(subscribed)
    }

    /// Writes the body as it is read. OMI calls the parameters of the manager properties.
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
