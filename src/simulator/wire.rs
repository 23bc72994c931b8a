//! A connection that can be cut at a byte.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::knobs::{Knob, Knobs};
#[cfg(feature = "negotiate")]
use super::login::Channel;
use super::stream::Stream;

/// What the wire and the service of one connection tell each other.
#[derive(Debug)]
pub(super) struct Connection {
    /// The knob of the request that is being read or served.
    knob: Mutex<Option<Knob>>,
    /// Whether the next byte read begins a request.
    between_requests: AtomicBool,
    /// How many bytes may still be written.
    writable: AtomicUsize,
    /// Whether somebody logged in on it, which OMI remembers.
    pub(super) logged_in: AtomicBool,
    /// Whether a message was refused unread: what comes next is taken for its rest.
    pub(super) undrained: AtomicBool,
    /// The login that belongs to it.
    #[cfg(feature = "negotiate")]
    pub(super) channel: Channel,
    /// Whether the client showed a certificate.
    pub(super) has_certificate: bool,
}

impl Connection {
    pub(super) fn new(has_certificate: bool) -> Self {
        Self {
            knob: Mutex::new(None),
            between_requests: AtomicBool::new(true),
            writable: AtomicUsize::new(usize::MAX),
            logged_in: AtomicBool::new(false),
            undrained: AtomicBool::new(false),
            #[cfg(feature = "negotiate")]
            channel: Channel::default(),
            has_certificate,
        }
    }

    /// The knob of the request that was read; the next byte belongs to another.
    pub(super) fn end_request(&self) -> Option<Knob> {
        self.between_requests.store(true, Ordering::Release);
        self.lock().take()
    }

    /// Lets only so many bytes of the answer out.
    pub(super) fn cut_answer_at(&self, bytes: usize) {
        self.writable.store(bytes, Ordering::Release);
    }

    /// Seals an answer with the keys of the login, if it has some; with its content type.
    pub(super) fn seal(&self, answer: &[u8]) -> Option<(Vec<u8>, &'static str)> {
        #[cfg(feature = "negotiate")]
        return self.channel.seal(answer);
        #[cfg(not(feature = "negotiate"))]
        {
            let _ = answer;
            None
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Knob>> {
        self.knob.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream that hyper reads and writes.
pub(super) struct Wire {
    stream: Stream,
    knobs: Arc<Knobs>,
    connection: Arc<Connection>,
    /// How many bytes of this request may still be read.
    readable: Option<usize>,
}

/// Bytes that a limited read takes at a time.
const PIECE: usize = 4096;

impl Wire {
    pub(super) fn new(stream: Stream, knobs: Arc<Knobs>, connection: Arc<Connection>) -> Self {
        Self {
            stream,
            knobs,
            connection,
            readable: None,
        }
    }

    /// Waits for the first byte of a request, and takes the knob for it.
    fn poll_begin(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !ready!(self.stream.poll_peek(cx))? {
            return Poll::Ready(Ok(()));
        }
        self.connection
            .between_requests
            .store(false, Ordering::Release);
        match self.knobs.take() {
            Some(Knob::CloseBeforeReading) => return Poll::Ready(Err(cut())),
            Some(Knob::CutRequestAt(bytes)) => self.readable = Some(bytes),
            knob => {
                self.readable = None;
                *self.connection.lock() = knob;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_read_limited(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        left: usize,
    ) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let room = left.min(buf.remaining()).min(PIECE);
        let Some(room) = piece.get_mut(..room).filter(|room| !room.is_empty()) else {
            return Poll::Ready(Err(cut()));
        };
        let mut read = ReadBuf::new(room);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        buf.put_slice(read.filled());
        self.readable = Some(left - read.filled().len());
        Poll::Ready(Ok(()))
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the test")
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.connection.between_requests.load(Ordering::Acquire) {
            ready!(self.poll_begin(cx))?;
        }
        match self.readable {
            Some(left) => self.poll_read_limited(cx, buf, left),
            None => Pin::new(&mut self.stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.connection.writable.load(Ordering::Acquire);
        if left == usize::MAX {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        let allowed = bytes.get(..left.min(bytes.len())).unwrap_or_default();
        if allowed.is_empty() && !bytes.is_empty() {
            return Poll::Ready(Err(cut()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, allowed))?;
        self.connection.cut_answer_at(left - written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
