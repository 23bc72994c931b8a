//! Decodes bytes: detects the encoding of a document and converts it to text.

use std::borrow::Cow;

use super::character::NOT_TEXT;
use super::charset::Charset;
use super::error::XmlError;
use super::{declaration, windows_1252};

/// A document as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(super) origin: Origin,
}

/// How a text was decoded from bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    charset: Charset,
    /// The length of the byte order mark.
    mark: usize,
    /// The position of the first invalid bytes in the text, and their code unit.
    pub(super) invalid: Option<(usize, u16)>,
}

impl Origin {
    /// The value for input that is already text.
    pub(super) const TEXT: Self = Self {
        charset: Charset::Utf8,
        mark: 0,
        invalid: None,
    };

    pub(super) fn charset(self) -> Charset {
        self.charset
    }

    /// Returns the number of bytes of the document before a text, all bytes of which were valid.
    pub(super) fn bytes_before(self, text: &str) -> usize {
        self.mark
            + match self.charset {
                Charset::Utf8 | Charset::Unknown => text.len(),
                Charset::Utf16 => 2 * text.encode_utf16().count(),
                Charset::Ascii | Charset::Latin1 | Charset::Windows1252 => text.chars().count(),
            }
    }
}

/// Decodes borrowed bytes, which are copied only if they are not UTF-8. `header` is the encoding from
/// the transport, if any.
///
/// Invalid bytes become [`NOT_TEXT`], which the reader then finds at their position.
pub(crate) fn decode(bytes: &[u8], header: Option<Charset>) -> Result<Document<'_>, XmlError> {
    let (mark, form) = form(bytes)?;
    let content = bytes.get(mark..).unwrap_or_default();
    let unit = match form {
        Form::Bytes => return decode_bytes(content, mark, header),
        Form::BigEndian => u16::from_be_bytes,
        Form::LittleEndian => u16::from_le_bytes,
    };
    let (text, invalid) = from_utf16(content, unit);
    let origin = Origin {
        charset: Charset::Utf16,
        mark,
        invalid,
    };
    agree(Charset::Utf16, declared(&text)?, || false)?;
    let text = Cow::Owned(text);
    Ok(Document { text, origin })
}

/// Decodes owned bytes without copying UTF-8, which is validated once.
pub(crate) fn decode_owned(
    mut bytes: Vec<u8>,
    header: Option<Charset>,
) -> Result<Document<'static>, XmlError> {
    let (mark, form) = form(&bytes)?;
    let content = bytes.get(mark..).unwrap_or_default();
    if form == Form::Bytes && charset_of(content, mark, header)? == Charset::Utf8 {
        bytes = match String::from_utf8(bytes) {
            Ok(mut text) => {
                text.drain(..mark);
                let origin = Origin {
                    mark,
                    ..Origin::TEXT
                };
                let text = Cow::Owned(text);
                return Ok(Document { text, origin });
            }
            Err(invalid) => invalid.into_bytes(),
        }
    }
    let Document { text, origin } = decode(&bytes, header)?;
    let text = Cow::Owned(text.into_owned());
    Ok(Document { text, origin })
}

/// The form of the code units of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    BigEndian,
    LittleEndian,
}

/// Returns the length of the byte order mark and its encoding. Without one, the first character shows
/// the form (XML 1.0, appendix F): no document starts with U+0000.
fn form(bytes: &[u8]) -> Result<(usize, Form), XmlError> {
    Ok(match bytes {
        [0, 0, ..] | [0xff, 0xfe, 0, 0, ..] => {
            return Err(XmlError::Encoding("UTF-32".into()));
        }
        [0xef, 0xbb, 0xbf, ..] => (3, Form::Bytes),
        [0xfe, 0xff, ..] => (2, Form::BigEndian),
        [0xff, 0xfe, ..] => (2, Form::LittleEndian),
        [0, _, ..] => (0, Form::BigEndian),
        [_, 0, ..] => (0, Form::LittleEndian),
        _ => (0, Form::Bytes),
    })
}

fn decode_bytes(
    bytes: &[u8],
    mark: usize,
    header: Option<Charset>,
) -> Result<Document<'_>, XmlError> {
    let charset = charset_of(bytes, mark, header)?;
    let (text, invalid) = match charset {
        Charset::Ascii => from_table(bytes, |byte| byte.is_ascii().then(|| char::from(byte))),
        Charset::Latin1 => from_table(bytes, |byte| Some(char::from(byte))),
        Charset::Windows1252 => from_table(bytes, windows_1252::character),
        Charset::Utf16 | Charset::Unknown if bytes.is_ascii() => from_utf8(bytes),
        Charset::Utf8 => from_utf8(bytes),
        Charset::Utf16 | Charset::Unknown => {
            let text = format!(
                "the document declares {}, but its bytes are not",
                charset.name()
            );
            return Err(XmlError::Encoding(text));
        }
    };
    let origin = Origin {
        charset,
        mark,
        invalid,
    };
    Ok(Document { text, origin })
}

/// Returns the encoding of bytes after a byte order mark of this length.
fn charset_of(bytes: &[u8], mark: usize, header: Option<Charset>) -> Result<Charset, XmlError> {
    let declared = declared_in_bytes(bytes)?;
    let charset = match (mark, declared, header) {
        (0, Some(charset), _) | (0, None, Some(charset)) => charset,
        _ => Charset::Utf8,
    };
    // About ASCII, every encoding of single bytes and UTF-8 agree.
    agree(charset, declared, || bytes.is_ascii())?;
    agree(charset, header, || bytes.is_ascii())?;
    Ok(charset)
}

/// Rejects a document with two contradicting encodings, unless the result is the same.
fn agree(
    charset: Charset,
    other: Option<Charset>,
    is_same: impl FnOnce() -> bool,
) -> Result<(), XmlError> {
    match other {
        Some(other) if other != charset && !is_same() => {
            let text = format!(
                "contradicting declarations of {} and {}",
                charset.name(),
                other.name()
            );
            Err(XmlError::Encoding(text))
        }
        _ => Ok(()),
    }
}

/// Returns the encoding that a document declares.
fn declared(document: &str) -> Result<Option<Charset>, XmlError> {
    let Some(name) = declaration::encoding(document) else {
        return Ok(None);
    };
    match Charset::of(name) {
        Charset::Unknown => Err(XmlError::Encoding(name.into())),
        charset => Ok(Some(charset)),
    }
}

/// Returns the encoding that a declaration names. A declaration is short and contains only ASCII.
fn declared_in_bytes(bytes: &[u8]) -> Result<Option<Charset>, XmlError> {
    const LONGEST: usize = 256;
    if !bytes.starts_with(b"<?xml") {
        return Ok(None);
    }
    let start = bytes.get(..LONGEST).unwrap_or(bytes);
    let end = start.windows(2).position(|end| end == b"?>");
    let start = end.and_then(|end| start.get(..end + 2)).unwrap_or_default();
    declared(std::str::from_utf8(start).unwrap_or_default())
}

fn from_utf8(bytes: &[u8]) -> (Cow<'_, str>, Option<(usize, u16)>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(_) => {
            let (text, invalid) = from_broken_utf8(bytes);
            (Cow::Owned(text), invalid)
        }
    }
}

#[cold]
fn from_broken_utf8(bytes: &[u8]) -> (String, Option<(usize, u16)>) {
    let mut text = String::with_capacity(bytes.len());
    let mut invalid = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if let Some(byte) = chunk.invalid().first() {
            invalid.get_or_insert((text.len(), u16::from(*byte)));
            text.push(NOT_TEXT);
        }
    }
    (text, invalid)
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, Option<(usize, u16)>) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut invalid = None;
    let characters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    let half = rest.first().map(|byte| Err(u16::from(*byte)));
    for character in characters
        .map(|character| character.map_err(|error| error.unpaired_surrogate()))
        .chain(half)
    {
        match character {
            Ok(character) => text.push(character),
            Err(unit) => {
                invalid.get_or_insert((text.len(), unit));
                text.push(NOT_TEXT);
            }
        }
    }
    (text, invalid)
}

fn from_table(
    bytes: &[u8],
    character: impl Fn(u8) -> Option<char>,
) -> (Cow<'_, str>, Option<(usize, u16)>) {
    let mut text = String::with_capacity(bytes.len());
    let mut invalid = None;
    for byte in bytes {
        match character(*byte) {
            Some(character) => text.push(character),
            None => {
                invalid.get_or_insert((text.len(), u16::from(*byte)));
                text.push(NOT_TEXT);
            }
        }
    }
    (Cow::Owned(text), invalid)
}
