//! As much of an HTTP/1.1 server as a client of this protocol needs: messages with a length, one after
//! the other on a connection.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// The limits of a request.
const LARGEST_HEAD: u64 = 64 << 10;
const LARGEST_BODY: usize = 64 << 20;

/// An answer to send.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// Answers the requests of a connection until it ends.
///
/// # Errors
/// A request without a length or larger than the limits, and an answer that is one.
pub(super) async fn serve<F>(stream: TcpStream, answer: impl Fn(Bytes) -> F) -> io::Result<()>
where
    F: Future<Output = io::Result<Answer>>,
{
    let mut stream = BufReader::new(stream);
    while let Some(length) = head(&mut stream).await? {
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let answer = answer(body.into()).await?;
        stream.get_mut().write_all(&written(&answer)).await?;
    }
    Ok(())
}

/// Reads the head of a request, and returns the length of its body; `None` at the end.
async fn head(stream: &mut BufReader<TcpStream>) -> io::Result<Option<usize>> {
    let mut limited = stream.take(LARGEST_HEAD);
    let mut length = None;
    let mut is_first = true;
    loop {
        let mut line = String::new();
        if limited.read_line(&mut line).await? == 0 {
            return if is_first {
                Ok(None)
            } else {
                Err(io::Error::other(
                    "the head of the request is cut off or too long",
                ))
            };
        }
        is_first = false;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    match length {
        Some(length) if length <= LARGEST_BODY => Ok(Some(length)),
        _ => Err(io::Error::other(
            "the request has no length, or is too large",
        )),
    }
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} Recorded\r\n", answer.status);
    for (name, value) in &answer.headers {
        let is_length = ["content-length", "transfer-encoding", "connection"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own));
        if !is_length {
            text.push_str(&format!("{name}: {}\r\n", value.replace(['\r', '\n'], " ")));
        }
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", answer.body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&answer.body);
    bytes
}
