//! An answer that is read while it comes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::{IncomingMessage, TransportError};
use crate::auth::{LoginAttempt, LoginEvidence};

/// An answer that has begun.
#[non_exhaustive]
pub struct OpenAnswer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers, as in [`IncomingMessage::headers`].
    pub headers: Vec<(String, String)>,
    /// The logins that were tried, as in [`IncomingMessage::tried`].
    pub tried: Vec<LoginAttempt>,
    /// As in [`IncomingMessage::evidence`].
    pub evidence: LoginEvidence,
    /// The body.
    pub pieces: Box<dyn AnswerPieces + 'a>,
}

/// What [`Transport::open`](super::Transport::open) returns.
pub type OpenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<OpenAnswer<'a>, TransportError>> + Send + 'a>>;

/// The body of an answer, piece by piece. Where it is cut means nothing.
pub trait AnswerPieces: Send {
    /// The next piece; `None` at the end. What is not asked for stays with the server.
    fn next(&mut self) -> PieceFuture<'_>;
}

/// What [`AnswerPieces::next`] returns.
pub type PieceFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Bytes>, TransportError>> + Send + 'a>>;

impl<'a> OpenAnswer<'a> {
    /// An answer with these pieces.
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

    /// An answer that is already there.
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
