//! Failures of subscriptions, in each server's words.

use crate::protocol::FaultSubcode;
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{SoapFault, Spec, coded};

/// Why a subscription fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum EventFailure {
    /// The server would have to connect to the client (push delivery).
    DeliveryMode,
    /// A Subscribe without a filter.
    NoFilter,
    /// A bookmark of an unknown or discarded event.
    Bookmark,
    /// A Renew, which OMI does not support.
    NoRenew,
    /// A Renew or Unsubscribe of an unknown subscription.
    NoSubscription,
}

impl EventFailure {
    /// Returns the fault. No recording shows that of Windows, or the one for bookmarks.
    pub(in crate::simulator) fn fault(self, dialect: Dialect) -> SoapFault {
        match dialect {
            Dialect::Windows => self.of_windows(),
            Dialect::Omi => self.of_omi(),
            Dialect::Openwsman => self.of_openwsman(),
        }
    }

    fn of_windows(self) -> SoapFault {
        let (spec, subcode, code, text) = match self {
            EventFailure::DeliveryMode => (
                Spec::Eventing,
                FaultSubcode::DeliveryModeRequestedUnavailable,
                0x8033_801e,
                "the delivery mode is not available",
            ),
            EventFailure::NoFilter => (
                Spec::Eventing,
                FaultSubcode::FilteringRequestedUnavailable,
                0x8033_804f,
                "a filter is required",
            ),
            EventFailure::Bookmark => (
                Spec::Wsman,
                FaultSubcode::InvalidBookmark,
                0x8033_8038,
                "the bookmark is not valid",
            ),
            EventFailure::NoRenew | EventFailure::NoSubscription => (
                Spec::Eventing,
                FaultSubcode::UnableToRenew,
                0x8033_8024,
                "there is no such subscription",
            ),
        };
        coded(spec, subcode, code, text)
    }

    /// Returns OMI's fault. OMI answers an unsupported delivery mode or a missing filter with an
    /// empty body, which is handled elsewhere.
    fn of_omi(self) -> SoapFault {
        let (subcode, reason) = match self {
            EventFailure::NoRenew => (
                FaultSubcode::ActionNotSupported,
                "Unsupported action requested.",
            ),
            _ => (
                FaultSubcode::DestinationUnreachable,
                "Enumeration context not found",
            ),
        };
        SoapFault::new(500, "Sender", Some((Spec::Addressing, subcode)), reason)
    }

    fn of_openwsman(self) -> SoapFault {
        let (spec, subcode, reason) = match self {
            EventFailure::DeliveryMode => (
                Spec::Eventing,
                FaultSubcode::DeliveryModeRequestedUnavailable,
                "The requested delivery mode is not supported",
            ),
            EventFailure::NoFilter => (
                Spec::Eventing,
                FaultSubcode::FilteringNotSupported,
                "Filtering over the event source is not supported",
            ),
            EventFailure::Bookmark => {
                let reason = "The bookmark is not valid.";
                (Spec::Wsman, FaultSubcode::InvalidBookmark, reason)
            }
            EventFailure::NoRenew | EventFailure::NoSubscription => (
                Spec::Addressing,
                FaultSubcode::DestinationUnreachable,
                "The requested object could not be found",
            ),
        };
        SoapFault::new(400, "Sender", Some((spec, subcode)), reason)
    }
}
