//! A connection that can be cut at a byte.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::simulator::http::knobs::{Knob, Knobs};
use crate::simulator::http::stream::Stream;
use crate::simulator::http::trouble::OldAnswer;
use crate::simulator::http::turn::{Afterwards, Turn};
#[cfg(feature = "negotiate")]
use crate::simulator::login::Channel;

/// What the wire and the service of one connection tell each other.
#[derive(Debug)]
pub(in crate::simulator) struct Connection {
    /// The knob of the request that is being read or served.
    knob: Mutex<Option<Knob>>,
    turn: Mutex<Turn>,
    /// How many bytes may still be written.
    writable: AtomicUsize,
    afterwards: Mutex<Option<Afterwards>>,
    last_answer: Mutex<Option<OldAnswer>>,
    /// Whether somebody logged in on it, which OMI remembers.
    pub(in crate::simulator) logged_in: AtomicBool,
    /// Whether a message was refused unread: what comes next is taken for its rest.
    pub(in crate::simulator) undrained: AtomicBool,
    /// The login that belongs to it.
    #[cfg(feature = "negotiate")]
    pub(in crate::simulator) channel: Channel,
    /// Whether the client showed a certificate.
    pub(in crate::simulator) has_certificate: bool,
}

impl Connection {
    pub(in crate::simulator) fn new(has_certificate: bool) -> Self {
        Self {
            knob: Mutex::new(None),
            turn: Mutex::default(),
            writable: AtomicUsize::new(usize::MAX),
            afterwards: Mutex::default(),
            last_answer: Mutex::default(),
            logged_in: AtomicBool::new(false),
            undrained: AtomicBool::new(false),
            #[cfg(feature = "negotiate")]
            channel: Channel::default(),
            has_certificate,
        }
    }

    /// Notes that the head of a request was read. If it came along with the request before, it did not
    /// wait for its turn.
    pub(in crate::simulator) fn begin_request(&self) {
        assert_eq!(self.turn(), Turn::Client, "{OUT_OF_TURN}");
    }

    /// The knob of the request that was read.
    pub(in crate::simulator) fn end_request(&self) -> Option<Knob> {
        self.set_turn(Turn::Server);
        locked(&self.knob).take()
    }

    pub(in crate::simulator) fn set_turn(&self, turn: Turn) {
        *locked(&self.turn) = turn;
    }

    fn turn(&self) -> Turn {
        *locked(&self.turn)
    }

    /// Says what happens once the answer was written.
    pub(in crate::simulator) fn set_afterwards(&self, afterwards: Afterwards) {
        *locked(&self.afterwards) = Some(afterwards);
    }

    fn repeats(&self) -> bool {
        *locked(&self.afterwards) == Some(Afterwards::Repeat)
    }

    /// Keeps an answer; the one before.
    pub(in crate::simulator) fn remember(&self, answer: OldAnswer) -> Option<OldAnswer> {
        locked(&self.last_answer).replace(answer)
    }

    /// Lets only so many bytes of the answer out.
    pub(in crate::simulator) fn cut_answer_at(&self, bytes: usize) {
        self.writable.store(bytes, Ordering::Release);
    }

    /// Seals an answer with the keys of the login, if it has some; with its content type.
    pub(in crate::simulator) fn seal(&self, answer: &[u8]) -> Option<(Vec<u8>, &'static str)> {
        #[cfg(feature = "negotiate")]
        return self.channel.seal(answer);
        #[cfg(not(feature = "negotiate"))]
        {
            let _ = answer;
            None
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stream that hyper reads and writes.
pub(in crate::simulator) struct Wire {
    stream: Stream,
    knobs: Arc<Knobs>,
    connection: Arc<Connection>,
    /// How many bytes of this request may still be read.
    readable: Option<usize>,
    /// What was written of an answer that is to be written again.
    repeated: Vec<u8>,
}

const OUT_OF_TURN: &str = "a request began before the answer to the one before was sent whole";

/// Bytes that a limited read takes at a time.
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

    /// Waits for the first byte of a request, and takes the knob for it.
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
                *locked(&self.connection.knob) = knob;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Waits for the end of the connection, which is all that may come while the server has its turn.
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

    /// Writes what may still be written.
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

    /// Passes the turn on once an answer was written.
    fn poll_end_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.repeated.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.repeated))?;
            self.repeated.drain(..written);
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.connection.set_turn(Turn::Nobody);
        match locked(&self.connection.afterwards).take() {
            Some(Afterwards::Close) => Poll::Ready(Err(cut())),
            Some(Afterwards::Repeat) | None => Poll::Ready(Ok(())),
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
            Turn::Nobody => ready!(self.poll_begin(cx))?,
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
        let left = self.connection.writable.load(Ordering::Acquire);
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

    /// HTTP flushes when nothing is left for it to write.
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
