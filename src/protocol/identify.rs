//! Identify: the identity of a server (DSP0226 11).

use super::{Body, DecodeError};
use crate::xml::{Element, Ns, Writer, trim, uri};

/// The identity that a server reports.
///
/// Without authentication, Windows hides its version (`OS: 0.0.0 SP: 0.0 Stack: 3.0`) and its security
/// profiles (MS-WSMV 3.1.4.1.23).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The namespace of the protocol version.
    pub protocol_version: String,
    /// The vendor, such as `Microsoft Corporation`.
    pub product_vendor: String,
    /// The product version; on Windows also the version of the operating system.
    pub product_version: String,
    /// The URIs of the supported authentication schemes.
    pub security_profiles: Vec<String>,
}

/// Writes the whole message: Identify is the only operation without addressing headers.
pub(crate) fn write_identify() -> Result<Vec<u8>, crate::cim::ValueError> {
    let mut w = Writer::with_capacity(256);
    w.open(
        "s:Envelope",
        &[("xmlns:s", uri::SOAP), ("xmlns:wsmid", uri::IDENTIFY)],
    )?;
    w.empty("s:Header", &[])?;
    w.open("s:Body", &[])?;
    w.empty("wsmid:Identify", &[])?;
    w.close("s:Body");
    w.close("s:Envelope");
    Ok(w.finish())
}

/// Reads an IdentifyResponse. OMI puts its element into the SOAP namespace, so only the local name
/// counts.
pub(crate) fn read_identify(
    body: &mut Body<'_, '_>,
    first: Option<&Element<'_>>,
) -> Result<Identity, DecodeError> {
    match first {
        Some(element) if element.local_name() == "IdentifyResponse" => {}
        Some(element) => return Err(DecodeError::Unexpected(element.local_name().to_owned())),
        None => return Err(DecodeError::Missing("wsmid:IdentifyResponse")),
    }
    let mut identity = Identity::default();
    while let Some(element) = body.reader.child()? {
        match (body.reader.ns(&element), element.local_name()) {
            (Ns::Identify, "ProtocolVersion") => identity.protocol_version = text(body)?,
            (Ns::Identify, "ProductVendor") => identity.product_vendor = text(body)?,
            (Ns::Identify, "ProductVersion") => identity.product_version = text(body)?,
            (Ns::Identify, "SecurityProfiles") => {
                while let Some(_profile) = body.reader.child()? {
                    identity.security_profiles.push(text(body)?);
                }
            }
            _ => body.reader.skip()?,
        }
    }
    Ok(identity)
}

fn text(body: &mut Body<'_, '_>) -> Result<String, DecodeError> {
    Ok(trim(&body.reader.text()?).to_owned())
}
