//! SOAP faults and the forms of their detail.

mod names;

use std::fmt;

pub use names::{FaultDetail, FaultSubcode};

use super::{Body, DecodeError, WsmanCode};
use crate::cim::{CimStatus, Instance, WbemStatus};
use crate::shown::Shown;
use crate::xml::{Content, Element, Ns, trim};

/// A SOAP fault with all its details, in the server's own words.
///
/// Base decisions on [`crate::Error`], which one table derives from a fault; the reason is localised
/// display text. The detail has four forms, which may be combined: `w:FaultDetail`; an `f:WSManFault`;
/// one inside another with WMI's `__ExtendedStatus`; a `CIM_Error` instance.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// The SOAP code, which states the party at fault.
    pub code: FaultCode,
    /// The subcode, which is more specific than the code.
    pub subcode: Option<FaultSubcode>,
    /// The reason, as localised text.
    pub reason: String,
    /// The last segment of `w:FaultDetail`, which specifies the subcode.
    pub fault_detail: Option<FaultDetail>,
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
    /// The element of the detail as received. Its prefixes may be declared by outer elements.
    pub detail_xml: Option<String>,
}

/// The code of a SOAP 1.2 fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultCode {
    /// The message was invalid.
    Sender,
    /// The message may be valid; the server could not process it.
    Receiver,
    /// A mandatory header was not understood.
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
    /// Returns the status of the CIM operation: `CIMStatusCode`, else the number in `OMI:MI_Result:n`.
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

    /// Returns an HRESULT of WMI from the error's code or message identifier, WMI's extended status, or
    /// the code of a WSManFault. Returns `None` if none of them is a WMI code.
    pub fn wbem(&self) -> Option<WbemStatus> {
        self.codes()
            .map(WbemStatus)
            .find(|status| status.name().is_some())
    }

    /// Returns the HRESULT that the server sent: a WMI code from any of these places, else the code of
    /// its error instance or extended status. [`Fault::wsman_code`] is the code of a WSManFault.
    pub fn hresult(&self) -> Option<u32> {
        let of_wmi = self.wbem().map(|status| status.0);
        of_wmi.or_else(|| self.instance_codes().find(|code| code & 0x8000_0000 != 0))
    }

    /// Returns the most specific display text: of the CIM error, of the innermost WSManFault, else the
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

    /// Returns every number that may be an HRESULT or a Win32 code, the most specific first.
    pub(crate) fn codes(&self) -> impl Iterator<Item = u32> {
        self.instance_codes()
            .chain(self.wsman_code.map(|code| code.0))
    }

    /// Returns the codes of the error instance and of the extended status.
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

    /// Reads a fault; the reader is in it.
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
                    fault.detail_xml = Some(raw.into_owned());
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

    /// Subcodes may be nested (MS-WSMV 4.10); the specifications list the outermost.
    fn read_subcode(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        while let Some(element) = body.reader.child()? {
            if element.local_name() != "Value" {
                body.reader.skip()?;
                continue;
            }
            let text = body.reader.inner_text()?;
            let name = Some(local(&text)).filter(|name| !name.is_empty());
            self.subcode = name.map(FaultSubcode::from);
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
                self.fault_detail = trim(&text).rsplit('/').next().map(FaultDetail::from);
                Ok(())
            }
            (Ns::MsFault, "WSManFault") => self.read_wsman_fault(body, part),
            _ => Ok(body.reader.skip()?),
        }
    }

    /// Reads a WSManFault; an inner one is more specific and replaces it.
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

    /// Reads a message, or the ProviderFault in it: text or further faults.
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

    /// Returns the local name of the code.
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

/// The maximum length of a subcode or a detail in texts, in characters.
const NAME: usize = 80;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_codes(f)?;
        write!(f, ": {}", Shown::new(self.message()))
    }
}

impl Fault {
    /// Prints the codes, without the text of the server.
    pub(crate) fn fmt_codes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |text| Shown::new(text).at_most(NAME);
        let subcode = self.subcode.as_ref().map(FaultSubcode::as_str);
        write!(f, "{}", name(subcode.unwrap_or_else(|| self.code.as_str())))?;
        if let Some(detail) = &self.fault_detail {
            write!(f, "/{}", name(detail.as_str()))?;
        }
        match self.wsman_code {
            Some(code) => write!(f, " {code}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// Returns whether an element is a part of a Windows fault message.
fn is_fault_part(element: &Element<'_>) -> bool {
    let local = element.local_name();
    matches!(local, "ProviderFault" | "WSManFault" | "ExtendedError")
}

/// Returns the part of a qualified name after its prefix.
fn local(name: &str) -> &str {
    let name = trim(name);
    name.rsplit(':').next().unwrap_or(name)
}

/// Returns the number in `HRESULT 0x803381a6` or `Windows System Error 87`.
fn number_at_end(text: &str) -> Option<u32> {
    let last = text.rsplit(' ').next()?;
    match last.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => last.parse().ok(),
    }
}
