//! The stream of a connection, which accepts an answer only to a request.

use std::fmt;
use std::io::{self, IoSlice, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::traffic::Traffic;

/// A stream of bytes, with or without TLS.
pub(in crate::transport::http) trait ByteStream:
    AsyncRead + AsyncWrite + Send + Unpin
{
}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A TCP connection that can read past the runtime, which learns of arrived bytes only when it waits.
pub(super) struct Socket {
    tcp: TcpStream,
    traffic: Arc<Traffic>,
}

/// The stream that carries the messages.
///
/// It looks for bytes of the server before the first byte of a request leaves. An answer that is
/// already there answers no request: the server or an attacker sent it early. At its end, the server
/// has closed the connection. In both cases the request does not leave.
pub(super) struct MonitoredStream {
    stream: Box<dyn ByteStream>,
    traffic: Arc<Traffic>,
    /// The most bytes before the head of an answer.
    limit: usize,
}

/// The server sent more than this many bytes of interim answers (1xx), before the head of its answer.
#[derive(Debug)]
pub(in crate::transport::http) struct Flood(pub(in crate::transport::http) usize);

/// The server sent bytes while no request was out.
#[derive(Debug)]
pub(in crate::transport::http) struct Unrequested;

impl Socket {
    pub(super) fn new(tcp: TcpStream, traffic: Arc<Traffic>) -> Self {
        Self { tcp, traffic }
    }
}

impl MonitoredStream {
    pub(super) fn new(stream: Box<dyn ByteStream>, traffic: Arc<Traffic>, limit: usize) -> Self {
        Self {
            stream,
            traffic,
            limit,
        }
    }

    /// Prepares for the next bytes that are written.
    fn before_write(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.traffic.is_announced() {
            self.check_silence(context)?;
            self.traffic.leave();
        }
        Ok(())
    }

    /// Fails if the server has sent something or has closed the connection.
    fn check_silence(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        self.traffic.read_afresh();
        let mut byte = [0];
        let mut arrived = ReadBuf::new(&mut byte);
        match Pin::new(&mut self.stream).poll_read(context, &mut arrived) {
            Poll::Pending => Ok(()),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) if arrived.filled().is_empty() => {
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Poll::Ready(Ok(())) => Err(io::Error::other(Unrequested)),
        }
    }
}

/// Whether the system has nothing to read yet.
fn is_passing(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.traffic.take_read_afresh() {
            let mut socket: &socket2::Socket = &SockRef::from(&self.tcp);
            match socket.read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    // There may be more.
                    self.traffic.read_afresh();
                    return Poll::Ready(Ok(()));
                }
                Err(error) if is_passing(error.kind()) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncRead for MonitoredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read
            && buffer.filled().len() > before
        {
            if !self.traffic.may_be_answered() {
                return Poll::Ready(Err(io::Error::other(Unrequested)));
            }
            if self.traffic.count(buffer.filled().len() - before) > self.limit {
                return Poll::Ready(Err(io::Error::other(Flood(self.limit))));
            }
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

impl AsyncWrite for MonitoredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.before_write(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.before_write(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl fmt::Display for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} bytes before the answer", self.0)
    }
}

impl std::error::Error for Flood {}

impl fmt::Display for Unrequested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server sent something before it was asked")
    }
}

impl std::error::Error for Unrequested {}
