//! A stream that can be cut at a byte.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::simulator::http::connection::{AfterAnswer, Connection, OUT_OF_TURN, Turn};
use crate::simulator::http::knobs::{Knob, Knobs};
use crate::simulator::http::stream::Stream;

/// The stream that hyper reads and writes.
pub(in crate::simulator) struct Wire {
    stream: Stream,
    knobs: Arc<Knobs>,
    connection: Arc<Connection>,
    /// The number of bytes of this request that may still be read.
    readable: Option<usize>,
    /// The bytes of an answer that is written twice.
    repeated: Vec<u8>,
}

/// The size of a limited read.
const PIECE: usize = 4096;

impl Wire {
    pub(in crate::simulator) fn new(
        stream: Stream,
        knobs: Arc<Knobs>,
        connection: Arc<Connection>,
    ) -> Self {
        Self {
            stream,
            knobs,
            connection,
            readable: None,
            repeated: Vec::new(),
        }
    }

    /// Waits for the first byte of a request, and takes its knob.
    fn poll_begin(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !ready!(self.stream.poll_peek(cx))? {
            return Poll::Ready(Ok(()));
        }
        self.connection.set_turn(Turn::Client);
        match self.knobs.take() {
            Some(Knob::CloseBeforeReading) => return Poll::Ready(Err(cut())),
            Some(Knob::CutRequestAt(bytes)) => self.readable = Some(bytes),
            knob => {
                self.readable = None;
                self.connection.set_knob(knob);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Waits for the end of the connection: the client must not send anything during the server's
    /// turn.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let speaks = ready!(self.stream.poll_peek(cx))?;
        assert!(!speaks, "{OUT_OF_TURN}");
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

    /// Writes up to the limit.
    fn poll_write_limited(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        left: usize,
    ) -> Poll<io::Result<usize>> {
        let allowed = bytes.get(..left.min(bytes.len())).unwrap_or_default();
        if allowed.is_empty() && !bytes.is_empty() {
            return Poll::Ready(Err(cut()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, allowed))?;
        self.connection.cut_answer_at(left - written);
        Poll::Ready(Ok(written))
    }

    /// Passes the turn on after an answer was written.
    fn poll_end_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.repeated.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.repeated))?;
            self.repeated.drain(..written);
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.connection.set_turn(Turn::Idle);
        match self.connection.take_after_answer() {
            Some(AfterAnswer::Close) => Poll::Ready(Err(cut())),
            Some(AfterAnswer::Repeat) | None => Poll::Ready(Ok(())),
        }
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
        match self.connection.turn() {
            Turn::Idle => ready!(self.poll_begin(cx))?,
            Turn::Client => {}
            Turn::Server | Turn::LastBytes => ready!(self.poll_silence(cx))?,
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
        let left = self.connection.writable();
        let written = ready!(match left {
            usize::MAX => Pin::new(&mut self.stream).poll_write(cx, bytes),
            left => self.poll_write_limited(cx, bytes, left),
        })?;
        if self.connection.repeats() {
            let written = bytes.get(..written).unwrap_or_default();
            self.repeated.extend_from_slice(written);
        }
        Poll::Ready(Ok(written))
    }

    /// HTTP flushes once it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.connection.turn() {
            Turn::LastBytes => self.poll_end_answer(cx),
            _ => Pin::new(&mut self.stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
