//! Bytes to text, and what can be wrong with a document.

use std::borrow::Cow;
use std::fmt;

/// A document that is not well-formed, not complete, or over a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlError {
    /// The bytes are no text in UTF-8 or UTF-16.
    Encoding,
    /// There is no document at all.
    Empty,
    /// Not well-formed; the text says what the parser found.
    Malformed(String),
    /// The document stops before its last element is closed.
    Truncated,
    /// A document type declaration, which no SOAP message may have (SOAP 1.2 part 1, section 5).
    DocumentType,
    /// Elements nested deeper than the limit.
    TooDeep(usize),
    /// More elements than the limit.
    TooManyElements(usize),
    /// More bytes than the limit.
    TooLarge(usize),
    /// Text where an element was expected, or the other way round.
    MixedContent(String),
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlError::Encoding => f.write_str("the bytes are neither UTF-8 nor UTF-16"),
            XmlError::Empty => f.write_str("there is no document"),
            XmlError::Malformed(what) => write!(f, "not well-formed: {what}"),
            XmlError::Truncated => f.write_str("the document stops before its end"),
            XmlError::DocumentType => f.write_str("the document has a document type"),
            XmlError::TooDeep(limit) => write!(f, "nested deeper than {limit} elements"),
            XmlError::TooManyElements(limit) => write!(f, "more than {limit} elements"),
            XmlError::TooLarge(limit) => write!(f, "larger than {limit} bytes"),
            XmlError::MixedContent(element) => write!(f, "text and elements mixed in {element}"),
        }
    }
}

impl std::error::Error for XmlError {}

/// White space as XML defines it.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Cuts XML white space off both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The local names of the tags of a document, the last one first, by nothing but their brackets: fit to
/// guess with, because comments and CDATA sections are not told apart.
pub(crate) fn tag_names_from_end(text: &str) -> impl Iterator<Item = &str> {
    text.rsplit('<').map(|tag| {
        let name = tag.trim_start_matches('/');
        let name = name.split(|c| is_space(c) || matches!(c, '/' | '>')).next();
        let name = name.unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    })
}

/// The text of a document: UTF-8, or UTF-16 with its byte order mark; borrowed where it can be.
pub(crate) fn to_utf8(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    match bytes {
        [0xfe, 0xff, rest @ ..] => from_utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => from_utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest)
            .map(Cow::Borrowed)
            .map_err(|_| XmlError::Encoding),
    }
}

/// The same of bytes that are owned: a copy is made of UTF-16 only.
pub(crate) fn into_utf8(bytes: Vec<u8>) -> Result<String, XmlError> {
    if let [0xfe, 0xff, ..] | [0xff, 0xfe, ..] = bytes[..] {
        return to_utf8(&bytes).map(Cow::into_owned);
    }
    let mut text = String::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, XmlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(XmlError::Encoding);
    }
    let text: Result<String, _> =
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    text.map(Cow::Owned).map_err(|_| XmlError::Encoding)
}
