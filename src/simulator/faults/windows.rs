//! Faults as Windows sends them: a `f:WSManFault` with a code, WMI's `__ExtendedStatus` inside it, or a
//! `MSFT_WmiError` with an HRESULT.

use crate::cim::{CimStatus, WbemStatus};
use crate::protocol::{FaultDetail, FaultSubcode};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::ErrorValue::{Null, Number, Text};
use crate::simulator::faults::{
    CimError, ProtocolFailure, RequestFailure, SoapFault, Spec, Subcode, WsmanFault,
};
use crate::simulator::model::semantics::CimFailure;

/// Returns the fault for a failure; all have HTTP status 500.
pub(super) fn fault(failure: &RequestFailure) -> SoapFault {
    match failure {
        RequestFailure::Cim(failure) => of_cim(failure),
        RequestFailure::Protocol(failure) => of_protocol(failure),
        RequestFailure::Events(failure) => failure.fault(Dialect::Windows),
    }
}

/// `ERROR_WSMAN_RESOURCE_NOT_FOUND`: the instance or the class.
const RESOURCE_NOT_FOUND: u32 = 0x8033_8000;

fn of_cim(failure: &CimFailure) -> SoapFault {
    let text = failure.to_string();
    let not_found = || {
        coded(
            Spec::Addressing,
            FaultSubcode::DestinationUnreachable,
            RESOURCE_NOT_FOUND,
            &text,
        )
        .detail(FaultDetail::InvalidResourceUri)
    };
    let selectors = |code, detail| {
        coded(Spec::Wsman, FaultSubcode::InvalidSelectors, code, &text).detail(detail)
    };
    match failure {
        CimFailure::NoInstance(path) => {
            let mut fault = not_found();
            let message = "The WS-Management service cannot process the request. The service cannot \
                           find the resource identified by the resource URI and selectors.";
            let extended = Some(("GetObject", path.to_string()));
            fault.wsman = Some(WsmanFault {
                code: RESOURCE_NOT_FOUND,
                message: message.into(),
                extended,
            });
            fault
        }
        CimFailure::NoClass(_) => not_found(),
        CimFailure::AlreadyExists(_) => {
            coded(Spec::Wsman, FaultSubcode::AlreadyExists, 0x8033_8033, &text)
        }
        CimFailure::TooFewSelectors { any: false } => {
            selectors(0x8033_80fa, FaultDetail::InsufficientSelectors)
        }
        CimFailure::TooFewSelectors { any: true } => {
            selectors(0x8033_805a, FaultDetail::InsufficientSelectors)
        }
        CimFailure::UnexpectedSelector(_) | CimFailure::WrongSelector(_) => {
            selectors(0x8033_805b, FaultDetail::UnexpectedSelectors)
        }
        CimFailure::DuplicateSelector(_) => selectors(0x8033_805f, FaultDetail::DuplicateSelectors),
        CimFailure::SelectorType(_) => selectors(0x8033_805c, FaultDetail::TypeMismatch),
        CimFailure::KeyChanged(_) => coded(
            Spec::Transfer,
            FaultSubcode::InvalidRepresentation,
            0x8033_80ed,
            &text,
        )
        .detail(FaultDetail::InvalidValues),
        CimFailure::TypeMismatch(_) => coded(
            Spec::Wsman,
            FaultSubcode::SchemaValidationError,
            0x8033_8041,
            &text,
        ),
        CimFailure::InvalidQuery(_) | CimFailure::NoQueriedClass(_) => coded(
            Spec::Enumeration,
            FaultSubcode::CannotProcessFilter,
            0x8033_801a,
            &text,
        ),
        CimFailure::MissingBody => coded(
            Spec::Transfer,
            FaultSubcode::InvalidRepresentation,
            0x8033_8057,
            &text,
        )
        .detail(FaultDetail::MissingValues),
        other => wmi_error(other, &text),
    }
}

/// Creates a fault with a WinRM code.
pub(in crate::simulator) fn coded(
    spec: Spec,
    subcode: FaultSubcode,
    code: u32,
    text: &str,
) -> SoapFault {
    let reason = format!("The WS-Management service cannot process the request: {text}.");
    let mut fault = SoapFault::new(500, "Sender", Some((spec, subcode)), &reason);
    fault.wsman = Some(WsmanFault {
        code,
        message: reason,
        extended: None,
    });
    fault
}

/// Turns a fault into one of the receiver.
fn receiver(fault: SoapFault) -> SoapFault {
    SoapFault {
        code: "Receiver",
        ..fault
    }
}

/// Creates a fault with a WMI HRESULT.
fn wmi_error(failure: &CimFailure, text: &str) -> SoapFault {
    let wbem = failure.wbem();
    // A CIM status that a test injected is returned unchanged.
    let status = match failure {
        CimFailure::Status(status) => *status,
        other => other.wbem().cim_status(),
    };
    let (code, subcode, detail) = subcode(status, wbem);
    let mut fault = SoapFault::new(500, code, Some(subcode), text);
    fault.detail = detail;
    fault.error = Some(msft_wmi_error(status.code(), wbem.0, text));
    fault
}

fn subcode(status: CimStatus, wbem: WbemStatus) -> (&'static str, Subcode, Option<FaultDetail>) {
    match (status, wbem) {
        (_, WbemStatus::ILLEGAL_NULL) => (
            "Sender",
            (Spec::Transfer, FaultSubcode::InvalidRepresentation),
            Some(FaultDetail::InvalidValues),
        ),
        (_, WbemStatus::INVALID_OBJECT) => (
            "Sender",
            (Spec::Transfer, FaultSubcode::InvalidRepresentation),
            None,
        ),
        (CimStatus::AccessDenied, _) => ("Sender", (Spec::Wsman, FaultSubcode::AccessDenied), None),
        (CimStatus::InvalidNamespace | CimStatus::InvalidClass | CimStatus::NotFound, _) => {
            let detail = Some(FaultDetail::InvalidResourceUri);
            (
                "Sender",
                (Spec::Addressing, FaultSubcode::DestinationUnreachable),
                detail,
            )
        }
        (CimStatus::InvalidParameter, _) => (
            "Sender",
            (Spec::Wsman, FaultSubcode::InvalidParameter),
            None,
        ),
        (CimStatus::NotSupported, _) => (
            "Sender",
            (Spec::Addressing, FaultSubcode::ActionNotSupported),
            None,
        ),
        (CimStatus::AlreadyExists, _) => {
            ("Sender", (Spec::Wsman, FaultSubcode::AlreadyExists), None)
        }
        (CimStatus::ServerLimitsExceeded, _) => {
            ("Receiver", (Spec::Wsman, FaultSubcode::QuotaLimit), None)
        }
        _ => ("Receiver", (Spec::Wsman, FaultSubcode::InternalError), None),
    }
}

fn msft_wmi_error(status: u32, hresult: u32, message: &str) -> CimError {
    let text = |text: &str| Text(text.to_owned());
    let properties = vec![
        ("CIMStatusCode", Number(status)),
        ("CIMStatusCodeDescription", Null),
        ("ErrorSource", Null),
        ("ErrorSourceFormat", Number(0)),
        ("ErrorType", Number(0)),
        ("Message", text(message)),
        ("MessageID", Text(format!("HRESULT 0x{hresult:08x}"))),
        ("OtherErrorSourceFormat", Null),
        ("OtherErrorType", Null),
        ("OwningEntity", Null),
        ("PerceivedSeverity", Number(0)),
        ("ProbableCause", Number(0)),
        ("ProbableCauseDescription", Null),
        ("error_Category", Number(0)),
        ("error_Code", Number(hresult)),
        ("error_Type", text("HRESULT")),
        ("error_WindowsErrorMessage", text(message)),
    ];
    CimError {
        class: "MSFT_WmiError",
        properties,
    }
}

fn of_protocol(failure: &ProtocolFailure) -> SoapFault {
    let addressing = |subcode, code, text| coded(Spec::Addressing, subcode, code, text);
    let limit = |code, text| coded(Spec::Wsman, FaultSubcode::EncodingLimit, code, text);
    match failure {
        ProtocolFailure::Unreadable => {
            let text = "the request contains invalid XML";
            coded(
                Spec::Wsman,
                FaultSubcode::SchemaValidationError,
                0x8033_8041,
                text,
            )
        }
        ProtocolFailure::NoAction => {
            let text = "the Action header is missing";
            addressing(
                FaultSubcode::MessageInformationHeaderRequired,
                0x8033_8011,
                text,
            )
        }
        ProtocolFailure::UnknownAction => addressing(
            FaultSubcode::ActionNotSupported,
            0x8033_8001,
            "the action URI is not valid",
        ),
        ProtocolFailure::NoResourceUri => {
            let text = "the resource URI is missing";
            addressing(FaultSubcode::DestinationUnreachable, 0x8033_803b, text)
                .detail(FaultDetail::InvalidResourceUri)
        }
        ProtocolFailure::UnknownResourceUri | ProtocolFailure::ClassesInWsCim => {
            let text = "the resource URI is not known";
            addressing(
                FaultSubcode::DestinationUnreachable,
                RESOURCE_NOT_FOUND,
                text,
            )
            .detail(FaultDetail::InvalidResourceUri)
        }
        ProtocolFailure::MissingHeader => {
            let text = "a required header is missing";
            addressing(
                FaultSubcode::MessageInformationHeaderRequired,
                0x8033_8011,
                text,
            )
        }
        ProtocolFailure::NotUnderstood(names) => {
            let reason = "The WS-Management service cannot understand a header of the request.";
            let mut fault = SoapFault::new(500, "MustUnderstand", None, reason);
            fault.wsman = Some(WsmanFault {
                code: 0x8033_8010,
                message: reason.into(),
                extended: None,
            });
            fault.not_understood = names.clone();
            fault
        }
        ProtocolFailure::NoEnumeration => {
            let text = "the enumeration context is not valid";
            let fault = coded(
                Spec::Enumeration,
                FaultSubcode::InvalidEnumerationContext,
                0x8033_801b,
                text,
            );
            receiver(fault)
        }
        ProtocolFailure::FilterDialect => {
            let text = "the filter dialect is not supported";
            coded(
                Spec::Enumeration,
                FaultSubcode::FilterDialectRequestedUnavailable,
                0x8033_8019,
                text,
            )
        }
        ProtocolFailure::QueryOfOneClass => {
            let text = "the class of a resource URI with a WQL filter must be *";
            coded(
                Spec::Enumeration,
                FaultSubcode::CannotProcessFilter,
                0x8033_80fb,
                text,
            )
        }
        ProtocolFailure::TimedOut => receiver(coded(
            Spec::Wsman,
            FaultSubcode::TimedOut,
            0x8033_8029,
            "the operation timed out",
        )),
        ProtocolFailure::TooManyEnumerations => coded(
            Spec::Wsman,
            FaultSubcode::QuotaLimit,
            0x8033_803f,
            "too many operations",
        ),
        ProtocolFailure::ZeroMaxTime => {
            let text = "the time of a Pull is zero";
            coded(
                Spec::Enumeration,
                FaultSubcode::InvalidExpirationTime,
                0x8033_8016,
                text,
            )
        }
        ProtocolFailure::NamespaceMismatch => {
            let text = "the __cimnamespace selector is not the namespace of the resource URI";
            coded(Spec::Wsman, FaultSubcode::InternalError, 0x8033_813b, text)
        }
        ProtocolFailure::FragmentPath => {
            let text = "the fragment path is not valid";
            coded(
                Spec::Wsman,
                FaultSubcode::CannotProcessFilter,
                0x8033_8093,
                text,
            )
        }
        ProtocolFailure::EnvelopeSizeTooSmall => {
            limit(0x8033_807e, "the envelope size is too small")
                .detail(FaultDetail::MinimumEnvelopeLimit)
        }
        ProtocolFailure::AnswerTooLarge => limit(0x8033_8048, "the answer is too large")
            .detail(FaultDetail::MaxEnvelopeSizeExceeded),
        ProtocolFailure::UnreportableSuccess => {
            let text = "the request succeeded, but its answer is too large";
            limit(0x8033_804d, text).detail(FaultDetail::UnreportableSuccess)
        }
        ProtocolFailure::CannotAnswer => coded(
            Spec::Wsman,
            FaultSubcode::InternalError,
            0x8033_8003,
            "the answer cannot be written",
        ),
    }
}
