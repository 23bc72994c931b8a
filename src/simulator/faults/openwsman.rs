//! Faults as openwsman sends them: a subcode, rarely a `w:FaultDetail`, and no CIM status.

use crate::cim::CimStatus;
use crate::protocol::{FaultDetail, FaultSubcode};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure, SoapFault, Spec, Subcode};
use crate::simulator::model::semantics::CimFailure;
use crate::simulator::provider::request::Operation;

/// Returns the fault for a failure.
pub(super) fn fault(failure: &RequestFailure, operation: Option<Operation>) -> SoapFault {
    match failure {
        RequestFailure::Cim(failure) => of_cim(failure, operation),
        RequestFailure::Protocol(failure) => of_protocol(failure),
        RequestFailure::Events(failure) => failure.fault(Dialect::Openwsman),
    }
}

const NOT_FOUND: &str = "The requested object could not be found";
const INVALID_XML: &str = "The XML content is not valid.";
const SELECTORS: &str = "The Selectors for the resource are not valid.";
const NO_ROUTE: &str =
    "No route can be determined to reach the destination role defined by the WS-Addressing To.";

fn sender(spec: Spec, subcode: FaultSubcode, reason: &str) -> SoapFault {
    SoapFault::new(400, "Sender", Some((spec, subcode)), reason)
}

fn receiver(spec: Spec, subcode: FaultSubcode, reason: &str) -> SoapFault {
    SoapFault::new(500, "Receiver", Some((spec, subcode)), reason)
}

/// Returns the fault of a CIM failure. For a Get, Put or Delete the bytes are the same whether the
/// instance, the class or the selector name is wrong.
fn of_cim(failure: &CimFailure, operation: Option<Operation>) -> SoapFault {
    let selectors =
        |detail| sender(Spec::Wsman, FaultSubcode::InvalidSelectors, SELECTORS).detail(detail);
    let invalid = |detail| {
        sender(
            Spec::Transfer,
            FaultSubcode::InvalidRepresentation,
            INVALID_XML,
        )
        .detail(detail)
    };
    match failure {
        CimFailure::NoClass(_) | CimFailure::AbstractClass(_)
            if operation == Some(Operation::Create) =>
        {
            sender(
                Spec::Addressing,
                FaultSubcode::EndpointUnavailable,
                NOT_FOUND,
            )
            .detail(FaultDetail::Unknown)
        }
        CimFailure::NoClass(_)
            if matches!(operation, Some(Operation::Enumerate | Operation::Invoke)) =>
        {
            of_status(CimStatus::InvalidClass)
        }
        CimFailure::NoQueriedClass(_) => of_status(CimStatus::InvalidClass),
        CimFailure::InvalidQuery(_) => sender(
            Spec::Enumeration,
            FaultSubcode::CannotProcessFilter,
            "syntax error in query.",
        ),
        CimFailure::NoMethod(_) => {
            let reason = "The specified extrinsic Method does not exist";
            sender(Spec::Addressing, FaultSubcode::ActionNotSupported, reason)
        }
        CimFailure::NoParameter(_) | CimFailure::NoArgument(_) | CimFailure::NeedsInstance => {
            of_status(CimStatus::InvalidParameter)
        }
        CimFailure::TypeMismatch(_) if operation == Some(Operation::Invoke) => {
            of_status(CimStatus::InvalidParameter)
        }
        CimFailure::NoInstance(_)
        | CimFailure::NoClass(_)
        | CimFailure::AbstractClass(_)
        | CimFailure::WrongSelector(_)
        | CimFailure::SelectorType(_) => sender(
            Spec::Addressing,
            FaultSubcode::DestinationUnreachable,
            NOT_FOUND,
        ),
        CimFailure::NoNamespace(_) => {
            let reason = "The target namespace does not exist";
            sender(
                Spec::Addressing,
                FaultSubcode::DestinationUnreachable,
                reason,
            )
        }
        CimFailure::TooFewSelectors { .. } => selectors(FaultDetail::InsufficientSelectors),
        CimFailure::UnexpectedSelector(_) => selectors(FaultDetail::UnexpectedSelectors),
        CimFailure::DuplicateSelector(_) => selectors(FaultDetail::DuplicateSelectors),
        CimFailure::AlreadyExists(_) => of_status(CimStatus::AlreadyExists),
        CimFailure::MissingKey(_) | CimFailure::MissingValue(_) | CimFailure::MissingBody => {
            invalid(FaultDetail::MissingValues)
        }
        CimFailure::OtherClass { .. } | CimFailure::ClassAsInstance => {
            invalid(FaultDetail::InvalidNamespace)
        }
        CimFailure::NoProperty(_)
        | CimFailure::TypeMismatch(_)
        | CimFailure::IllegalNull(_)
        | CimFailure::KeyChanged(_) => invalid(FaultDetail::InvalidValues),
        CimFailure::InvalidContext | CimFailure::Status(_) | CimFailure::Wbem(_) => {
            of_status(failure.status())
        }
    }
}

/// Returns the subcode to which openwsman maps a status of its CIM server.
fn of_status(status: CimStatus) -> SoapFault {
    let (spec, name): Subcode = match status {
        CimStatus::AccessDenied => (Spec::Wsman, FaultSubcode::AccessDenied),
        CimStatus::InvalidNamespace | CimStatus::NotFound => {
            (Spec::Addressing, FaultSubcode::DestinationUnreachable)
        }
        CimStatus::InvalidClass => {
            return sender(
                Spec::Addressing,
                FaultSubcode::DestinationUnreachable,
                "Class not found",
            )
            .detail(FaultDetail::InvalidResourceUri);
        }
        CimStatus::InvalidParameter => {
            return sender(
                Spec::Wsman,
                FaultSubcode::InvalidParameter,
                "An operation parameter is not valid.",
            )
            .detail(FaultDetail::MissingValues);
        }
        CimStatus::NotSupported | CimStatus::MethodNotAvailable | CimStatus::MethodNotFound => {
            (Spec::Addressing, FaultSubcode::ActionNotSupported)
        }
        CimStatus::AlreadyExists => {
            let reason = "Operation cannot be carried out because an object already exists";
            return sender(Spec::Wsman, FaultSubcode::AlreadyExists, reason);
        }
        CimStatus::ServerLimitsExceeded => (Spec::Wsman, FaultSubcode::QuotaLimit),
        _ => {
            let subcode = Some((Spec::Wsman, FaultSubcode::InternalError));
            return SoapFault::new(500, "Receiver", subcode, status.to_string());
        }
    };
    sender(spec, name, NOT_FOUND)
}

fn of_protocol(failure: &ProtocolFailure) -> SoapFault {
    let information =
        "A message information header is not valid and the message cannot be processed.";
    let action = "The action is not supported by the service.";
    let size = "An internal encoding limit was exceeded in a request or would be violated if the \
                message were processed.";
    let encoding = |detail| sender(Spec::Wsman, FaultSubcode::EncodingLimit, size).detail(detail);
    let with_http = |http, fault: SoapFault| SoapFault { http, ..fault };
    match failure {
        ProtocolFailure::Unreadable => sender(
            Spec::Addressing,
            FaultSubcode::InvalidMessageInformationHeader,
            information,
        ),
        ProtocolFailure::NoAction => with_http(
            501,
            sender(Spec::Addressing, FaultSubcode::ActionNotSupported, action),
        ),
        ProtocolFailure::UnknownAction => {
            sender(Spec::Addressing, FaultSubcode::ActionNotSupported, action)
        }
        ProtocolFailure::NoResourceUri
        | ProtocolFailure::UnknownResourceUri
        | ProtocolFailure::ClassesInWsCim => {
            let fault = sender(
                Spec::Addressing,
                FaultSubcode::DestinationUnreachable,
                NO_ROUTE,
            );
            with_http(503, fault.detail(FaultDetail::InvalidResourceUri))
        }
        ProtocolFailure::MissingHeader => {
            let reason = "A required header is missing.";
            sender(
                Spec::Addressing,
                FaultSubcode::MessageInformationHeaderRequired,
                reason,
            )
        }
        ProtocolFailure::NotUnderstood(names) => {
            let reason = "The WS-Management service cannot process a SOAP header in the request that \
                          is marked as mustUnderstand by the client.";
            let mut fault = SoapFault::new(200, "MustUnderstand", None, reason);
            fault.not_understood = names.iter().map(|name| ["n1:", name].concat()).collect();
            fault
        }
        ProtocolFailure::FragmentPath => {
            let reason = "The requested filter could not be processed.";
            sender(Spec::Wsman, FaultSubcode::CannotProcessFilter, reason)
        }
        ProtocolFailure::EnvelopeSizeTooSmall => encoding(FaultDetail::MinimumEnvelopeLimit),
        ProtocolFailure::AnswerTooLarge => encoding(FaultDetail::ServiceEnvelopeLimit),
        ProtocolFailure::UnreportableSuccess => encoding(FaultDetail::UnreportableSuccess),
        ProtocolFailure::NoEnumeration => {
            let reason = "The supplied enumeration context is invalid.";
            receiver(
                Spec::Enumeration,
                FaultSubcode::InvalidEnumerationContext,
                reason,
            )
        }
        ProtocolFailure::FilterDialect => {
            let reason = "The requested filtering dialect is not supported.";
            sender(
                Spec::Enumeration,
                FaultSubcode::FilterDialectRequestedUnavailable,
                reason,
            )
        }
        ProtocolFailure::TimedOut => receiver(
            Spec::Wsman,
            FaultSubcode::TimedOut,
            "The operation has timed out.",
        ),
        ProtocolFailure::NamespaceMismatch
        | ProtocolFailure::CannotAnswer
        | ProtocolFailure::TooManyEnumerations
        | ProtocolFailure::ZeroMaxTime
        | ProtocolFailure::QueryOfOneClass => {
            let subcode = Some((Spec::Wsman, FaultSubcode::InternalError));
            SoapFault::new(500, "Receiver", subcode, "The service cannot answer.")
        }
    }
}
