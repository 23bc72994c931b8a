//! A server that answers every message with the same PutResponse, and one that requires NTLM. They run
//! in a process of their own, so that their cost is not counted.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Outcome, sample};

/// The kind of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Answers every message with the same PutResponse.
    Canned,
    /// The simulator, which requires NTLM and sealed messages.
    #[cfg(feature = "negotiate")]
    Ntlm,
}

impl Kind {
    const ALL: &[Self] = &[
        Self::Canned,
        #[cfg(feature = "negotiate")]
        Self::Ntlm,
    ];

    /// The argument that turns the bench into this server.
    fn argument(self) -> &'static str {
        match self {
            Self::Canned => "--serve",
            #[cfg(feature = "negotiate")]
            Self::Ntlm => "--serve-ntlm",
        }
    }

    /// Returns the server that an argument asks for.
    pub(super) fn of(argument: &str) -> Option<Self> {
        let mut kinds = Self::ALL.iter().copied();
        kinds.find(|kind| kind.argument() == argument)
    }
}

/// The server process; dropping it ends the server.
pub(super) struct Server {
    process: Child,
    pub(super) url: String,
}

impl Server {
    /// Starts this executable again, as the server.
    pub(super) fn start(kind: Kind) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(kind.argument())
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
pub(super) fn run(kind: Kind) -> Outcome<()> {
    let runtime = sample::runtime()?;
    match kind {
        Kind::Canned => {
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
            writeln!(io::stdout(), "http://{}/wsman", listener.local_addr()?)?;
            std::thread::spawn(move || runtime.block_on(accept(listener)));
        }
        #[cfg(feature = "negotiate")]
        Kind::Ntlm => {
            use wsman::simulator::{LoginScheme, NtlmScheme, sample};

            let builder = sample().logins([LoginScheme::Ntlm(NtlmScheme::new())]);
            let simulator = runtime.block_on(builder.start())?;
            writeln!(io::stdout(), "{}", simulator.url())?;
            std::thread::spawn(move || {
                runtime.block_on(std::future::pending::<()>());
                drop(simulator);
            });
        }
    }
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
