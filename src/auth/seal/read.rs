//! Reads the frame.

use thiserror::Error;

use super::{BOUNDARY, Protocol, Sealer};

/// The limit of a sealed message's header: NTLM has 16 bytes, Kerberos about 60. It is less than
/// the number that a line break reads as, which tells an extra line break from a length.
pub(super) const LONGEST_HEADER: usize = 1024;

/// The limit of the length of a part header line, and of the lines of a part.
pub(super) const LONGEST_LINE: usize = 1024;
pub(super) const MOST_LINES: usize = 16;

/// The limit of padding, in bytes.
pub(super) const MOST_PADDING: usize = 64;

/// An invalid sealed message. `E` is the error of the [`Sealer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum UnsealError<E> {
    /// The frame is invalid.
    #[error("the sealed message has no {0}")]
    Missing(&'static str),
    /// A part has an unsupported type.
    #[error("the sealed message has an unknown Content-Type")]
    UnknownType,
    /// The announced length exceeds the caller's limit.
    #[error("the sealed message is longer than {0} bytes")]
    TooLong(usize),
    /// The data does not have the announced length.
    #[error("the sealed message has {found} bytes, but its header announces {announced}")]
    Length { announced: usize, found: usize },
    /// The seal is invalid.
    #[error("the sealed message cannot be unsealed")]
    Seal(#[source] E),
}

/// Whether a content type is that of a sealed message.
pub(crate) fn is_sealed(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("multipart/encrypted")
}

/// Whether a body starts like that of a sealed message.
pub(crate) fn begins(body: &[u8]) -> bool {
    Cursor(body).boundary::<()>().is_ok()
}

/// Unseals a message of at most `limit` bytes.
///
/// Servers write the frame differently: with or without tabs before the part headers, a space after
/// the dashes, more line breaks, more data for padding. The data is found by its length, since it
/// can hold anything, even the boundary.
pub(crate) fn unseal<S: Sealer + ?Sized>(
    sealer: &mut S,
    body: &[u8],
    limit: usize,
) -> Result<Vec<u8>, UnsealError<S::Error>> {
    let frame = Frame::read(body, limit)?;
    let mut message = sealer
        .unseal(frame.header, frame.data)
        .map_err(UnsealError::Seal)?;
    let found = message.len();
    // RC4 counts its padding, which unsealing removes.
    let counted = frame.announced == frame.data.len() && found + MOST_PADDING >= frame.announced;
    if counted && found < frame.announced {
        return Ok(message);
    }
    let padding = message.get(frame.announced..);
    if !padding.is_some_and(|padding| padding.iter().all(|byte| *byte == 0)) {
        return Err(UnsealError::Length {
            announced: frame.announced,
            found,
        });
    }
    // OMI's client counts its padding as part of the message.
    let end = message.iter().rposition(|byte| *byte != 0);
    message.truncate(end.map_or(0, |end| end + 1));
    Ok(message)
}

/// The content of a body.
struct Frame<'a> {
    /// The announced length of the message.
    announced: usize,
    header: &'a [u8],
    data: &'a [u8],
}

impl<'a> Frame<'a> {
    fn read<E>(body: &'a [u8], limit: usize) -> Result<Self, UnsealError<E>> {
        let mut rest = Cursor(body);
        rest.boundary()?;
        let announced = rest.original_length()?;
        if announced > limit {
            return Err(UnsealError::TooLong(limit));
        }
        rest.boundary()?;
        rest.octet_stream()?;
        let (header, data) = pieces(rest.0)?;
        let data = without_end(data).ok_or(UnsealError::Missing("closing boundary"))?;
        let data = match data.len().checked_sub(announced) {
            // One extra line break.
            Some(2) if data.ends_with(b"\r\n") => data.get(..announced).unwrap_or(data),
            Some(0..=MOST_PADDING) => data,
            _ => {
                let found = data.len();
                return Err(UnsealError::Length { announced, found });
            }
        };
        Ok(Self {
            announced,
            header,
            data,
        })
    }
}

/// The unread rest.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// Takes the next line that is not empty, trimmed.
    fn line<E>(&mut self) -> Result<&'a [u8], UnsealError<E>> {
        for _ in 0..MOST_LINES {
            let end = self.0.iter().take(LONGEST_LINE).position(|b| *b == b'\n');
            let end = end.ok_or(UnsealError::Missing("end of a line"))?;
            let (line, rest) = self.0.split_at_checked(end + 1).unwrap_or((self.0, &[]));
            self.0 = rest;
            let line = line.trim_ascii();
            if !line.is_empty() {
                return Ok(line);
            }
        }
        Err(UnsealError::Missing("header"))
    }

    /// Takes the line that starts a part.
    fn boundary<E>(&mut self) -> Result<(), UnsealError<E>> {
        let line = self.line()?;
        let name = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_start);
        match name {
            Some(name) if name == BOUNDARY.as_bytes() => Ok(()),
            _ => Err(UnsealError::Missing("boundary")),
        }
    }

    /// Takes the headers of the first part; returns the length of the message.
    fn original_length<E>(&mut self) -> Result<usize, UnsealError<E>> {
        let mut has_type = false;
        let mut length = None;
        for _ in 0..MOST_LINES {
            if self.0.trim_ascii_start().starts_with(b"--") {
                break;
            }
            let (name, value) = header(self.line()?)?;
            if name.eq_ignore_ascii_case("Content-Type") {
                // Kerberos inside Negotiate may use either name (MS-WSMV 2.2.9.1.2.2.1).
                let known = [Protocol::Spnego, Protocol::Kerberos].map(Protocol::name);
                has_type = known.iter().any(|known| known.eq_ignore_ascii_case(value));
                if !has_type {
                    return Err(UnsealError::UnknownType);
                }
            } else if name.eq_ignore_ascii_case("OriginalContent") {
                length = announced(value);
            }
        }
        match length {
            Some(length) if has_type => Ok(length),
            Some(_) => Err(UnsealError::Missing("type")),
            None => Err(UnsealError::Missing("length")),
        }
    }

    /// Takes the one header of the second part; the data starts right after it.
    fn octet_stream<E>(&mut self) -> Result<(), UnsealError<E>> {
        let (name, value) = header(self.line()?)?;
        if !name.eq_ignore_ascii_case("Content-Type") {
            return Err(UnsealError::Missing("type"));
        }
        if !value.eq_ignore_ascii_case("application/octet-stream") {
            return Err(UnsealError::UnknownType);
        }
        Ok(())
    }
}

fn header<E>(line: &[u8]) -> Result<(&str, &str), UnsealError<E>> {
    let line = std::str::from_utf8(line).ok();
    let header = line.and_then(|line| line.split_once(':'));
    let (name, value) = header.ok_or(UnsealError::Missing("header"))?;
    Ok((name.trim(), value.trim()))
}

/// Parses the length in `type=application/soap+xml;charset=UTF-8;Length=1234`.
fn announced(value: &str) -> Option<usize> {
    value.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        let is_length = name.trim().eq_ignore_ascii_case("Length");
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        (is_length && is_number).then(|| value.parse().ok())?
    })
}

/// Splits the header, which its length precedes, from the data.
fn pieces<E>(rest: &[u8]) -> Result<(&[u8], &[u8]), UnsealError<E>> {
    let mut rest = rest;
    loop {
        let (length, behind) = rest
            .split_first_chunk::<4>()
            .ok_or(UnsealError::Missing("data"))?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length <= LONGEST_HEADER {
            return behind
                .split_at_checked(length)
                .ok_or(UnsealError::Missing("data"));
        }
        rest = rest
            .strip_prefix(b"\r\n")
            .ok_or(UnsealError::Missing("data"))?;
    }
}

/// Returns the data before the closing boundary.
fn without_end(data: &[u8]) -> Option<&[u8]> {
    let data = data.trim_ascii_end();
    let data = data.strip_suffix(b"--")?;
    let data = data.strip_suffix(BOUNDARY.as_bytes())?;
    let without_space = data.strip_suffix(b" ").unwrap_or(data);
    without_space.strip_suffix(b"--")
}
