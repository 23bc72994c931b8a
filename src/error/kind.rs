//! The variants of the error: one table of their names, kinds, HRESULTs and texts.

use super::{Details, Error};
use crate::cim::WbemStatus;

/// Defines what each variant has. The compiler rejects a variant that the table lacks.
macro_rules! kinds {
    ($($variant:ident, $kind:literal, $wbem:ident, $meaning:literal;)*) => {
        impl Error {
            /// The kinds of all variants, as [`Error::kind`] returns them.
            pub const KINDS: &[&str] = &[$($kind,)*];

            /// Returns the name of the variant, such as `NotFound`.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Error::$variant(_) => stringify!($variant),)*
                }
            }

            /// Returns the name of the variant in kebab case, such as `not-found`, for programs.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Error::$variant(_) => $kind,)*
                }
            }

            /// Returns the HRESULT of the variant, for a server that sent none.
            pub(super) fn usual_wbem(&self) -> WbemStatus {
                match self {
                    $(Error::$variant(_) => WbemStatus::$wbem,)*
                }
            }

            /// Returns what the variant means, in words.
            pub(super) fn meaning(&self) -> &'static str {
                match self {
                    $(Error::$variant(_) => $meaning,)*
                }
            }

            pub(super) fn details(&self) -> &Details {
                match self {
                    $(Error::$variant(failure) => &failure.0,)*
                }
            }

            pub(super) fn details_mut(&mut self) -> &mut Details {
                match self {
                    $(Error::$variant(failure) => &mut failure.0,)*
                }
            }
        }
    };
}

kinds! {
    AlreadyExists, "already-exists", ALREADY_EXISTS, "already exists";
    NotFound, "not-found", NOT_FOUND, "not found";
    AccessDenied, "access-denied", ACCESS_DENIED, "access denied";
    InvalidClass, "invalid-class", INVALID_CLASS, "invalid class";
    InvalidNamespace, "invalid-namespace", INVALID_NAMESPACE, "invalid namespace";
    InvalidParameter, "invalid-parameter", INVALID_PARAMETER, "invalid parameter";
    InvalidObject, "invalid-object", INVALID_OBJECT, "invalid object";
    IllegalNull, "illegal-null", ILLEGAL_NULL, "illegal NULL";
    TypeMismatch, "type-mismatch", TYPE_MISMATCH, "type mismatch";
    NotSupported, "not-supported", NOT_SUPPORTED, "not supported";
    OutOfMemory, "out-of-memory", OUT_OF_MEMORY, "the server is out of memory";
    ServerLimits, "server-limits", QUOTA_VIOLATION, "server limit exceeded";
    CollectLimit, "collect-limit", QUOTA_VIOLATION, "collect limit exceeded";
    ShuttingDown, "shutting-down", SHUTTING_DOWN, "the server is shutting down";
    CreatedElsewhere, "created-elsewhere", FAILED, "another instance was created";
    EventsMissed, "events-missed", FAILED, "events missed";
    Fault, "fault", FAILED, "server fault";
    Auth, "auth", ACCESS_DENIED, "login failed";
    Transport, "transport", TRANSPORT_FAILURE, "transport failure";
    Decode, "decode", TRANSPORT_FAILURE, "invalid answer";
    Timeout, "timeout", TRANSPORT_FAILURE, "timed out";
    Cancelled, "cancelled", CALL_CANCELLED, "cancelled";
    Value, "value", INVALID_PARAMETER, "invalid value";
    Config, "config", INVALID_PARAMETER, "invalid configuration";
}
