//! The stream of a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(feature = "rustls")]
use tokio::io::{AsyncBufRead, BufReader};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(feature = "rustls")]
use tokio_rustls::server::TlsStream;

/// TCP, or TLS over it.
pub(in crate::simulator) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "rustls")]
    Tls(Box<BufReader<TlsStream<TcpStream>>>),
}

impl Stream {
    /// Waits for a byte without taking it; returns whether one arrived before the end.
    pub(in crate::simulator) fn poll_peek(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        match self {
            Self::Plain(stream) => {
                let mut byte = [0];
                let seen = stream.poll_peek(cx, &mut ReadBuf::new(&mut byte));
                seen.map_ok(|seen| seen > 0)
            }
            #[cfg(feature = "rustls")]
            Self::Tls(stream) => {
                let seen = Pin::new(stream).poll_fill_buf(cx);
                seen.map_ok(|seen| !seen.is_empty())
            }
        }
    }
}

/// Both streams delegate in the same way.
macro_rules! delegate {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Stream::Plain($stream) => $call,
            #[cfg(feature = "rustls")]
            Stream::Tls($stream) => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
