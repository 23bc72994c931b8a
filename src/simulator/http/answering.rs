//! Notes when the last bytes of an answer are about to be written.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::simulator::http::body::{AnswerBody, Dropped};
use crate::simulator::http::connection::{Connection, Turn};

/// The body of an answer. HTTP drops it when its last bytes are about to be written.
pub(in crate::simulator) struct Answering {
    body: AnswerBody,
    connection: Arc<Connection>,
}

impl Answering {
    pub(in crate::simulator) fn new(body: AnswerBody, connection: Arc<Connection>) -> Self {
        Self { body, connection }
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.connection.set_turn(Turn::LastBytes);
    }
}
