//! Failures as SOAP faults, in each server's words.

mod events;
mod omi;
mod openwsman;
mod windows;

pub(super) use events::EventFailure;
use windows::coded;

use crate::cim::ValueError;
use crate::protocol::{FaultDetail, FaultSubcode, Header, write_envelope};
use crate::simulator::dialect::Dialect;
use crate::simulator::model::semantics::CimFailure;
use crate::simulator::provider::request::Operation;
use crate::xml::{Writer, uri};

/// Why a request failed.
#[derive(Clone, Debug)]
pub(super) enum RequestFailure {
    Cim(CimFailure),
    Protocol(ProtocolFailure),
    Events(EventFailure),
}

/// A failure of the protocol, whatever the operation.
#[derive(Clone, Debug)]
pub(super) enum ProtocolFailure {
    /// An incomplete envelope, or none.
    Unreadable,
    NoAction,
    UnknownAction,
    NoResourceUri,
    UnknownResourceUri,
    /// A Get of a class on the resource URI of instances.
    ClassesInWsCim,
    /// A missing `wsa:MessageID` or `wsa:ReplyTo`.
    MissingHeader,
    NotUnderstood(Vec<String>),
    /// A WMI URI whose namespace differs from the `__cimnamespace` selector.
    NamespaceMismatch,
    /// A fragment path that names no property.
    FragmentPath,
    /// A `MaxEnvelopeSize` that is too small for a fault.
    EnvelopeSizeTooSmall,
    /// An answer larger than `MaxEnvelopeSize`.
    AnswerTooLarge,
    /// The same, after a write.
    UnreportableSuccess,
    /// An answer with a value that cannot be written.
    CannotAnswer,
    /// An unknown or expired enumeration context.
    NoEnumeration,
    TooManyEnumerations,
    /// A Pull with a `MaxTime` of zero.
    ZeroMaxTime,
    /// A filter in an unsupported dialect.
    FilterDialect,
    /// A query under the resource URI of one class.
    QueryOfOneClass,
    /// The operation timed out.
    TimedOut,
}

impl From<CimFailure> for RequestFailure {
    fn from(failure: CimFailure) -> Self {
        RequestFailure::Cim(failure)
    }
}

impl From<ProtocolFailure> for RequestFailure {
    fn from(failure: ProtocolFailure) -> Self {
        RequestFailure::Protocol(failure)
    }
}

impl From<EventFailure> for RequestFailure {
    fn from(failure: EventFailure) -> Self {
        RequestFailure::Events(failure)
    }
}

impl From<ValueError> for RequestFailure {
    fn from(_: ValueError) -> Self {
        RequestFailure::Protocol(ProtocolFailure::CannotAnswer)
    }
}

/// A fault, ready to be serialized.
#[derive(Debug)]
pub(super) struct SoapFault {
    /// The HTTP status.
    pub(super) http: u16,
    code: &'static str,
    subcode: Option<Subcode>,
    reason: String,
    /// The last segment of `w:FaultDetail`.
    detail: Option<FaultDetail>,
    wsman: Option<WsmanFault>,
    error: Option<CimError>,
    not_understood: Vec<String>,
}

/// A subcode: a specification and a name in it.
type Subcode = (Spec, FaultSubcode);

/// The specifications that define subcodes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spec {
    Addressing,
    Wsman,
    Transfer,
    Enumeration,
    Eventing,
}

/// `f:WSManFault`.
#[derive(Debug)]
struct WsmanFault {
    code: u32,
    message: String,
    /// The operation and the object path of WMI's `__ExtendedStatus`, which the provider adds.
    extended: Option<(&'static str, String)>,
}

/// An instance of a subclass of `CIM_Error`: the class, and the properties with their types.
#[derive(Debug)]
struct CimError {
    class: &'static str,
    properties: Vec<(&'static str, ErrorValue)>,
}

#[derive(Debug)]
enum ErrorValue {
    Null,
    Text(String),
    Number(u32),
}

const DETAIL: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/";
const CLASSES: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";

impl SoapFault {
    /// Returns a server's fault for a failure.
    pub(super) fn of(
        dialect: Dialect,
        failure: &RequestFailure,
        operation: Option<Operation>,
    ) -> Self {
        match dialect {
            Dialect::Windows => windows::fault(failure),
            Dialect::Omi => omi::fault(failure),
            Dialect::Openwsman => openwsman::fault(failure, operation),
        }
    }

    pub(super) fn new(
        http: u16,
        code: &'static str,
        subcode: Option<Subcode>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            http,
            code,
            subcode,
            reason: reason.into(),
            detail: None,
            wsman: None,
            error: None,
            not_understood: Vec::new(),
        }
    }

    fn detail(mut self, detail: FaultDetail) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Serializes the whole message.
    pub(super) fn write(
        &self,
        message_id: String,
        relates_to: Option<String>,
    ) -> Result<Vec<u8>, ValueError> {
        let spec = self
            .subcode
            .as_ref()
            .map_or(Spec::Addressing, |(spec, _)| *spec);
        let header = Header {
            action: Some([spec.uri_of_faults(), "/fault"].concat().into()),
            message_id: Some(message_id),
            relates_to,
            not_understood: self.not_understood.clone(),
            ..Header::default()
        };
        write_envelope(|w| header.write_answer(w), |w| self.write_body(w))
    }

    fn write_body(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("s:Fault", &[])?;
        w.open("s:Code", &[])?;
        w.leaf("s:Value", &[], &["s:", self.code].concat())?;
        if let Some((spec, name)) = &self.subcode {
            w.open("s:Subcode", &[])?;
            w.leaf(
                "s:Value",
                &spec.declaration(),
                &[spec.prefix(), name.as_str()].concat(),
            )?;
            w.close("s:Subcode");
        }
        w.close("s:Code");
        w.open("s:Reason", &[])?;
        w.leaf("s:Text", &[("xml:lang", "en-US")], &self.reason)?;
        w.close("s:Reason");
        self.write_detail(w)?;
        w.close("s:Fault");
        Ok(())
    }

    fn write_detail(&self, w: &mut Writer) -> Result<(), ValueError> {
        if self.detail.is_none() && self.wsman.is_none() && self.error.is_none() {
            return Ok(());
        }
        w.open("s:Detail", &[])?;
        if let Some(detail) = &self.detail {
            w.leaf("w:FaultDetail", &[], &[DETAIL, detail.as_str()].concat())?;
        }
        if let Some(wsman) = &self.wsman {
            wsman.write(w)?;
        }
        if let Some(error) = &self.error {
            error.write(w)?;
        }
        w.close("s:Detail");
        Ok(())
    }
}

impl Spec {
    /// The prefix, as the envelope or [`Spec::declaration`] declares it.
    fn prefix(self) -> &'static str {
        match self {
            Spec::Addressing => "a:",
            Spec::Wsman => "w:",
            Spec::Transfer => "x:",
            Spec::Enumeration => "n:",
            Spec::Eventing => "e:",
        }
    }

    fn declaration(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Spec::Addressing | Spec::Wsman => Vec::new(),
            Spec::Transfer => vec![("xmlns:x", uri::TRANSFER)],
            Spec::Enumeration => vec![("xmlns:n", uri::ENUMERATION)],
            Spec::Eventing => vec![("xmlns:e", uri::EVENTING)],
        }
    }

    fn uri_of_faults(self) -> &'static str {
        match self {
            Spec::Addressing => uri::ADDRESSING,
            Spec::Wsman => "http://schemas.dmtf.org/wbem/wsman/1/wsman",
            Spec::Transfer => uri::TRANSFER,
            Spec::Enumeration => uri::ENUMERATION,
            Spec::Eventing => uri::EVENTING,
        }
    }
}

impl WsmanFault {
    /// Serializes as WinRM does: a message, or the fault of the WMI provider with its own message
    /// and extended status.
    fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        let code = self.code.to_string();
        let attributes = [
            ("xmlns:f", uri::MS_FAULT),
            ("Code", &code),
            ("Machine", "simulator"),
        ];
        w.open("f:WSManFault", &attributes)?;
        w.open("f:Message", &[])?;
        if let Some((operation, path)) = &self.extended {
            let path_of_plugin = r"%systemroot%\system32\WsmWmiPl.dll";
            let provider = [("provider", "WMI Provider"), ("path", path_of_plugin)];
            w.open("f:ProviderFault", &provider)?;
            w.open("f:WSManFault", &attributes)?;
            w.leaf("f:Message", &[], &self.message)?;
            w.close("f:WSManFault");
            write_extended_status(w, operation, path)?;
            w.close("f:ProviderFault");
        } else {
            w.text(&self.message)?;
        }
        w.close("f:Message");
        w.close("f:WSManFault");
        Ok(())
    }
}

fn write_extended_status(w: &mut Writer, operation: &str, path: &str) -> Result<(), ValueError> {
    let class = [CLASSES, "__ExtendedStatus"].concat();
    let declarations = [("xmlns:p", class.as_str()), ("xmlns:xsi", uri::XSI)];
    let attributes = [
        &declarations[..],
        &[("xsi:type", "p:__ExtendedStatus_Type")],
    ]
    .concat();
    w.open("f:ExtendedError", &[])?;
    w.open("p:__ExtendedStatus", &attributes)?;
    w.empty("p:Description", &[("xsi:nil", "true")])?;
    w.leaf("p:Operation", &[], operation)?;
    w.leaf("p:ParameterInfo", &[], path)?;
    w.leaf("p:ProviderName", &[], "WinMgmt")?;
    w.empty("p:StatusCode", &[("xsi:nil", "true")])?;
    w.close("p:__ExtendedStatus");
    w.close("f:ExtendedError");
    Ok(())
}

impl CimError {
    fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        let element = ["p:", self.class].concat();
        let class_uri = [CLASSES, self.class].concat();
        let attributes = [
            ("xmlns:p", class_uri.as_str()),
            ("xmlns:b", uri::CIM_BINDING),
            ("xmlns:cim", uri::CIM_COMMON),
            ("xmlns:xsi", uri::XSI),
            ("b:IsCIM_Error", "true"),
        ];
        w.open(&element, &attributes)?;
        for (name, value) in &self.properties {
            let element = ["p:", name].concat();
            match value {
                ErrorValue::Null => w.empty(&element, &[("xsi:nil", "true")])?,
                ErrorValue::Text(text) => {
                    w.leaf(&element, &[("xsi:type", "cim:cimString")], text)?;
                }
                ErrorValue::Number(number) => {
                    let attributes = [("xsi:type", "cim:cimUnsignedInt")];
                    w.leaf(&element, &attributes, &number.to_string())?;
                }
            }
        }
        w.close(&element);
        Ok(())
    }
}
