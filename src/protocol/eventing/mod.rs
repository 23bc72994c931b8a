//! WS-Eventing: subscriptions whose events are pulled (DSP0226 10, MS-WSMV 3.1.4.6).

mod events;
mod expires;
mod log;
mod manage;
mod subscribe;
#[cfg(test)]
mod tests;

#[cfg(feature = "simulator")]
pub(crate) use events::Delivered;
pub(crate) use events::EventPage;
pub(crate) use expires::Expires;
pub use log::LogEvent;
pub(crate) use manage::{RenewBody, UnsubscribeBody};
#[cfg(feature = "simulator")]
pub(crate) use manage::{RenewResponse, SubscriptionEnd};
pub(crate) use subscribe::{DeliveryMode, SubscribeBody, Subscribed};

use crate::xml::uri;

/// The prefix that the bodies of this module declare.
const EVENTING: (&str, &str) = ("xmlns:e", uri::EVENTING);

/// The action of a heartbeat, an event without content (DSP0226 10.2.5).
const HEARTBEAT: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/Heartbeat";
