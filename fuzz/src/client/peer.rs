//! A server that answers each request with the next bytes.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::ID;

pub struct Peer {
    url: String,
    task: JoinHandle<()>,
}

impl Peer {
    /// Starts a server with these answers. The low bits of the pace are the size of the pieces in which they
    /// are sent; zero for one piece.
    pub async fn start(answers: Vec<Vec<u8>>, pace: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let task = tokio::spawn(async move {
            let mut answers = answers.into_iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = serve(&mut stream, &mut answers, usize::from(pace & 0x1F)).await;
                if answers.len() == 0 {
                    return;
                }
            }
        });
        Self {
            url: format!("http://{address}/wsman"),
            task,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers the requests on a connection until the answers end or the client closes it.
async fn serve(
    stream: &mut TcpStream,
    answers: &mut std::vec::IntoIter<Vec<u8>>,
    piece: usize,
) -> std::io::Result<()> {
    loop {
        let request = read_request(stream).await?;
        let Some(answer) = answers.next() else {
            return Ok(());
        };
        let answer = with_id(&answer, &request);
        let size = if piece == 0 {
            answer.len().max(1)
        } else {
            piece
        };
        // Small pieces are sent for the start alone, where the head is parsed.
        let (start, rest) = answer.split_at(answer.len().min(size * 64));
        for part in start.chunks(size) {
            stream.write_all(part).await?;
            tokio::task::yield_now().await;
        }
        stream.write_all(rest).await?;
        if answers.len() == 0 {
            return stream.shutdown().await;
        }
    }
}

/// Reads a request to its end, as its `Content-Length` tells it.
async fn read_request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&request);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
            if request.len() >= head.len() + 4 + length {
                return Ok(request);
            }
        }
    }
}

/// Puts the `MessageID` of a request into its answer, which the answer must name.
fn with_id(answer: &[u8], request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8_lossy(request);
    let id = request
        .split_once("MessageID>")
        .map_or("", |(_, rest)| rest);
    let id = id.split('<').next().unwrap_or_default();
    let mut whole = Vec::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(at) = rest.windows(ID.len()).position(|window| window == ID) {
        whole.extend_from_slice(&rest[..at]);
        whole.extend_from_slice(id.as_bytes());
        rest = &rest[at + ID.len()..];
    }
    whole.extend_from_slice(rest);
    whole
}
