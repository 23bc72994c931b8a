//! One request to one address (RFC 4120 7.2).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::log::Protocol;

/// Sends a request and reads its answer.
pub(super) async fn exchange(
    address: SocketAddr,
    protocol: Protocol,
    message: &[u8],
    most: usize,
) -> io::Result<Vec<u8>> {
    match protocol {
        Protocol::Udp => over_udp(address, message, most).await,
        Protocol::Tcp => over_tcp(address, message, most).await,
    }
}

/// Rejects an answer that is longer than the limit.
fn check(length: usize, most: usize) -> io::Result<()> {
    if length <= most {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "answer of {length} bytes, beyond the limit of {most} (LoginLimits::kdc_answer_bytes)"
    )))
}

/// Both are one datagram. The system hands over only those of this address.
async fn over_udp(address: SocketAddr, message: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let here: IpAddr = if address.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((here, 0)).await?;
    socket.connect(address).await?;
    socket.send(message).await?;
    let mut answer = vec![0; 1 << 16];
    let length = socket.recv(&mut answer).await?;
    check(length, most)?;
    answer.truncate(length);
    Ok(answer)
}

/// Each has its length before it.
async fn over_tcp(address: SocketAddr, message: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(address).await?;
    // One write, so that the length does not travel alone.
    let framed = [&length.to_be_bytes()[..], message].concat();
    stream.write_all(&framed).await?;
    let length = stream.read_u32().await?;
    check(usize::try_from(length).unwrap_or(usize::MAX), most)?;
    let mut answer = Vec::new();
    let read = stream.take(length.into()).read_to_end(&mut answer).await?;
    if u32::try_from(read) == Ok(length) {
        Ok(answer)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
