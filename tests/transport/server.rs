//! A minimal server: one function handles each connection.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A listening server, and the number of connections it accepted.
pub(crate) struct Server {
    pub(crate) url: Url,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Passes each connection to `serve`, with its number from 1.
    pub(crate) async fn start<F, Done>(serve: F) -> Self
    where
        F: Fn(TcpStream, usize) -> Done + Send + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::spawn(serve(stream, number));
            }
        });
        Self { url, connections }
    }

    /// Answers every request of every connection with these bytes.
    pub(crate) async fn answering(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        })
        .await
    }

    /// Reads one request on each connection, sends these bytes and disconnects.
    pub(crate) async fn cutting(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
        .await
    }

    /// Reads one request on each connection, sends these bytes and stays silent.
    pub(crate) async fn stalling(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_secs(600)).await;
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Creates a complete response with its length.
pub(crate) fn answer(status: &str, body: &str) -> String {
    let head = "Content-Type: application/soap+xml;charset=UTF-8\r\nServer: test";
    format!(
        "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one request, head and body, as text; `None` when the client has disconnected.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let length = header(std::str::from_utf8(&request).unwrap(), "content-length")
        .map_or(0, |length| length.parse().unwrap());
    let head = request.len();
    request.resize(head + length, 0);
    stream.read_exact(&mut request[head..]).await.ok()?;
    Some(String::from_utf8(request).unwrap())
}

/// Returns the value of a request's header.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Answers each request with the request itself.
pub(crate) async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while let Some(request) = read_request(&mut stream).await {
        stream
            .write_all(answer("200 OK", &request).as_bytes())
            .await
            .unwrap();
        stream.flush().await.unwrap();
    }
}
