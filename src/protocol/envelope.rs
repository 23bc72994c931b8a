//! The SOAP envelope.

use std::sync::LazyLock;

use super::DecodeError;
use super::body::Body;
use super::fault::Fault;
use super::header::Header;
use super::instance::InstanceReader;
use crate::cim::ValueError;
use crate::xml::{Element, Limits, Ns, Reader, Writer, decode, uri};

/// The capacity for a small message without a second allocation.
const USUAL_SIZE: usize = 8192;

/// The start of every message; the prefixes are those of Windows.
const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:s", uri::SOAP),
    ("xmlns:a", uri::ADDRESSING),
    ("xmlns:w", uri::WSMAN),
    ("xmlns:p", uri::MS_WSMAN),
];

/// The start tag of every message.
static START: LazyLock<String> = LazyLock::new(|| {
    let mut w = Writer::with_capacity(USUAL_SIZE);
    // The names are valid, so that it cannot fail.
    let _written = w.open("s:Envelope", &NAMESPACES);
    w.into_markup()
});

/// Writes a message: `header` and `body` write the content of `s:Header` and `s:Body`.
pub(crate) fn write_envelope(
    header: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
    body: impl FnOnce(&mut Writer) -> Result<(), ValueError>,
) -> Result<Vec<u8>, ValueError> {
    let mut w = Writer::with_capacity(USUAL_SIZE);
    w.markup(&START);
    header(&mut w)?;
    w.open("s:Body", &[])?;
    body(&mut w)?;
    w.close("s:Body");
    w.close("s:Envelope");
    Ok(w.finish())
}

/// Reads a message to its end. Returns a fault, or the result of `body` for the first element of the
/// body, which is `None` if the body is empty. Further elements are skipped (the response to a shell's
/// Create has two), except for a fault.
pub(crate) fn read_envelope<T>(
    bytes: &[u8],
    limits: Limits,
    body: impl FnOnce(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
) -> Result<(Header, Result<T, Box<Fault>>), DecodeError> {
    let document = decode(bytes, limits.charset)?;
    let mut reader = Reader::of(&document, limits)?;
    let header = start_envelope(&mut reader)?;
    let mut instances = InstanceReader::default();
    let mut parts = Body::of(&mut reader, &mut instances);
    let first = parts.reader.child()?;
    if let Some(element) = &first
        && parts.reader.is(element, Ns::Soap, "Fault")
    {
        let fault = Fault::read(&mut parts)?;
        reader.finish()?;
        return Ok((header, Err(Box::new(fault))));
    }
    let content = body(&mut parts, first.as_ref(), &header)?;
    finish_envelope(&mut reader)?;
    Ok((header, Ok(content)))
}

/// The number of open elements in a body: the envelope and the body itself.
const IN_BODY: usize = 2;

/// Reads the rest of a message after its content. Fails if it contradicts the content: a fault after
/// it, or another body.
pub(super) fn finish_envelope(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    while reader.depth() > IN_BODY {
        reader.skip()?;
    }
    if reader.depth() == IN_BODY {
        refuse_faults(reader)?;
    }
    while let Some(element) = reader.child()? {
        if !reader.is(&element, Ns::Soap, "Body") {
            reader.skip()?;
            continue;
        }
        refuse_faults(reader)?;
        return Err(DecodeError::Repeated("s:Body"));
    }
    Ok(reader.finish()?)
}

/// Skips the rest of a body, which must not contain a fault.
fn refuse_faults(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    while let Some(element) = reader.child()? {
        if matches!(reader.ns(&element), Ns::Soap | Ns::Soap11) && element.local_name() == "Fault" {
            let fault = Fault::read(&mut Body::of(reader, &mut InstanceReader::default()))?;
            return Err(DecodeError::Contradictory(fault.to_string()));
        }
        reader.skip()?;
    }
    Ok(())
}

/// Reads a message up to its body, and enters it.
pub(super) fn start_envelope(reader: &mut Reader<'_>) -> Result<Header, DecodeError> {
    let root = reader.root()?;
    if !reader.is(&root, Ns::Soap, "Envelope") {
        let version = match reader.ns(&root) {
            Ns::Soap11 => "SOAP 1.1 ",
            _ => "",
        };
        return Err(DecodeError::NotSoap([version, root.local_name()].concat()));
    }
    enter_body(reader)
}

/// Reads the header, if there is one, and enters the body.
fn enter_body(reader: &mut Reader<'_>) -> Result<Header, DecodeError> {
    let mut header = None;
    while let Some(element) = reader.child()? {
        match (reader.ns(&element), element.local_name()) {
            (Ns::Soap, "Header") if header.is_some() => {
                return Err(DecodeError::Repeated("s:Header"));
            }
            (Ns::Soap, "Header") => header = Some(Header::read(reader)?),
            (Ns::Soap, "Body") => return Ok(header.unwrap_or_default()),
            _ => reader.skip()?,
        }
    }
    Err(DecodeError::Missing("s:Body"))
}
