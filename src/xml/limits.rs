//! The limits and settings for reading a document.

use super::charset::Charset;

/// The limits of a document.
///
/// ```
/// let limits = wsman::xml::Limits::default();
/// assert_eq!(limits.depth, 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum bytes of a response.
    pub bytes: usize,
    /// The maximum nesting of elements.
    pub depth: usize,
    /// The maximum number of elements in a document.
    pub elements: usize,
    /// The maximum number of attributes of an element, without its namespace declarations.
    pub attributes: usize,
    /// The maximum number of namespaces that are declared at one place.
    pub namespaces: usize,
    /// Whether invalid characters are read as U+FFFD.
    pub(crate) lossy: bool,
    /// The encoding from the transport.
    pub(crate) charset: Option<Charset>,
}

impl Default for Limits {
    /// 16 MiB, 64 levels, 2,000,000 elements, 1,000 attributes, 128 namespaces: far more than a server sends that respects the
    /// `MaxEnvelopeSize` of the request, and far too few to exhaust memory.
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 64,
            elements: 2_000_000,
            attributes: 1_000,
            namespaces: 128,
            lossy: false,
            charset: None,
        }
    }
}

impl Limits {
    /// Returns the same limits for a response with this `Content-Type`.
    pub(crate) fn of_answer(mut self, content_type: Option<&str>) -> Self {
        self.charset = content_type.and_then(Charset::of_content_type);
        self
    }
}
