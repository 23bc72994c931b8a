//! What a fault says about an enumeration.

use crate::error::Error;

/// The server does not give paths together with instances.
pub(super) fn is_of_mode(error: &Error) -> bool {
    detail(error) == Some("EnumerationMode")
}

/// The answer did not fit the envelope; `MinimumEnvelopeLimit` says that no answer ever would.
pub(super) fn is_too_large(error: &Error) -> bool {
    subcode(error) == Some("EncodingLimit") && detail(error) != Some("MinimumEnvelopeLimit")
}

pub(super) fn is_unsupported_feature(error: &Error) -> bool {
    subcode(error) == Some("UnsupportedFeature")
}

/// OMI says of a context that it does not know only that there is no such thing, without a detail.
pub(super) fn is_forgotten(error: &Error) -> bool {
    match subcode(error) {
        Some("InvalidEnumerationContext") => true,
        Some("DestinationUnreachable") => error.cim_instance().is_none() && error.is_ambiguous(),
        _ => false,
    }
}

fn subcode(error: &Error) -> Option<&str> {
    error.fault()?.subcode.as_deref()
}

fn detail(error: &Error) -> Option<&str> {
    error.fault()?.fault_detail.as_deref()
}
