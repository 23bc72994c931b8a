//! An answer that is read while it arrives.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::{IncomingMessage, TransportError};
use crate::auth::{LoginAttempt, LoginEvidence};

/// An answer whose status and headers have arrived.
#[non_exhaustive]
pub struct OpenAnswer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers, as in [`IncomingMessage::headers`].
    pub headers: Vec<(String, String)>,
    /// The login attempts, as in [`IncomingMessage::tried`].
    pub tried: Vec<LoginAttempt>,
    /// The evidence, as in [`IncomingMessage::evidence`].
    pub evidence: LoginEvidence,
    /// The body.
    pub pieces: Box<dyn AnswerPieces + 'a>,
}

/// The future that [`Transport::open`](super::Transport::open) returns.
pub type OpenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<OpenAnswer<'a>, TransportError>> + Send + 'a>>;

/// The body of an answer, in pieces. The boundaries between the pieces have no meaning.
pub trait AnswerPieces: Send {
    /// Returns the next piece; `None` at the end. The rest of the answer stays with the server
    /// until it is read.
    fn next(&mut self) -> PieceFuture<'_>;
}

/// The future that [`AnswerPieces::next`] returns.
pub type PieceFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Bytes>, TransportError>> + Send + 'a>>;

impl<'a> OpenAnswer<'a> {
    /// Creates an answer from its pieces.
    pub fn new(
        status: u16,
        headers: Vec<(String, String)>,
        pieces: impl AnswerPieces + 'a,
    ) -> Self {
        Self {
            status,
            headers,
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
            pieces: Box::new(pieces),
        }
    }

    /// Creates an answer from a complete one.
    pub fn whole(answer: IncomingMessage) -> Self {
        Self {
            tried: answer.tried,
            evidence: answer.evidence,
            ..Self::new(answer.status, answer.headers, Whole(Some(answer.body)))
        }
    }
}

impl fmt::Debug for OpenAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAnswer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// A body in one piece.
struct Whole(Option<Bytes>);

impl AnswerPieces for Whole {
    fn next(&mut self) -> PieceFuture<'_> {
        let piece = self.0.take().filter(|piece| !piece.is_empty());
        Box::pin(std::future::ready(Ok(piece)))
    }
}
