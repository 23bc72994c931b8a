//! The body of an HTTP answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// The error of a connection that ends before or within the answer.
#[derive(Debug)]
pub(in crate::simulator) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was dropped")
    }
}

impl std::error::Error for Dropped {}

/// A piece of a body, or the end of the connection.
pub(in crate::simulator) type Piece = Result<Bytes, Dropped>;

/// A body that is complete, endless, or sent in pieces.
pub(in crate::simulator) enum AnswerBody {
    Whole(Option<Bytes>),
    Endless {
        start: Option<Bytes>,
        /// The bytes that follow, repeated forever.
        filler: Bytes,
    },
    Open(mpsc::Receiver<Piece>),
}

impl AnswerBody {
    pub(in crate::simulator) fn whole(body: Vec<u8>) -> Self {
        Self::Whole(Some(body.into()).filter(|body: &Bytes| !body.is_empty()))
    }

    pub(in crate::simulator) fn endless(start: &[u8]) -> Self {
        Self::Endless {
            start: Some(Bytes::copy_from_slice(start)),
            filler: Bytes::from(vec![b' '; 16 * 1024]),
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let piece = match self.get_mut() {
            Self::Whole(body) => body.take().map(Ok),
            Self::Endless { start, filler } => {
                Some(Ok(start.take().unwrap_or_else(|| filler.clone())))
            }
            Self::Open(pieces) => std::task::ready!(pieces.poll_recv(context)),
        };
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, Bytes::len) as u64),
            Self::Endless { .. } | Self::Open(_) => SizeHint::default(),
        }
    }
}
