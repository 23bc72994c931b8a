//! Status codes of CIM operations and of WMI.

use std::fmt;

/// Defines [`CimStatus`] and its conversions from one table.
macro_rules! cim_status {
    ($($(#[$doc:meta])* $variant:ident = $code:literal $name:literal,)*) => {
        /// The status of a CIM operation (DSP0200 5.2.7), by the numbers that `MI_Result` shares.
        ///
        /// Unlisted codes are kept in [`CimStatus::Other`].
        ///
        /// ```
        /// use wsman::cim::CimStatus;
        ///
        /// assert_eq!(CimStatus::from_code(6), CimStatus::NotFound);
        /// assert_eq!(CimStatus::NotFound.to_string(), "NOT_FOUND (6)");
        /// assert_eq!(CimStatus::from_code(77), CimStatus::Other(77));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CimStatus {
            $($(#[$doc])* $variant,)*
            /// Any other code, including 0, which is success.
            Other(u32),
        }

        impl CimStatus {
            /// Returns the status with this code.
            pub const fn from_code(code: u32) -> Self {
                match code {
                    $($code => CimStatus::$variant,)*
                    other => CimStatus::Other(other),
                }
            }

            /// Returns the number on the wire.
            pub const fn code(self) -> u32 {
                match self {
                    $(CimStatus::$variant => $code,)*
                    CimStatus::Other(code) => code,
                }
            }

            /// Returns the name without its prefix `CIM_ERR_`; `OK` for 0 and `OTHER` for an unlisted
            /// code.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CimStatus::$variant => $name,)*
                    CimStatus::Other(0) => "OK",
                    CimStatus::Other(_) => "OTHER",
                }
            }
        }
    };
}

cim_status! {
    /// A general error.
    Failed = 1 "FAILED",
    /// The user lacks permission.
    AccessDenied = 2 "ACCESS_DENIED",
    /// The namespace does not exist.
    InvalidNamespace = 3 "INVALID_NAMESPACE",
    /// A parameter is missing, repeated, unknown or invalid.
    InvalidParameter = 4 "INVALID_PARAMETER",
    /// The class does not exist.
    InvalidClass = 5 "INVALID_CLASS",
    /// The object does not exist.
    NotFound = 6 "NOT_FOUND",
    /// The server, or the class, does not support the operation.
    NotSupported = 7 "NOT_SUPPORTED",
    /// The class still has subclasses.
    ClassHasChildren = 8 "CLASS_HAS_CHILDREN",
    /// The class still has instances.
    ClassHasInstances = 9 "CLASS_HAS_INSTANCES",
    /// The superclass does not exist.
    InvalidSuperclass = 10 "INVALID_SUPERCLASS",
    /// The object already exists.
    AlreadyExists = 11 "ALREADY_EXISTS",
    /// The class has no such property.
    NoSuchProperty = 12 "NO_SUCH_PROPERTY",
    /// The value is not of the property's type.
    TypeMismatch = 13 "TYPE_MISMATCH",
    /// The server does not know the query language.
    QueryLanguageNotSupported = 14 "QUERY_LANGUAGE_NOT_SUPPORTED",
    /// The query is invalid in its language.
    InvalidQuery = 15 "INVALID_QUERY",
    /// The method cannot be invoked on this object.
    MethodNotAvailable = 16 "METHOD_NOT_AVAILABLE",
    /// The class has no such method.
    MethodNotFound = 17 "METHOD_NOT_FOUND",
    /// The response was not the expected one.
    UnexpectedResponse = 18 "UNEXPECTED_RESPONSE",
    /// The destination of the response is invalid.
    InvalidResponseDestination = 19 "INVALID_RESPONSE_DESTINATION",
    /// The namespace is not empty.
    NamespaceNotEmpty = 20 "NAMESPACE_NOT_EMPTY",
    /// The enumeration context is unknown or has expired.
    InvalidEnumerationContext = 21 "INVALID_ENUMERATION_CONTEXT",
    /// The server does not support this operation timeout.
    InvalidOperationTimeout = 22 "INVALID_OPERATION_TIMEOUT",
    /// The enumeration was closed while a pull was in progress.
    PullHasBeenAbandoned = 23 "PULL_HAS_BEEN_ABANDONED",
    /// The pull in progress cannot be cancelled.
    PullCannotBeAbandoned = 24 "PULL_CANNOT_BE_ABANDONED",
    /// The server does not filter enumerations.
    FilteredEnumerationNotSupported = 25 "FILTERED_ENUMERATION_NOT_SUPPORTED",
    /// The server cannot continue an enumeration after an error.
    ContinuationOnErrorNotSupported = 26 "CONTINUATION_ON_ERROR_NOT_SUPPORTED",
    /// A limit of the server is exceeded.
    ServerLimitsExceeded = 27 "SERVER_LIMITS_EXCEEDED",
    /// The server is shutting down.
    ServerIsShuttingDown = 28 "SERVER_IS_SHUTTING_DOWN",
    /// The server does not support a feature that the query uses.
    QueryFeatureNotSupported = 29 "QUERY_FEATURE_NOT_SUPPORTED",
}

impl fmt::Display for CimStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.code())
    }
}

/// An `HRESULT` of WMI (MS-WMI 2.2.11), or of COM where WMI passes it on.
///
/// The named codes are constants without their prefix `WBEM_E_`; any other number is kept unchanged.
///
/// ```
/// use wsman::cim::{CimStatus, WbemStatus};
///
/// assert_eq!(WbemStatus(0x80041002), WbemStatus::NOT_FOUND);
/// assert_eq!(WbemStatus::NOT_FOUND.to_string(), "WBEM_E_NOT_FOUND (0x80041002)");
/// assert_eq!(WbemStatus::NOT_FOUND.cim_status(), CimStatus::NotFound);
/// assert_eq!(WbemStatus(0x803381a6).to_string(), "0x803381A6");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WbemStatus(pub u32);

/// Defines the constants of [`WbemStatus`] and their names from one table.
macro_rules! wbem_status {
    ($($prefix:literal { $($(#[$doc:meta])* $name:ident = $code:literal,)* })*) => {
        impl WbemStatus {
            $($($(#[$doc])* pub const $name: Self = Self($code);)*)*

            /// Every constant with its name.
            const NAMES: &[(Self, &'static str)] =
                &[$($((Self::$name, concat!($prefix, stringify!($name))),)*)*];
        }
    };
}

wbem_status! {
    "WBEM_E_" {
        /// A general error.
        FAILED = 0x8004_1001,
        /// The object does not exist.
        NOT_FOUND = 0x8004_1002,
        /// The user lacks permission.
        ACCESS_DENIED = 0x8004_1003,
        /// The provider failed.
        PROVIDER_FAILURE = 0x8004_1004,
        /// A value is not of the expected type.
        TYPE_MISMATCH = 0x8004_1005,
        /// The server is out of memory.
        OUT_OF_MEMORY = 0x8004_1006,
        /// The context of the operation is invalid.
        INVALID_CONTEXT = 0x8004_1007,
        /// A parameter is invalid.
        INVALID_PARAMETER = 0x8004_1008,
        /// The resource is not available.
        NOT_AVAILABLE = 0x8004_1009,
        /// WMI cannot recover from the error.
        CRITICAL_ERROR = 0x8004_100A,
        /// The operation is not supported.
        NOT_SUPPORTED = 0x8004_100C,
        /// The superclass does not exist.
        INVALID_SUPERCLASS = 0x8004_100D,
        /// The namespace does not exist.
        INVALID_NAMESPACE = 0x8004_100E,
        /// The instance cannot be stored.
        INVALID_OBJECT = 0x8004_100F,
        /// The class does not exist.
        INVALID_CLASS = 0x8004_1010,
        /// The provider is not registered.
        PROVIDER_NOT_FOUND = 0x8004_1011,
        /// The provider could not be loaded.
        PROVIDER_LOAD_FAILURE = 0x8004_1013,
        /// A component failed to start.
        INITIALIZATION_FAILURE = 0x8004_1014,
        /// The network failed.
        TRANSPORT_FAILURE = 0x8004_1015,
        /// The operation is invalid.
        INVALID_OPERATION = 0x8004_1016,
        /// The query is invalid in its language.
        INVALID_QUERY = 0x8004_1017,
        /// WMI does not support the query language.
        INVALID_QUERY_TYPE = 0x8004_1018,
        /// The object already exists.
        ALREADY_EXISTS = 0x8004_1019,
        /// The qualifier may not be overridden.
        OVERRIDE_NOT_ALLOWED = 0x8004_101A,
        /// The qualifier belongs to a superclass.
        PROPAGATED_QUALIFIER = 0x8004_101B,
        /// The property belongs to a superclass.
        PROPAGATED_PROPERTY = 0x8004_101C,
        /// The call came at an unexpected time.
        UNEXPECTED = 0x8004_101D,
        /// The operation is not allowed here.
        ILLEGAL_OPERATION = 0x8004_101E,
        /// The property cannot be a key.
        CANNOT_BE_KEY = 0x8004_101F,
        /// The class is incomplete.
        INCOMPLETE_CLASS = 0x8004_1020,
        /// The text has a syntax error.
        INVALID_SYNTAX = 0x8004_1021,
        /// The object has no namespace or class.
        NONDECORATED_OBJECT = 0x8004_1022,
        /// The property is read-only.
        READ_ONLY = 0x8004_1023,
        /// The provider does not support this.
        PROVIDER_NOT_CAPABLE = 0x8004_1024,
        /// The class still has subclasses.
        CLASS_HAS_CHILDREN = 0x8004_1025,
        /// The class still has instances.
        CLASS_HAS_INSTANCES = 0x8004_1026,
        /// The query uses an unimplemented feature.
        QUERY_NOT_IMPLEMENTED = 0x8004_1027,
        /// A property that must have a value is NULL.
        ILLEGAL_NULL = 0x8004_1028,
        /// The value is out of the range of its type.
        VALUE_OUT_OF_RANGE = 0x8004_102B,
        /// The class has no such method.
        INVALID_METHOD = 0x8004_102E,
        /// The arguments do not match the method.
        INVALID_METHOD_PARAMETERS = 0x8004_102F,
        /// The class has no such property.
        INVALID_PROPERTY = 0x8004_1031,
        /// The operation was cancelled.
        CALL_CANCELLED = 0x8004_1032,
        /// The server is shutting down.
        SHUTTING_DOWN = 0x8004_1033,
        /// The provider cannot update single properties.
        UNSUPPORTED_PUT_EXTENSION = 0x8004_103D,
        /// The provider does not implement the method.
        METHOD_NOT_IMPLEMENTED = 0x8004_1055,
        /// The object has localized qualifiers, and the flag that allows them was not given.
        AMENDED_OBJECT = 0x8004_1066,
        /// The operation timed out.
        TIMED_OUT = 0x8004_1069,
        /// A limit of the server is exceeded.
        QUOTA_VIOLATION = 0x8004_106C,
        /// A provider vetoed the update.
        VETO_PUT = 0x8004_107A,
    }
    "" {
        /// COM: the user lacks permission.
        E_ACCESSDENIED = 0x8007_0005,
        /// COM: the server is out of memory.
        E_OUTOFMEMORY = 0x8007_000E,
        /// COM: an argument is invalid.
        E_INVALIDARG = 0x8007_0057,
    }
}

/// The one success code that stands for a failure: the wait ended before the operation did.
const WBEM_S_TIMEDOUT: u32 = 0x0004_0004;

/// The bit of an `HRESULT` that marks a failure.
const FAILURE: u32 = 0x8000_0000;

impl WbemStatus {
    /// Returns the name in the Windows headers, such as `WBEM_E_NOT_FOUND`, if it is one of the
    /// constants.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES
            .iter()
            .find(|(status, _)| *status == self)
            .map(|(_, name)| *name)
    }

    /// Returns the status of the CIM operation, as Windows itself translates the code.
    ///
    /// A failure without a counterpart is [`CimStatus::Failed`]; a success is code 0.
    pub const fn cim_status(self) -> CimStatus {
        match self {
            Self::ACCESS_DENIED | Self::E_ACCESSDENIED => CimStatus::AccessDenied,
            Self::INVALID_NAMESPACE => CimStatus::InvalidNamespace,
            Self::INVALID_PARAMETER | Self::E_INVALIDARG => CimStatus::InvalidParameter,
            Self::INVALID_CLASS => CimStatus::InvalidClass,
            Self::NOT_FOUND => CimStatus::NotFound,
            Self::NOT_SUPPORTED => CimStatus::NotSupported,
            Self::CLASS_HAS_CHILDREN => CimStatus::ClassHasChildren,
            Self::CLASS_HAS_INSTANCES => CimStatus::ClassHasInstances,
            Self::INVALID_SUPERCLASS => CimStatus::InvalidSuperclass,
            Self::ALREADY_EXISTS => CimStatus::AlreadyExists,
            Self::INVALID_PROPERTY => CimStatus::NoSuchProperty,
            Self::TYPE_MISMATCH => CimStatus::TypeMismatch,
            Self::INVALID_QUERY_TYPE => CimStatus::QueryLanguageNotSupported,
            Self::INVALID_QUERY => CimStatus::InvalidQuery,
            Self::METHOD_NOT_IMPLEMENTED => CimStatus::MethodNotAvailable,
            Self::INVALID_METHOD => CimStatus::MethodNotFound,
            Self::INVALID_CONTEXT => CimStatus::InvalidEnumerationContext,
            Self::QUERY_NOT_IMPLEMENTED => CimStatus::FilteredEnumerationNotSupported,
            Self::OUT_OF_MEMORY | Self::E_OUTOFMEMORY => CimStatus::ServerLimitsExceeded,
            Self::SHUTTING_DOWN => CimStatus::ServerIsShuttingDown,
            Self(WBEM_S_TIMEDOUT) => CimStatus::Failed,
            Self(code) if code & FAILURE == 0 => CimStatus::Other(0),
            Self(_) => CimStatus::Failed,
        }
    }
}

impl fmt::Display for WbemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for WbemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_round_trips() {
        for code in 0..=40 {
            let status = CimStatus::from_code(code);
            assert_eq!(status.code(), code);
            assert_eq!(
                matches!(status, CimStatus::Other(_)),
                !(1..=29).contains(&code),
                "{status}"
            );
        }
        assert_eq!(CimStatus::from_code(28), CimStatus::ServerIsShuttingDown);
        assert_eq!(CimStatus::Other(0).to_string(), "OK (0)");
        assert_eq!(CimStatus::Other(77).to_string(), "OTHER (77)");
    }

    #[test]
    fn an_hresult_has_one_name() {
        for (status, name) in WbemStatus::NAMES {
            assert_eq!(status.name(), Some(*name));
            assert!(status.0 & FAILURE != 0, "{name}");
        }
        assert_eq!(WbemStatus::E_ACCESSDENIED.name(), Some("E_ACCESSDENIED"));
        assert_eq!(
            format!("{:?}", WbemStatus::VETO_PUT),
            "WBEM_E_VETO_PUT (0x8004107A)"
        );
        assert_eq!(WbemStatus(5).to_string(), "0x00000005");
    }

    #[test]
    fn an_hresult_is_translated_as_windows_does() {
        for (status, code) in [
            (WbemStatus::FAILED, 1),
            (WbemStatus::E_ACCESSDENIED, 2),
            (WbemStatus::INVALID_OBJECT, 1),
            (WbemStatus::ILLEGAL_NULL, 1),
            (WbemStatus::INVALID_PROPERTY, 12),
            (WbemStatus::METHOD_NOT_IMPLEMENTED, 16),
            (WbemStatus::OUT_OF_MEMORY, 27),
            (WbemStatus::QUOTA_VIOLATION, 1),
            (WbemStatus(0x8000_FFFF), 1),
            (WbemStatus(WBEM_S_TIMEDOUT), 1),
            (WbemStatus(0), 0),
            (WbemStatus(1), 0),
        ] {
            assert_eq!(status.cim_status().code(), code, "{status}");
        }
    }
}
