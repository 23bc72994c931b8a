//! Writes the frame.

use super::{BOUNDARY, MimeForm, Protocol, Sealer};

/// Seals a SOAP message in UTF-8; returns the body to send with [`Protocol::content_type`].
pub(crate) fn seal<S: Sealer + ?Sized>(
    sealer: &mut S,
    protocol: Protocol,
    form: MimeForm,
    message: &[u8],
) -> Result<Vec<u8>, S::Error> {
    let sealed = sealer.seal(message)?;
    let tab = match form {
        MimeForm::Tabbed => "\t",
        MimeForm::Untabbed => "",
    };
    let head = [
        format!("--{BOUNDARY}\r\n"),
        format!("{tab}Content-Type: {}\r\n", protocol.name()),
        format!(
            "{tab}OriginalContent: type=application/soap+xml;charset=UTF-8;Length={}\r\n",
            // The announced length includes RC4's padding, as in other clients of Windows.
            sealed.data.len()
        ),
        format!("--{BOUNDARY}\r\n"),
        format!("{tab}Content-Type: application/octet-stream\r\n"),
    ]
    .concat();
    // The part headers end without an empty line, and the data without a line break.
    let length = u32::try_from(sealed.header.len()).unwrap_or(u32::MAX);
    Ok([
        head.as_bytes(),
        &length.to_le_bytes(),
        &sealed.header,
        &sealed.data,
        format!("--{BOUNDARY}--\r\n").as_bytes(),
    ]
    .concat())
}
