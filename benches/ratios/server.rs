//! A server that answers every message with the same PutResponse. It runs in its own process, so that
//! its cost is not counted.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Outcome, sample};

/// The argument that turns the bench into the server.
pub(super) const ARGUMENT: &str = "--serve";

/// The server process; dropping it ends the server.
pub(super) struct Server {
    process: Child,
    pub(super) url: String,
}

impl Server {
    /// Starts this executable again, as the server.
    pub(super) fn start() -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        Ok(Self {
            process,
            url: url.trim().to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input ends the server. An error means that it has already ended.
        drop(self.process.stdin.take());
        let _ended = self.process.wait();
    }
}

/// Serves until the input ends, so that the server does not outlive a bench that was killed.
pub(super) fn run() -> Outcome<()> {
    let runtime = sample::runtime()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    writeln!(io::stdout(), "http://{}/wsman", listener.local_addr()?)?;
    std::thread::spawn(move || runtime.block_on(accept(listener)));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

async fn accept(listener: TcpListener) {
    let answer: &'static [u8] = answer().leak();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, answer));
    }
}

fn answer() -> Vec<u8> {
    let body = sample::put_answer();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Answers the messages of one connection until it closes.
async fn serve(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await? > 0 {
        if let Some(length) = message_length(&received)
            && received.len() >= length
        {
            received.drain(..length);
            stream.write_all(answer).await?;
        }
    }
    Ok(())
}

/// Returns the length of a message, once its head is complete.
fn message_length(received: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(received).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
    Some(head.len() + 4 + length.unwrap_or(0))
}
