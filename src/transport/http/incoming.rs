//! The body of an answer, as it arrives.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::channel::{Channel, Permit, Pool};
use super::failure::{Told, failure, too_long};
use super::locked;
#[cfg(feature = "negotiate")]
use crate::transport::lease::Lease;
use crate::transport::lease::Lent;
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
    /// The channel, if it returns to the pool, and where it waits for that after the end of the body.
    pub(super) borrowed: Option<(Borrowed, Arc<LentChannel>)>,
    pub(super) is_over: bool,
}

/// The channel of an answer that is not read yet, which returns to the pool with its end.
pub(super) struct Borrowed {
    pub(super) channel: Channel,
    pub(super) pool: Arc<Pool>,
    /// The permit of the message; a conversation gives it back early.
    pub(super) permit: Option<Permit>,
}

/// The channel of an answer that was read. It returns to the pool when the session drops the answer, unless
/// the answer was not one to its message.
#[derive(Default)]
pub(super) struct LentChannel {
    read: Mutex<Option<Borrowed>>,
    is_distrusted: AtomicBool,
}

impl LentChannel {
    /// Makes the lease of an answer that was read to its end.
    #[cfg(feature = "negotiate")]
    pub(super) fn lease(borrowed: Borrowed) -> Lease {
        let lent = Self::default();
        *locked(&lent.read) = Some(borrowed);
        Lease::new(Arc::new(lent))
    }
}

impl Lent for LentChannel {
    fn distrust(&self) {
        self.is_distrusted.store(true, Ordering::Release);
    }
}

impl Drop for LentChannel {
    fn drop(&mut self) {
        let read = self.read.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(borrowed) = read.take().filter(|_| !*self.is_distrusted.get_mut()) {
            borrowed.pool.keep(borrowed.channel);
        }
    }
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
            if let (None, Some((borrowed, lent))) = (&piece, this.borrowed.take()) {
                borrowed.channel.rest();
                *locked(&lent.read) = Some(borrowed);
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
