//! The body of a request, which notes when it counts as sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::transport::SentFlag;

/// The time at which a body counted as sent.
#[derive(Clone, Debug, Default)]
pub(super) struct BodySentFlag(Arc<OnceLock<Instant>>);

impl BodySentFlag {
    /// The time since then.
    pub(super) fn elapsed(&self) -> Option<Duration> {
        self.0.get().map(Instant::elapsed)
    }
}

/// A body of one frame and a known size.
///
/// The errors of the HTTP client do not say whether any of a request was sent. It takes the first
/// frame before it writes to a connection, so nothing was sent before that.
#[derive(Debug)]
pub(super) struct OutgoingBody {
    frame: Option<Bytes>,
    sent: SentFlag,
    body_sent: BodySentFlag,
}

impl OutgoingBody {
    pub(super) fn new(bytes: Bytes, sent: SentFlag, body_sent: BodySentFlag) -> Self {
        let empty = bytes.is_empty();
        let body = Self {
            frame: Some(bytes),
            sent,
            body_sent,
        };
        // The client takes no frame of an empty body, so it counts as sent at once.
        if empty {
            body.leave();
        }
        body
    }

    fn leave(&self) {
        self.sent.raise();
        self.body_sent.0.get_or_init(Instant::now);
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.leave();
        Poll::Ready(self.frame.take().map(|frame| Ok(Frame::data(frame))))
    }

    /// An empty body ends only after its frame is taken: then `Content-Length: 0` is sent, which a
    /// POST without a body would lack.
    fn is_end_stream(&self) -> bool {
        self.frame.is_none()
    }

    /// Exact, so that the client sends `Content-Length`: OMI and openwsman do not accept chunked
    /// requests.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.frame.as_ref().map_or(0, Bytes::len) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn body(bytes: &'static [u8]) -> OutgoingBody {
        OutgoingBody::new(
            Bytes::from_static(bytes),
            SentFlag::default(),
            BodySentFlag::default(),
        )
    }

    #[test]
    fn the_flag_is_raised_by_the_first_poll_and_not_by_looking_at_the_size() {
        let mut body = body(b"<s/>");
        assert_eq!(body.size_hint().exact(), Some(4));
        assert!(!body.is_end_stream() && !body.sent.is_raised());

        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut context) else {
            panic!("no frame");
        };
        assert_eq!(frame.into_data().unwrap(), "<s/>");
        assert!(body.is_end_stream() && body.sent.is_raised());
        assert!(body.body_sent.elapsed().is_some());
        assert!(matches!(
            Pin::new(&mut body).poll_frame(&mut context),
            Poll::Ready(None)
        ));
    }

    #[test]
    fn an_empty_body_counts_as_sent() {
        assert!(body(b"").sent.is_raised());
    }
}
