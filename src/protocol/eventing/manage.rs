//! The requests to a subscription manager, and the end of a subscription.

use std::time::Duration;

use super::EVENTING;
use super::expires::Expires;
use crate::cim::ValueError;
#[cfg(feature = "simulator")]
use crate::protocol::ResourceUriPrefix;
use crate::protocol::enumeration::text;
#[cfg(feature = "simulator")]
use crate::protocol::epr::EndpointReference;
use crate::protocol::header::duration_text;
#[cfg(feature = "simulator")]
use crate::protocol::header::parse_duration;
use crate::protocol::{Body, DecodeError};
#[cfg(feature = "simulator")]
use crate::xml::Reader;
use crate::xml::{Element, Ns, Writer};

/// The body of a Renew.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RenewBody {
    pub(crate) expires: Option<Duration>,
}

/// The body of an Unsubscribe, which is empty: the header names the subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnsubscribeBody;

/// The server's message that it has ended a subscription.
#[cfg(feature = "simulator")]
#[derive(Clone, Debug, Default)]
pub(crate) struct SubscriptionEnd {
    pub(crate) manager: EndpointReference,
    /// The reason, as a URI such as `…/eventing/SourceShuttingDown`.
    pub(crate) status: String,
}

impl RenewBody {
    /// Writes the body.
    pub(crate) fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("e:Renew", &[EVENTING])?;
        if let Some(expires) = self.expires {
            w.leaf("e:Expires", &[], &duration_text(expires))?;
        }
        w.close("e:Renew");
        Ok(())
    }

    /// Reads the body; the reader is in it.
    #[cfg(feature = "simulator")]
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut body = Self::default();
        while let Some(element) = reader.child()? {
            if reader.is(&element, Ns::Eventing, "Expires") {
                body.expires = parse_duration(&text(reader)?)
            } else {
                reader.skip()?
            }
        }
        Ok(body)
    }

    /// Reads the new expiration from a RenewResponse.
    pub(crate) fn read_response(
        body: &mut Body<'_, '_>,
        first: Option<&Element<'_>>,
    ) -> Result<Option<Expires>, DecodeError> {
        match first {
            Some(element) if body.reader.is(element, Ns::Eventing, "RenewResponse") => {}
            Some(element) => return Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => return Ok(None),
        }
        let mut expires = None;
        while let Some(element) = body.reader.child()? {
            if body.reader.is(&element, Ns::Eventing, "Expires") {
                expires = Some(Expires::parse(&text(body.reader)?))
            } else {
                body.reader.skip()?
            }
        }
        Ok(expires)
    }
}

/// The body of a RenewResponse.
#[cfg(feature = "simulator")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenewResponse {
    pub(crate) expires: Duration,
}

#[cfg(feature = "simulator")]
impl RenewResponse {
    pub(crate) fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("e:RenewResponse", &[EVENTING])?;
        w.leaf("e:Expires", &[], &duration_text(self.expires))?;
        w.close("e:RenewResponse");
        Ok(())
    }
}

impl UnsubscribeBody {
    /// Writes the body.
    pub(crate) fn write(self, w: &mut Writer) -> Result<(), ValueError> {
        Ok(w.empty("e:Unsubscribe", &[EVENTING])?)
    }
}

#[cfg(feature = "simulator")]
impl SubscriptionEnd {
    /// Writes the body.
    pub(crate) fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("e:SubscriptionEnd", &[EVENTING])?;
        write_manager(w, &self.manager, "a:ReferenceParameters")?;
        w.leaf("e:Status", &[], &self.status)?;
        w.close("e:SubscriptionEnd");
        Ok(())
    }
}

/// Writes the reference to the manager of a subscription.
#[cfg(feature = "simulator")]
pub(super) fn write_manager(
    w: &mut Writer,
    manager: &EndpointReference,
    parameters: &str,
) -> Result<(), ValueError> {
    w.open("e:SubscriptionManager", &[])?;
    if let Some(address) = &manager.address {
        w.leaf("a:Address", &[], address)?;
    }
    w.open(parameters, &[])?;
    if let Some(uri) = &manager.resource_uri {
        w.leaf("w:ResourceURI", &[], uri)?;
    }
    manager
        .selectors
        .write(w, &ResourceUriPrefix::default(), None)?;
    if let Some(identifier) = &manager.identifier {
        w.leaf("e:Identifier", &[], identifier)?;
    }
    w.close(parameters);
    w.close("e:SubscriptionManager");
    Ok(())
}
