//! Makes an error from a fault: by tables of codes, never by the text of the reason.

use super::{Error, Failure};
use crate::cim::{CimStatus, WbemStatus};
use crate::protocol::{Fault, FaultCode, FaultDetail, FaultSubcode};
use crate::transport::Delivery;

type Make = fn(Failure) -> Error;

/// HRESULTs of WMI, the most specific evidence. `WBEM_E_FAILED` is absent, because it is as general as
/// status 1.
const WBEM: &[(WbemStatus, Make)] = &[
    (WbemStatus::ACCESS_DENIED, Error::AccessDenied),
    (WbemStatus::E_ACCESSDENIED, Error::AccessDenied),
    (WbemStatus::ALREADY_EXISTS, Error::AlreadyExists),
    (WbemStatus::E_INVALIDARG, Error::InvalidParameter),
    (WbemStatus::E_OUTOFMEMORY, Error::OutOfMemory),
    (WbemStatus::ILLEGAL_NULL, Error::IllegalNull),
    (WbemStatus::INVALID_CLASS, Error::InvalidClass),
    (WbemStatus::INVALID_CONTEXT, Error::InvalidParameter),
    (WbemStatus::INVALID_METHOD, Error::NotSupported),
    (
        WbemStatus::INVALID_METHOD_PARAMETERS,
        Error::InvalidParameter,
    ),
    (WbemStatus::INVALID_NAMESPACE, Error::InvalidNamespace),
    (WbemStatus::INVALID_OBJECT, Error::InvalidObject),
    (WbemStatus::INVALID_PARAMETER, Error::InvalidParameter),
    (WbemStatus::INVALID_PROPERTY, Error::InvalidParameter),
    (WbemStatus::INVALID_QUERY, Error::InvalidParameter),
    (WbemStatus::INVALID_QUERY_TYPE, Error::NotSupported),
    (WbemStatus::METHOD_NOT_IMPLEMENTED, Error::NotSupported),
    (WbemStatus::NOT_FOUND, Error::NotFound),
    (WbemStatus::NOT_SUPPORTED, Error::NotSupported),
    (WbemStatus::OUT_OF_MEMORY, Error::OutOfMemory),
    (WbemStatus::PROVIDER_NOT_CAPABLE, Error::NotSupported),
    (WbemStatus::QUERY_NOT_IMPLEMENTED, Error::NotSupported),
    (WbemStatus::QUOTA_VIOLATION, Error::ServerLimits),
    (WbemStatus::SHUTTING_DOWN, Error::ShuttingDown),
    (WbemStatus::TRANSPORT_FAILURE, Error::Transport),
    (WbemStatus::TYPE_MISMATCH, Error::TypeMismatch),
    (WbemStatus::UNSUPPORTED_PUT_EXTENSION, Error::NotSupported),
];

/// Win32 codes of a server that is out of memory (`ERROR_NOT_ENOUGH_MEMORY`, `ERROR_OUTOFMEMORY`). They
/// are as specific as an HRESULT: the CIM status that comes with them stands for any limit.
const WIN32_OUT_OF_MEMORY: [u32; 4] = [8, 14, 0x8007_0008, 0x8007_000E];

/// Statuses of the CIM operation, other than 1.
const CIM: &[(CimStatus, Make)] = &[
    (CimStatus::AccessDenied, Error::AccessDenied),
    (CimStatus::InvalidNamespace, Error::InvalidNamespace),
    (CimStatus::InvalidParameter, Error::InvalidParameter),
    (CimStatus::InvalidClass, Error::InvalidClass),
    (CimStatus::NotFound, Error::NotFound),
    (CimStatus::NotSupported, Error::NotSupported),
    (CimStatus::AlreadyExists, Error::AlreadyExists),
    (CimStatus::NoSuchProperty, Error::InvalidParameter),
    (CimStatus::TypeMismatch, Error::TypeMismatch),
    (CimStatus::QueryLanguageNotSupported, Error::NotSupported),
    (CimStatus::InvalidQuery, Error::InvalidParameter),
    (CimStatus::MethodNotAvailable, Error::NotSupported),
    (CimStatus::MethodNotFound, Error::NotSupported),
    (CimStatus::ServerLimitsExceeded, Error::ServerLimits),
    (CimStatus::ServerIsShuttingDown, Error::ShuttingDown),
];

/// The HRESULTs of statuses that are more specific than their variant.
const WBEM_OF_CIM: &[(CimStatus, WbemStatus)] = &[
    (CimStatus::NoSuchProperty, WbemStatus::INVALID_PROPERTY),
    (
        CimStatus::QueryLanguageNotSupported,
        WbemStatus::INVALID_QUERY_TYPE,
    ),
    (CimStatus::InvalidQuery, WbemStatus::INVALID_QUERY),
    (CimStatus::MethodNotFound, WbemStatus::INVALID_METHOD),
];

/// Codes of WSManFault: `ERROR_WSMAN_*` and Win32.
const WSMAN: &[(u32, Make)] = &[
    (5, Error::AccessDenied),
    (87, Error::InvalidParameter),
    (0x8033_8000, Error::NotFound),         // RESOURCE_NOT_FOUND
    (0x8033_8012, Error::Transport),        // DESTINATION_UNREACHABLE: cannot connect
    (0x8033_8014, Error::ShuttingDown),     // ENDPOINT_UNAVAILABLE
    (0x8033_8015, Error::InvalidObject),    // INVALID_REPRESENTATION
    (0x8033_801A, Error::InvalidParameter), // CANNOT_PROCESS_FILTER
    (0x8033_801E, Error::NotSupported),     // EVENTING_DELIVERY_MODE_REQUESTED_UNAVAILABLE
    (0x8033_801F, Error::InvalidParameter), // EVENTING_INVALID_EXPIRATION_TIME
    (0x8033_8020, Error::InvalidParameter), // EVENTING_UNSUPPORTED_EXPIRATION_TYPE
    (0x8033_8021, Error::NotSupported),     // EVENTING_FILTERING_NOT_SUPPORTED
    (0x8033_8022, Error::InvalidParameter), // EVENTING_FILTERING_REQUESTED_UNAVAILABLE
    (0x8033_8029, Error::Timeout),          // OPERATION_TIMEDOUT
    (0x8033_8033, Error::AlreadyExists),    // ALREADY_EXISTS
    (0x8033_8038, Error::InvalidParameter), // INVALID_BOOKMARK
    (0x8033_803A, Error::InvalidParameter), // INVALID_PARAMETER
    (0x8033_803B, Error::InvalidClass),     // INVALID_RESOURCE_URI
    (0x8033_803D, Error::InvalidParameter), // INVALID_SELECTORS
    (0x8033_803F, Error::ServerLimits),     // QUOTA_LIMIT
    (0x8033_8041, Error::TypeMismatch),     // SCHEMA_VALIDATION_ERROR
    (0x8033_804F, Error::InvalidParameter), // FILTERING_REQUIRED
    (0x8033_8050, Error::InvalidParameter), // BOOKMARK_EXPIRED
    (0x8033_8054, Error::TypeMismatch),     // PARAMETER_TYPE_MISMATCH
    (0x8033_8055, Error::InvalidParameter), // INVALID_PARAMETER_NAME
    (0x8033_8056, Error::IllegalNull),      // INVALID_XML_VALUES
    (0x8033_8057, Error::IllegalNull),      // INVALID_XML_MISSING_VALUES
    (0x8033_805A, Error::InvalidParameter), // INSUFFICIENT_SELECTORS
    (0x8033_805B, Error::InvalidParameter), // UNEXPECTED_SELECTORS
    (0x8033_805C, Error::InvalidParameter), // SELECTOR_TYPEMISMATCH
    (0x8033_8063, Error::AlreadyExists),    // TARGET_ALREADY_EXISTS
    (0x8033_806A, Error::NotSupported),     // HEARTBEATS_NOT_SUPPORTED
    (0x8033_806B, Error::NotSupported),     // BOOKMARKS_NOT_SUPPORTED
    (0x8033_80ED, Error::InvalidParameter), // CANNOT_CHANGE_KEYS
    (0x8033_80FA, Error::InvalidParameter), // INVALID_URI_WMI_SINGLETON: the keys are missing
    (0x8033_8102, Error::NotSupported),     // WMI_PROVIDER_NOT_CAPABLE
    (0x8033_8103, Error::InvalidParameter), // WMI_INVALID_VALUE
    (0x8033_8104, Error::AccessDenied),     // WMI_SVC_ACCESS_DENIED
    (0x8033_8105, Error::AccessDenied),     // WMI_PROVIDER_ACCESS_DENIED
    (0x8033_8106, Error::AccessDenied),     // WMI_CANNOT_CONNECT_ACCESS_DENIED
    (0x8033_811E, Error::InvalidParameter), // WMI_PROVIDER_INVALID_PARAMETER
    (0x8033_8126, Error::Transport),        // NETWORK_TIMEDOUT
    (0x8033_8139, Error::InvalidClass),     // URI_NON_DMTF_CLASS
    (0x8033_813A, Error::InvalidClass),     // URI_WRONG_DMTF_VERSION
    (0x8033_813B, Error::InvalidNamespace), // DIFFERENT_CIM_SELECTOR
    (0x8033_81A5, Error::ServerLimits),     // QUOTA_MAX_SHELLS
    (0x8033_81A6, Error::ServerLimits),     // QUOTA_MAX_OPERATIONS
    (0x8033_81A7, Error::ServerLimits),     // QUOTA_USER
];

/// The HRESULTs of codes that are more specific than their variant.
const WBEM_OF_WSMAN: &[(u32, WbemStatus)] = &[
    (0x8033_801A, WbemStatus::INVALID_QUERY),
    (0x8033_8102, WbemStatus::PROVIDER_NOT_CAPABLE),
];

/// Subcodes, each with the FaultDetail that it requires; the first matching row decides.
const SUBCODES: &[(FaultSubcode, Option<FaultDetail>, Make)] = &[
    (FaultSubcode::AccessDenied, None, Error::AccessDenied),
    (FaultSubcode::ActionNotSupported, None, Error::NotSupported),
    (FaultSubcode::AlreadyExists, None, Error::AlreadyExists),
    (
        FaultSubcode::CannotProcessFilter,
        None,
        Error::InvalidParameter,
    ),
    (FaultSubcode::Concurrency, None, Error::ServerLimits),
    (
        FaultSubcode::DeliveryModeRequestedUnavailable,
        None,
        Error::NotSupported,
    ),
    (
        FaultSubcode::DestinationUnreachable,
        Some(FaultDetail::InvalidResourceUri),
        Error::InvalidClass,
    ),
    (
        FaultSubcode::DestinationUnreachable,
        Some(FaultDetail::ResourceNotFound),
        Error::InvalidClass,
    ), // MS-WSMV 4.10
    (FaultSubcode::DestinationUnreachable, None, Error::NotFound),
    (FaultSubcode::EncodingLimit, None, Error::ServerLimits),
    // openwsman sends this for a Create in a missing class or namespace, and for any operation while its
    // CIM server is down.
    (
        FaultSubcode::EndpointUnavailable,
        Some(FaultDetail::Unknown),
        Error::InvalidClass,
    ),
    (
        FaultSubcode::EndpointUnavailable,
        Some(FaultDetail::InvalidResourceUri),
        Error::InvalidClass,
    ),
    (FaultSubcode::EndpointUnavailable, None, Error::ShuttingDown),
    (
        FaultSubcode::FilterDialectRequestedUnavailable,
        None,
        Error::NotSupported,
    ),
    (
        FaultSubcode::FilteringNotSupported,
        None,
        Error::NotSupported,
    ),
    (
        FaultSubcode::FilteringRequestedUnavailable,
        None,
        Error::InvalidParameter,
    ),
    (
        FaultSubcode::FragmentDialectNotSupported,
        None,
        Error::NotSupported,
    ),
    (FaultSubcode::InvalidBookmark, None, Error::InvalidParameter),
    (FaultSubcode::InvalidOptions, None, Error::InvalidParameter),
    (
        FaultSubcode::InvalidParameter,
        Some(FaultDetail::TypeMismatch),
        Error::TypeMismatch,
    ),
    (
        FaultSubcode::InvalidParameter,
        None,
        Error::InvalidParameter,
    ),
    (
        FaultSubcode::InvalidRepresentation,
        Some(FaultDetail::InvalidValues),
        Error::IllegalNull,
    ),
    (
        FaultSubcode::InvalidRepresentation,
        Some(FaultDetail::MissingValues),
        Error::IllegalNull,
    ),
    (
        FaultSubcode::InvalidRepresentation,
        None,
        Error::InvalidObject,
    ),
    (
        FaultSubcode::InvalidSelectors,
        None,
        Error::InvalidParameter,
    ),
    (FaultSubcode::QuotaLimit, None, Error::ServerLimits),
    (
        FaultSubcode::SchemaValidationError,
        None,
        Error::TypeMismatch,
    ),
    (FaultSubcode::TimedOut, None, Error::Timeout),
    (
        FaultSubcode::UnsupportedExpirationType,
        None,
        Error::InvalidParameter,
    ),
    (FaultSubcode::UnsupportedFeature, None, Error::NotSupported),
];

/// `ERROR_WSMAN_RESOURCE_NOT_FOUND`: Windows also sends it for a missing class.
const RESOURCE_NOT_FOUND: u32 = 0x8033_8000;

/// `ERROR_WSMAN_UNREPORTABLE_SUCCESS`
const UNREPORTABLE_SUCCESS: u32 = 0x8033_804D;

/// Makes the error of a fault; `is_write` says whether the message was a write.
pub(crate) fn from_fault(fault: Box<Fault>, http_status: u16, is_write: bool) -> Error {
    let verdict = judge(&fault);
    let failure = Failure::new(fault.message())
        .delivery(Delivery::Answered)
        .http_status(http_status)
        .wbem(verdict.wbem)
        .ambiguous(verdict.ambiguous)
        .fault(fault);
    match (verdict.make)(failure) {
        // The server stopped waiting for its provider, which may still finish (DSP0226 14.6).
        Error::Timeout(failure) if is_write => Error::Timeout(failure.delivery(Delivery::Unknown)),
        error => error,
    }
}

impl From<Box<Fault>> for Error {
    /// Returns the error that a session returns if the server answers a write with this fault and HTTP
    /// status 500. Use it for a saved fault, or one from [`Message::read`](crate::protocol::Message::read).
    ///
    /// ```
    /// use wsman::protocol::Fault;
    /// use wsman::Error;
    /// let mut fault = Fault::default();
    /// fault.subcode = Some("AlreadyExists".into());
    /// let error = Error::from(Box::new(fault));
    /// assert!(matches!(error, Error::AlreadyExists(_)));
    /// assert_eq!(error.wbem(), wsman::cim::WbemStatus::ALREADY_EXISTS);
    /// ```
    fn from(fault: Box<Fault>) -> Self {
        from_fault(fault, 500, true)
    }
}

/// Returns whether the fault reports a success whose answer is too large to send
/// (DSP0226 7.5, R7.5-10).
pub(crate) fn is_unreportable_success(fault: &Fault) -> bool {
    fault.fault_detail == Some(FaultDetail::UnreportableSuccess)
        || fault
            .wsman_code
            .is_some_and(|code| code.0 == UNREPORTABLE_SUCCESS)
}

struct Verdict {
    make: Make,
    /// The HRESULT, if it is more specific than the default of the variant.
    wbem: Option<WbemStatus>,
    ambiguous: bool,
}

/// Decides by the most specific evidence.
fn judge(fault: &Fault) -> Verdict {
    let certain = |make| Verdict {
        make,
        wbem: None,
        ambiguous: false,
    };
    by_hresult(fault)
        .or_else(|| by_cim_status(fault))
        .or_else(|| by_wsman_code(fault))
        .or_else(|| by_subcode(fault))
        .unwrap_or_else(|| certain(Error::Fault))
}

fn by_hresult(fault: &Fault) -> Option<Verdict> {
    fault.codes().find_map(|code| {
        if WIN32_OUT_OF_MEMORY.contains(&code) {
            let wbem = Some(WbemStatus::OUT_OF_MEMORY);
            return Some(Verdict {
                make: Error::OutOfMemory,
                wbem,
                ambiguous: false,
            });
        }
        let status = WbemStatus(code);
        if status == WbemStatus::FAILED || status.name().is_none() {
            return None;
        }
        let make = find(WBEM, &status).unwrap_or(Error::Fault);
        Some(Verdict {
            make,
            wbem: Some(status),
            ambiguous: false,
        })
    })
}

fn by_cim_status(fault: &Fault) -> Option<Verdict> {
    let status = fault
        .cim_status()
        .filter(|status| *status != CimStatus::Failed)?;
    let make = find(CIM, &status).unwrap_or(Error::Fault);
    Some(Verdict {
        make,
        wbem: find(WBEM_OF_CIM, &status),
        ambiguous: false,
    })
}

fn by_wsman_code(fault: &Fault) -> Option<Verdict> {
    let code = fault.codes().find(|code| find(WSMAN, code).is_some())?;
    let make = find(WSMAN, &code)?;
    Some(Verdict {
        make,
        wbem: find(WBEM_OF_WSMAN, &code),
        ambiguous: code == RESOURCE_NOT_FOUND && !failed_to_get_object(fault),
    })
}

fn by_subcode(fault: &Fault) -> Option<Verdict> {
    if matches!(
        fault.code,
        FaultCode::MustUnderstand | FaultCode::VersionMismatch
    ) {
        return Some(Verdict {
            make: Error::NotSupported,
            wbem: None,
            ambiguous: false,
        });
    }
    use FaultDetail::{InvalidResourceUri, ResourceNotFound, Unknown};
    let subcode = fault.subcode.as_ref()?;
    let detail = &fault.fault_detail;
    let row = SUBCODES
        .iter()
        .find(|(name, wanted, _)| name == subcode && (wanted.is_none() || wanted == detail));
    row.map(|(name, _, make)| Verdict {
        make: *make,
        wbem: (*name == FaultSubcode::CannotProcessFilter).then_some(WbemStatus::INVALID_QUERY),
        ambiguous: match name {
            FaultSubcode::DestinationUnreachable => {
                !matches!(detail, Some(InvalidResourceUri | ResourceNotFound))
                    && !failed_to_get_object(fault)
            }
            FaultSubcode::EndpointUnavailable => *detail == Some(Unknown),
            _ => false,
        },
    })
}

/// Returns whether WMI's extended status names the operation `GetObject`, which means that the instance
/// is missing, and not the class.
fn failed_to_get_object(fault: &Fault) -> bool {
    let operation = fault
        .extended_status
        .as_deref()
        .and_then(|status| status.value("Operation"));
    operation.and_then(|operation| operation.as_str()) == Some("GetObject")
}

fn find<K: PartialEq, V: Copy>(table: &[(K, V)], key: &K) -> Option<V> {
    table
        .iter()
        .find(|(known, _)| known == key)
        .map(|(_, value)| *value)
}
