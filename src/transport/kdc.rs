//! Requests to a key distribution centre, over TCP (RFC 4120 7.2.2).

// Nobody asks one before Kerberos does.
#![allow(dead_code)]

use std::fmt;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::auth::LoginProblem;
use crate::auth::negotiate::{Kdc, KdcFuture, KdcRequest, LoginError};

/// The key distribution centres that are known.
#[derive(Clone, Debug)]
pub(crate) struct Kdcs {
    /// Asked in this order, as `host:port`, whatever the realm.
    pub(crate) given: Vec<String>,
    /// How long each may take to answer.
    pub(crate) patience: Duration,
}

/// The largest answer that is read, in bytes: a ticket with the groups of a user in it stays far below.
const LARGEST: u32 = 1 << 20;

impl Kdc for Kdcs {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        Box::pin(self.ask_each(request))
    }
}

impl Kdcs {
    async fn ask_each(&self, request: KdcRequest) -> Result<Vec<u8>, LoginError> {
        let realm = &request.realm;
        let mut failed = Vec::new();
        for address in &self.given {
            match timeout(self.patience, ask(address, &request.message)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => failed.push(format!("{address}: {error}")),
                Err(_) => failed.push(format!("{address}: no answer in time")),
            }
        }
        let tried = match failed.is_empty() {
            true => format!("no KDC of the realm {realm} is known"),
            false => failed.join("; "),
        };
        Err(LoginError::of(LoginProblem::KdcUnreachable, tried))
    }
}

/// One request and its answer, each with its length before it.
async fn ask(address: &str, message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(message).await?;
    let length = stream.read_u32().await?;
    if length > LARGEST {
        return Err(too_large(length));
    }
    let mut answer = Vec::new();
    let read = stream.take(length.into()).read_to_end(&mut answer).await?;
    match u32::try_from(read) == Ok(length) {
        true => Ok(answer),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn too_large(length: impl fmt::Display) -> io::Error {
    io::Error::other(format!("an answer of {length} bytes is none"))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn answered(answer: &'static [u8]) -> Result<Vec<u8>, LoginError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let given = vec![
            "127.0.0.1:1".to_owned(),
            listener.local_addr().unwrap().to_string(),
        ];
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 7];
            stream.read_exact(&mut request).await.unwrap();
            assert_eq!(&request, b"\0\0\0\x03ask");
            stream.write_all(answer).await.unwrap();
        });
        let patience = Duration::from_secs(5);
        let request = KdcRequest {
            realm: "EXAMPLE.TEST".to_owned(),
            message: b"ask".to_vec(),
        };
        Kdcs { given, patience }.ask(request).await
    }

    #[tokio::test]
    async fn the_next_centre_is_asked_when_one_does_not_answer() {
        assert_eq!(answered(b"\0\0\0\x04told").await.unwrap(), b"told");
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_or_endless_is_none() {
        for answer in [&b"\0\0\0\x05told"[..], b"\0\0", b"\x7f\xff\xff\xfftold"] {
            let error = answered(answer).await.unwrap_err();
            assert_eq!(error.problem(), Some(LoginProblem::KdcUnreachable));
        }
    }
}
