//! SOAP faults and the forms of their detail.

use std::fmt;

use super::{Body, DecodeError, WsmanCode};
use crate::cim::{CimStatus, Instance, WbemStatus};
use crate::shown::Shown;
use crate::xml::{Content, Element, Ns, trim};

/// A SOAP fault with everything it says, in the server's own words.
///
/// Decide by [`crate::Error`], which one table makes of a fault; the reason is localised text for
/// people. The detail comes in four forms, which may stand side by side: `w:FaultDetail`; a
/// `f:WSManFault`; one inside another with WMI's `__ExtendedStatus`; a `CIM_Error` instance.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// Who is to blame, as SOAP sees it.
    pub code: FaultCode,
    /// The local name of the subcode, such as `AccessDenied`; its prefix is dropped, because the names
    /// differ and some servers get the namespace wrong.
    pub subcode: Option<String>,
    /// The reason, as localised text.
    pub reason: String,
    /// The last segment of `w:FaultDetail`, such as `InvalidResourceURI`.
    pub fault_detail: Option<String>,
    /// The code of the innermost `f:WSManFault`.
    pub wsman_code: Option<WsmanCode>,
    /// The message of the innermost `f:WSManFault`.
    pub wsman_message: Option<String>,
    /// The provider that `f:ProviderFault` names.
    pub provider: Option<String>,
    /// WMI's `__ExtendedStatus`.
    pub extended_status: Option<Box<Instance>>,
    /// The server's `CIM_Error`, marked `b:IsCIM_Error` (DSP0227): `MSFT_WmiError`, `OMI_Error`…
    pub cim_error: Option<Box<Instance>>,
    /// The element of the detail as it was received. Prefixes may be declared further out.
    pub detail_xml: Option<String>,
}

/// The code of a SOAP 1.2 fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCode {
    /// The message was wrong.
    Sender,
    /// The message may be right; the server could not carry it out.
    Receiver,
    /// A header had to be understood and was not.
    MustUnderstand,
    /// Not SOAP 1.2.
    VersionMismatch,
    /// openwsman sends some CIM errors without a code.
    #[default]
    Missing,
    /// Any other text.
    Other(String),
}

impl Fault {
    /// The status of the CIM operation: `CIMStatusCode`, else the number in `OMI:MI_Result:n`.
    pub fn cim_status(&self) -> Option<CimStatus> {
        let error = self.cim_error.as_deref()?;
        let code = error.get::<u32>("CIMStatusCode").ok();
        let code = code.or_else(|| {
            self.message_id()?
                .strip_prefix("OMI:MI_Result:")?
                .parse()
                .ok()
        });
        code.filter(|code| *code != 0).map(CimStatus::from_code)
    }

    /// An HRESULT of WMI, wherever it stands: the error's code or message identifier, WMI's extended
    /// status, the code of a WSManFault. `None` if what stands there is not one of WMI's.
    pub fn wbem(&self) -> Option<WbemStatus> {
        self.codes()
            .map(WbemStatus)
            .find(|status| status.name().is_some())
    }

    /// The HRESULT that the server sent: one of WMI's wherever it stands, else that of its error
    /// instance or extended status. The code of a WSManFault is [`Fault::wsman_code`].
    pub fn hresult(&self) -> Option<u32> {
        let of_wmi = self.wbem().map(|status| status.0);
        of_wmi.or_else(|| self.instance_codes().find(|code| code & 0x8000_0000 != 0))
    }

    /// The most telling text for a person: of the CIM error, of the innermost WSManFault, else the
    /// reason.
    pub fn message(&self) -> &str {
        let of_error = self
            .cim_error
            .as_deref()
            .and_then(|error| error.value("Message")?.as_str());
        let texts = [of_error, self.wsman_message.as_deref(), Some(&*self.reason)];
        texts
            .into_iter()
            .flatten()
            .map(trim)
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// Every number that may be an HRESULT or a Win32 code, the most specific first.
    pub(crate) fn codes(&self) -> impl Iterator<Item = u32> {
        self.instance_codes()
            .chain(self.wsman_code.map(|code| code.0))
    }

    /// Those of the error instance and of the extended status.
    fn instance_codes(&self) -> impl Iterator<Item = u32> {
        let error = self.cim_error.as_deref();
        let of_error = error.and_then(|error| error.get::<u32>("error_Code").ok());
        let of_message = self.message_id().and_then(number_at_end);
        let extended = self.extended_status.as_deref();
        let of_status = extended.and_then(|status| status.get::<u32>("StatusCode").ok());
        [of_error, of_message, of_status].into_iter().flatten()
    }

    fn message_id(&self) -> Option<&str> {
        self.cim_error.as_deref()?.value("MessageID")?.as_str()
    }

    /// Reads a fault, the reader being in it.
    pub(super) fn read(body: &mut Body<'_, '_>) -> Result<Self, DecodeError> {
        let mut fault = Fault::default();
        while let Some(element) = body.reader.child()? {
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Soap, "Code") => fault.read_code(body)?,
                (Ns::Soap, "Reason") => fault.read_reason(body)?,
                (Ns::Soap, "Detail") => {
                    while let Some(part) = body.reader.child()? {
                        fault.read_detail(body, &part)?;
                    }
                    let raw = body.reader.raw(body.reader.mark_of(&element));
                    fault.detail_xml = Some(raw.to_owned());
                }
                _ => body.reader.skip()?,
            }
        }
        Ok(fault)
    }

    fn read_code(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            match element.local_name() {
                "Value" => self.code = FaultCode::of(local(&body.reader.inner_text()?)),
                "Subcode" => self.read_subcode(body)?,
                _ => body.reader.skip()?,
            }
        }
        Ok(())
    }

    /// Subcodes may be nested (MS-WSMV 4.10); the outermost is the one the specifications list.
    fn read_subcode(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            if element.local_name() != "Value" {
                body.reader.skip()?;
                continue;
            }
            let text = body.reader.inner_text()?;
            // OMI's own table has it with this letter missing.
            let name = if local(&text) == "EndpointUnavilable" {
                "EndpointUnavailable"
            } else {
                local(&text)
            };
            self.subcode = Some(name.to_owned()).filter(|name| !name.is_empty());
        }
        Ok(())
    }

    fn read_reason(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(_text) = body.reader.child()? {
            let text = body.reader.inner_text()?;
            if self.reason.is_empty() {
                self.reason = trim(&text).to_owned();
            }
        }
        Ok(())
    }

    fn read_detail(
        &mut self,
        body: &mut Body<'_, '_>,
        part: &Element<'_>,
    ) -> Result<(), DecodeError> {
        let is_error = body.reader.attribute(part, Ns::CimBinding, "IsCIM_Error");
        if is_error.is_some_and(|mark| trim(&mark).eq_ignore_ascii_case("true")) {
            let error = body.instances.instance(body.reader, part)?;
            self.cim_error = Some(Box::new(error));
            return Ok(());
        }
        match (body.reader.ns(part), part.local_name()) {
            (Ns::Wsman, "FaultDetail") => {
                let text = body.reader.inner_text()?;
                self.fault_detail = trim(&text).rsplit('/').next().map(str::to_owned);
                Ok(())
            }
            (Ns::MsFault, "WSManFault") => self.read_wsman_fault(body, part),
            _ => Ok(body.reader.skip()?),
        }
    }

    /// A WSManFault; one inside it is more specific and takes its place.
    fn read_wsman_fault(
        &mut self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        let code = body.reader.attribute(element, Ns::None, "Code");
        if let Some(code) = code.and_then(|code| trim(&code).parse().ok()) {
            self.wsman_code = Some(WsmanCode(code));
        }
        while let Some(part) = body.reader.child()? {
            match part.local_name() {
                "Message" => self.read_message(body)?,
                _ => body.reader.skip()?,
            }
        }
        Ok(())
    }

    /// A message, or the ProviderFault in it, is text or is made of further faults.
    fn read_message(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        let mut next = match body.reader.content()? {
            Content::Text(text) | Content::Mixed(text) => {
                self.wsman_message = Some(trim(&text).to_owned());
                return Ok(());
            }
            Content::Child(child) if !is_fault_part(&child) => {
                // Markup in a text, which begins with it.
                let mut text = body.reader.inner_text()?.into_owned();
                text.push_str(&body.reader.inner_text()?);
                self.wsman_message = Some(trim(&text).to_owned());
                return Ok(());
            }
            Content::Child(child) => Some(child),
        };
        while let Some(part) = next {
            match part.local_name() {
                "ProviderFault" => {
                    let provider = body.reader.attribute(&part, Ns::None, "provider");
                    self.provider = provider.map(|provider| provider.into_owned());
                    self.read_message(body)?;
                }
                "WSManFault" => self.read_wsman_fault(body, &part)?,
                "ExtendedError" => self.read_extended_error(body)?,
                _ => body.reader.skip()?,
            }
            next = body.reader.child()?;
        }
        Ok(())
    }

    fn read_extended_error(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            let status = body.instances.instance(body.reader, &element)?;
            self.extended_status = Some(Box::new(status));
        }
        Ok(())
    }
}

impl FaultCode {
    fn of(local: &str) -> Self {
        match local {
            "Sender" => FaultCode::Sender,
            "Receiver" => FaultCode::Receiver,
            "MustUnderstand" => FaultCode::MustUnderstand,
            "VersionMismatch" => FaultCode::VersionMismatch,
            "" => FaultCode::Missing,
            other => FaultCode::Other(other.to_owned()),
        }
    }

    /// The local name of the code.
    pub fn as_str(&self) -> &str {
        match self {
            FaultCode::Sender => "Sender",
            FaultCode::Receiver => "Receiver",
            FaultCode::MustUnderstand => "MustUnderstand",
            FaultCode::VersionMismatch => "VersionMismatch",
            FaultCode::Missing => "",
            FaultCode::Other(other) => other,
        }
    }
}

/// The longest name of a subcode or a detail that is shown, in characters.
const NAME: usize = 80;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |text| Shown::new(text).at_most(NAME);
        let subcode = self.subcode.as_deref();
        name(subcode.unwrap_or_else(|| self.code.as_str())).fmt(f)?;
        if let Some(detail) = &self.fault_detail {
            write!(f, "/{}", name(detail))?;
        }
        if let Some(code) = self.wsman_code {
            write!(f, " {code}")?;
        }
        write!(f, ": {}", Shown::new(self.message()))
    }
}

impl std::error::Error for Fault {}

/// Whether an element of a message is one of those that Windows makes it of.
fn is_fault_part(element: &Element<'_>) -> bool {
    let local = element.local_name();
    matches!(local, "ProviderFault" | "WSManFault" | "ExtendedError")
}

/// The part of a qualified name after its prefix.
fn local(name: &str) -> &str {
    let name = trim(name);
    name.rsplit(':').next().unwrap_or(name)
}

/// The number in `HRESULT 0x803381a6` or `Windows System Error 87`.
fn number_at_end(text: &str) -> Option<u32> {
    let last = text.rsplit(' ').next()?;
    match last.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => last.parse().ok(),
    }
}
