//! The body of a message.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use super::{Delivery, TransportError, TransportErrorKind};

/// The body of a message: a [`Stream`] of pieces, whose boundaries have no meaning.
///
/// A body that is in memory is made of its bytes or text; one that arrives is made of a stream by
/// [`Body::stream`]. The rest of a body that is not read stays with its sender, so memory holds one piece.
///
/// ```
/// use wsman::transport::Body;
/// # wsman::doc_examples::block_on(async || {
/// let mut body = Body::from("<s:Envelope/>");
/// while let Some(piece) = body.next().await {
///     assert_eq!(piece?, "<s:Envelope/>");
/// }
/// # Ok(()) });
/// ```
#[derive(Default)]
pub struct Body(Kind);

enum Kind {
    /// The bytes, until they are read.
    Whole(Bytes),
    Pieces {
        pieces: Pin<Box<Pieces>>,
        /// The length, if the sender announced it.
        length: Option<u64>,
    },
}

type Pieces = dyn Stream<Item = Result<Bytes, TransportError>> + Send;

impl Default for Kind {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    /// Makes a body of pieces as they arrive. An error is the last piece of its stream.
    ///
    /// ```
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use bytes::Bytes;
    /// use futures_core::Stream;
    /// use wsman::transport::{Body, TransportError};
    ///
    /// struct Pieces(Vec<Bytes>);
    ///
    /// impl Stream for Pieces {
    ///     type Item = Result<Bytes, TransportError>;
    ///     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
    ///         Poll::Ready(self.0.pop().map(Ok))
    ///     }
    /// }
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// let body = Body::stream(Pieces(vec!["/>".into(), "<s:Envelope".into()]));
    /// assert_eq!(body.whole(100).await?, "<s:Envelope/>");
    /// # Ok(()) });
    /// ```
    pub fn stream(
        pieces: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Self(Kind::Pieces {
            pieces: Box::pin(pieces),
            length: None,
        })
    }

    /// Sets the length that the sender announced, so that a body that is too long is not read.
    pub(super) fn announced(mut self, announced: Option<u64>) -> Self {
        if let Kind::Pieces { length, .. } = &mut self.0 {
            *length = announced;
        }
        self
    }

    /// Returns the bytes, if they are in memory and were not read yet. Those of a request of this crate
    /// are.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes),
            Kind::Pieces { .. } => None,
        }
    }

    /// Returns the next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Reads the body to its end, of at most so many bytes. A body in one piece is not copied.
    ///
    /// # Errors
    /// [`TransportErrorKind::AnswerTooLarge`] if the body is longer, or the error of its stream.
    pub async fn whole(mut self, limit: usize) -> Result<Bytes, TransportError> {
        if self.length().is_some_and(|length| length > limit as u64) {
            return Err(too_large(limit));
        }
        let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
        while let Some(piece) = self.next().await.transpose()? {
            if piece.len() > limit.saturating_sub(first.len() + joined.len()) {
                return Err(too_large(limit));
            }
            if first.is_empty() && joined.is_empty() {
                // Most answers arrive in one piece, which is returned without a copy.
                first = piece;
                continue;
            }
            if joined.is_empty() {
                joined = BytesMut::from(std::mem::take(&mut first));
            }
            joined.extend_from_slice(&piece);
        }
        Ok(if joined.is_empty() {
            first
        } else {
            joined.freeze()
        })
    }

    /// The length of the body, if it is known.
    fn length(&self) -> Option<u64> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes.len() as u64),
            Kind::Pieces { length, .. } => *length,
        }
    }
}

/// Returns the error of an answer that is too large. There is an answer, so the message was sent.
fn too_large(limit: usize) -> TransportError {
    TransportError::new(
        TransportErrorKind::AnswerTooLarge,
        Delivery::Unknown,
        format!("the answer is larger than {limit} bytes"),
    )
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.get_mut().0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Kind::Pieces { pieces, .. } => pieces.as_mut().poll_next(context),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::from(Bytes::from(text))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::from(Bytes::from_static(text.as_bytes()))
    }
}

/// Shows the length of the body, but not its content.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}
