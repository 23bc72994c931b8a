//! How a document is read.

use super::charset::Charset;

/// How large a document may be before it is refused.
///
/// ```
/// let limits = wsman::Limits::default();
/// assert_eq!(limits.depth, 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of an answer.
    pub bytes: usize,
    /// Elements nested in each other.
    pub depth: usize,
    /// Elements in a document.
    pub elements: usize,
    /// Whether what cannot be text is read as U+FFFD.
    pub(crate) lossy: bool,
    /// The encoding that the transport named.
    pub(crate) charset: Option<Charset>,
}

impl Default for Limits {
    /// 16 MiB, 64 levels, 2,000,000 elements: far over what a server sends that keeps to the
    /// `MaxEnvelopeSize` of the request, and far under what would hurt.
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 64,
            elements: 2_000_000,
            lossy: false,
            charset: None,
        }
    }
}

impl Limits {
    /// The same for an answer with this `Content-Type`.
    pub(crate) fn of_answer(mut self, content_type: Option<&str>) -> Self {
        self.charset = content_type.and_then(Charset::of_content_type);
        self
    }
}
