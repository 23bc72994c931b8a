//! The body of an answer, as it arrives.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::channel::{Channel, Permit, Pool};
use super::failure::{Told, failure, too_long};
use crate::transport::{Body, SentFlag, TimeoutKind, TransportError, TransportErrorKind};

/// A body that is read in pieces. Dropping it before its end closes the connection.
pub(super) struct IncomingBody {
    pub(super) body: Incoming,
    pub(super) inactivity: Duration,
    /// The end of the time of the exchange.
    pub(super) until: Option<Instant>,
    pub(super) told: Told,
    /// Runs while the server sends nothing.
    pub(super) timer: Option<Pin<Box<Sleep>>>,
    /// The channel, if it returns to the pool.
    pub(super) borrowed: Option<Borrowed>,
    pub(super) is_over: bool,
}

/// The channel of an answer that is not read yet, which returns to the pool with its end.
pub(super) struct Borrowed {
    pub(super) channel: Channel,
    pub(super) pool: Arc<Pool>,
    /// The permit of the message; a conversation gives it back early.
    pub(super) permit: Option<Permit>,
}

impl IncomingBody {
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        while let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.timer = None;
            let Some(frame) = frame else {
                return Poll::Ready(None);
            };
            match frame.map(|frame| frame.into_data()) {
                Ok(Ok(piece)) => return Poll::Ready(Some(Ok(piece))),
                // Trailers are ignored.
                Ok(Err(_)) => {}
                Err(error) => return Poll::Ready(Some(Err(failure(error, &self.told)))),
            }
        }
        ready!(self.poll_timer(context));
        Poll::Ready(Some(Err(self.late())))
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (until, inactivity) = (self.until, self.inactivity);
        let timer = self.timer.get_or_insert_with(|| {
            let now = Instant::now();
            let silent = now.checked_add(inactivity).or(until).unwrap_or(now);
            let end = until.map_or(silent, |until| until.min(silent));
            Box::pin(sleep_until(end))
        });
        timer.as_mut().poll(context)
    }

    fn late(&self) -> TransportError {
        if self.until.is_some_and(|until| until <= Instant::now()) {
            too_long(self.told.sent.delivery(), None)
        } else {
            silence(self.inactivity, &self.told.sent)
        }
    }
}

impl Stream for IncomingBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let piece = ready!(this.poll_piece(context));
        if !matches!(piece, Some(Ok(_))) {
            this.is_over = true;
            // After an error the connection is closed.
            if let (None, Some(borrowed)) = (&piece, this.borrowed.take()) {
                borrowed.pool.keep(borrowed.channel);
            }
        }
        Poll::Ready(piece)
    }
}

impl From<IncomingBody> for Body {
    fn from(body: IncomingBody) -> Self {
        let announced = body.body.size_hint().exact();
        Self::stream(body).announced(announced)
    }
}

/// Returns the error of a server that sends nothing.
pub(super) fn silence(inactivity: Duration, sent: &SentFlag) -> TransportError {
    TransportError::new(
        TransportErrorKind::Timeout(TimeoutKind::Inactivity),
        sent.delivery(),
        format!("the server sent nothing for {inactivity:?} (SessionBuilder::inactivity_timeout)"),
    )
}
