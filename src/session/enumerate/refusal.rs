//! The faults of an enumeration.

use crate::error::Error;
use crate::protocol::{FaultDetail, FaultSubcode};

/// Returns whether the server does not support instances together with their paths.
pub(super) fn is_of_mode(error: &Error) -> bool {
    detail(error) == Some(&FaultDetail::EnumerationMode)
}

/// Returns whether the answer exceeded the envelope; `MinimumEnvelopeLimit` means that every answer
/// would.
pub(super) fn is_too_large(error: &Error) -> bool {
    subcode(error) == Some(&FaultSubcode::EncodingLimit)
        && detail(error) != Some(&FaultDetail::MinimumEnvelopeLimit)
}

pub(super) fn is_unsupported_feature(error: &Error) -> bool {
    subcode(error) == Some(&FaultSubcode::UnsupportedFeature)
}

/// Returns whether the context is unknown to the server. OMI answers with a not-found fault without a
/// detail.
pub(super) fn is_forgotten(error: &Error) -> bool {
    match subcode(error) {
        Some(FaultSubcode::InvalidEnumerationContext) => true,
        Some(FaultSubcode::DestinationUnreachable) => {
            error.cim_instance().is_none() && error.is_ambiguous()
        }
        _ => false,
    }
}

fn subcode(error: &Error) -> Option<&FaultSubcode> {
    error.fault()?.subcode.as_ref()
}

fn detail(error: &Error) -> Option<&FaultDetail> {
    error.fault()?.fault_detail.as_ref()
}
