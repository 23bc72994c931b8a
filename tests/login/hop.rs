//! Servers of canned answers, and hops before a simulator.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsman::Url;
use wsman::simulator::Simulator;

/// Reads a head, and a body of its length.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        message.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&message).to_ascii_lowercase();
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    message.extend(body);
    Some(message)
}

/// Starts a server that gives each request this answer.
pub(crate) async fn answering(answer: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while read(&mut stream).await.is_some() {
                    let _written = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    url.parse().unwrap()
}

/// Starts a server that gives this answer to requests with a login. It keeps those without one waiting,
/// or gives them another answer.
pub(crate) async fn refusing_tokens(without: Option<&'static str>, with: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Some(request) = read(&mut stream).await {
                    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
                    let answer = match without {
                        _ if head.contains("authorization: ") => with,
                        Some(answer) => answer,
                        None => std::future::pending().await,
                    };
                    stream.write_all(answer.as_bytes()).await.ok()?;
                }
                Some(())
            });
        }
    });
    url.parse().unwrap()
}

/// Starts a hop that changes the heads of requests and answers, and keeps connections. The names of
/// headers are in lower case there.
pub(crate) async fn relay(
    simulator: Simulator,
    to_server: impl Fn(String) -> String + Send + Sync + 'static,
    to_client: impl Fn(String) -> String + Send + Sync + 'static,
) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let change = Arc::new((to_server, to_client));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(simulator.address()).await.unwrap();
            let change = Arc::clone(&change);
            tokio::spawn(async move {
                while let Some(request) = read(&mut client).await {
                    let request = changed(&request, &change.0);
                    server.write_all(&request).await.ok()?;
                    let answer = changed(&read(&mut server).await?, &change.1);
                    client.write_all(&answer).await.ok()?;
                }
                Some(())
            });
        }
    });
    url.parse().unwrap()
}

fn changed(message: &[u8], change: &impl Fn(String) -> String) -> Vec<u8> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = message.split_at(end.unwrap());
    let head = String::from_utf8(head.to_vec()).unwrap();
    let lines: Vec<String> = head.split("\r\n").map(with_lower_name).collect();
    [change(lines.join("\r\n")).into_bytes(), body.to_vec()].concat()
}

fn with_lower_name(line: &str) -> String {
    match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}", name.to_ascii_lowercase()),
        None => line.to_owned(),
    }
}
