//! Faults as OMI sends them: coarse subcodes, and an `OMI_Error` with the CIM status.

use crate::cim::CimStatus;
use crate::protocol::FaultSubcode;
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::ErrorValue::{Null, Number, Text};
use crate::simulator::faults::{CimError, ProtocolFailure, RequestFailure, SoapFault, Spec};
use crate::simulator::model::semantics::CimFailure;

/// Returns the fault for a failure; all have HTTP status 500.
pub(super) fn fault(failure: &RequestFailure) -> SoapFault {
    match failure {
        RequestFailure::Cim(CimFailure::TooFewSelectors { any: false }) => {
            internal("Put-instance: instance name parameter is missing")
        }
        RequestFailure::Cim(failure) => of_status(status(failure)),
        RequestFailure::Protocol(failure) => of_protocol(failure),
        RequestFailure::Events(failure) => failure.fault(Dialect::Omi),
    }
}

/// Returns OMI's status: a wrong value is a general failure, a wrong name an unknown property.
fn status(failure: &CimFailure) -> CimStatus {
    match failure {
        CimFailure::TypeMismatch(_) | CimFailure::SelectorType(_) | CimFailure::NoMethod(_) => {
            CimStatus::Failed
        }
        CimFailure::NoParameter(_)
        | CimFailure::TooFewSelectors { .. }
        | CimFailure::WrongSelector(_)
        | CimFailure::UnexpectedSelector(_) => CimStatus::NoSuchProperty,
        other => other.status(),
    }
}

fn of_status(status: CimStatus) -> SoapFault {
    let (code, spec, subcode) = match status {
        CimStatus::InvalidNamespace | CimStatus::InvalidClass | CimStatus::NotFound => (
            "Sender",
            Spec::Addressing,
            FaultSubcode::DestinationUnreachable,
        ),
        CimStatus::AccessDenied => ("Sender", Spec::Wsman, FaultSubcode::AccessDenied),
        CimStatus::NotSupported => ("Sender", Spec::Wsman, FaultSubcode::UnsupportedFeature),
        _ => ("Receiver", Spec::Wsman, FaultSubcode::InternalError),
    };
    let message = message(status);
    let mut fault = SoapFault::new(500, code, Some((spec, subcode)), message);
    fault.error = Some(omi_error(status.code(), message));
    fault
}

fn omi_error(code: u32, message: &str) -> CimError {
    let text = |text: &str| Text(text.to_owned());
    let properties = vec![
        ("ErrorType", Null),
        ("OtherErrorType", Null),
        ("OwningEntity", text("OMI:CIMOM")),
        ("MessageID", Text(format!("OMI:MI_Result:{code}"))),
        ("Message", text(message)),
        ("PerceivedSeverity", Number(7)),
        ("ProbableCause", Number(0)),
        ("ProbableCauseDescription", text("Unknown")),
        ("RecommendedActions", Null),
        ("ErrorSource", Null),
        ("ErrorSourceFormat", Null),
        ("OtherErrorSourceFormat", Null),
        ("CIMStatusCode", Number(code)),
        ("CIMStatusCodeDescription", Null),
        ("OMI_Code", Number(code)),
        ("OMI_Category", Number(category(code))),
        ("OMI_Type", text("MI")),
        ("OMI_ErrorMessage", text(message)),
    ];
    CimError {
        class: "OMI_Error",
        properties,
    }
}

/// Returns the recorded `MI_ErrorCategory`: an object not found, not implemented, an invalid
/// operation.
fn category(code: u32) -> u32 {
    match code {
        6 => 13,
        7 => 11,
        _ => 10,
    }
}

fn message(status: CimStatus) -> &'static str {
    match status {
        CimStatus::AccessDenied => "Access to a CIM resource was not available to the client.",
        CimStatus::InvalidNamespace => "The target namespace does not exist.",
        CimStatus::InvalidParameter => {
            "One or more parameter values passed to the method are not valid."
        }
        CimStatus::InvalidClass => "The specified class does not exist.",
        CimStatus::NotFound => "The requested object cannot be found.",
        CimStatus::NotSupported => "The requested operation is not supported.",
        CimStatus::AlreadyExists => "The object already exists.",
        CimStatus::InvalidQuery => "The query is not valid for the specified query language.",
        CimStatus::NoSuchProperty => "The specified property does not exist.",
        _ => "A general error occurred, not covered by a more specific error code.",
    }
}

fn internal(reason: &str) -> SoapFault {
    SoapFault::new(
        500,
        "Receiver",
        Some((Spec::Wsman, FaultSubcode::InternalError)),
        reason,
    )
}

/// Errors of the parser have no detail.
fn of_protocol(failure: &ProtocolFailure) -> SoapFault {
    match failure {
        ProtocolFailure::Unreadable => internal("Failed to parse XML."),
        ProtocolFailure::NoResourceUri | ProtocolFailure::UnknownResourceUri => {
            let reason = "Failed to process WS-Management packet. The class name was not found in \
                          the selector.";
            internal(reason)
        }
        ProtocolFailure::ClassesInWsCim => {
            let subcode = Some((Spec::Wsman, FaultSubcode::UnsupportedFeature));
            let reason = "GetClass not Supported in WS-CIM format";
            SoapFault::new(500, "Sender", subcode, reason)
        }
        ProtocolFailure::NotUnderstood(names) => {
            let mut fault = SoapFault::new(500, "MustUnderstand", None, "Header not understood");
            fault.not_understood = names.clone();
            fault
        }
        ProtocolFailure::NoEnumeration => {
            let subcode = Some((Spec::Addressing, FaultSubcode::DestinationUnreachable));
            SoapFault::new(500, "Sender", subcode, "Enumeration context not found")
        }
        ProtocolFailure::ZeroMaxTime => {
            let subcode = Some((Spec::Wsman, FaultSubcode::InvalidExpirationTime));
            SoapFault::new(
                500,
                "Sender",
                subcode,
                "Maxtime cannot be zero if specified",
            )
        }
        ProtocolFailure::TooManyEnumerations => of_status(CimStatus::ServerLimitsExceeded),
        ProtocolFailure::TimedOut => {
            let reason = "The operation has timed out.";
            SoapFault::new(
                500,
                "Receiver",
                Some((Spec::Wsman, FaultSubcode::TimedOut)),
                reason,
            )
        }
        ProtocolFailure::EnvelopeSizeTooSmall | ProtocolFailure::AnswerTooLarge => {
            let subcode = Some((Spec::Wsman, FaultSubcode::EncodingLimit));
            SoapFault::new(
                500,
                "Sender",
                subcode,
                "The maximum envelope size is too small.",
            )
        }
        _ => internal(""),
    }
}
