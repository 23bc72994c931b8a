//! The body of a request.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body of one frame and a known size. Boxed, because hyper reserves room for 32 requests on each
/// connection.
#[derive(Debug)]
pub(super) struct OutgoingBody(Option<Box<Bytes>>);

impl OutgoingBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(Some(Box::new(bytes)))
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|frame| Ok(Frame::data(*frame))))
    }

    /// An empty body ends only after its frame is taken: then `Content-Length: 0` is sent, which a
    /// POST without a body would lack.
    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    /// Exact, so that the client sends `Content-Length`: OMI and openwsman do not accept chunked
    /// requests.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len()) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_body_ends_after_its_frame_even_if_it_is_empty() {
        for bytes in ["<s/>", ""] {
            let mut body = OutgoingBody::new(Bytes::from_static(bytes.as_bytes()));
            assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
            assert!(!body.is_end_stream());
            let mut context = Context::from_waker(Waker::noop());
            let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut context) else {
                panic!("no frame");
            };
            assert_eq!(frame.into_data().unwrap(), bytes);
            assert!(body.is_end_stream());
            assert!(matches!(
                Pin::new(&mut body).poll_frame(&mut context),
                Poll::Ready(None)
            ));
        }
    }
}
