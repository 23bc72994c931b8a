//! A server with prepared answers, and one that requires NTLM. They run in a process of their own, so that
//! their cost is not counted.
//!
//! The first answers by the message:
//!
//! | message | answer |
//! |---|---|
//! | Enumerate of the class `RowsN` | the context of N rows |
//! | Pull | a page of these |
//! | `GET` | the connections and the messages so far |
//! | any other | the response to a Put |

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Outcome, sample};

/// The rows of a page.
const PAGE: u64 = 200;

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
static MESSAGES: AtomicUsize = AtomicUsize::new(0);

/// The kind of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Has prepared answers.
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

    /// Returns the number of connections that the server has accepted, without the one that asks, and of
    /// messages that it has answered.
    pub(super) fn counts(&self) -> Outcome<(usize, usize)> {
        let address = self.url.trim_start_matches("http://");
        let address = address.trim_end_matches("/wsman");
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n")?;
        let mut counts = String::new();
        stream.read_to_string(&mut counts)?;
        let (connections, messages) = counts.split_once(' ').ok_or("no two numbers")?;
        Ok((connections.parse()?, messages.parse()?))
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
    while let Ok((stream, _)) = listener.accept().await {
        CONNECTIONS.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(stream));
    }
}

/// Answers the messages of one connection until it closes.
async fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await? > 0 {
        if received.starts_with(b"GET ") {
            let connections = CONNECTIONS.load(Ordering::Relaxed) - 1;
            let counts = format!("{connections} {}", MESSAGES.load(Ordering::Relaxed));
            return stream.write_all(counts.as_bytes()).await;
        }
        if let Some(length) = message_length(&received)
            && received.len() >= length
        {
            MESSAGES.fetch_add(1, Ordering::Relaxed);
            let message: Vec<u8> = received.drain(..length).collect();
            match rows_answer(&String::from_utf8_lossy(&message)) {
                Some(answer) => stream.write_all(&answer).await?,
                None => stream.write_all(put_answer()).await?,
            }
        }
    }
    Ok(())
}

fn put_answer() -> &'static [u8] {
    static ANSWER: OnceLock<Vec<u8>> = OnceLock::new();
    ANSWER.get_or_init(|| http(sample::put_answer()))
}

/// Answers an Enumerate or a Pull; the context says how many rows are left.
fn rows_answer(message: &str) -> Option<Vec<u8>> {
    static ITEMS: OnceLock<String> = OnceLock::new();
    if message.contains("/enumeration/Pull<") {
        let left: u64 = number_after(message, "EnumerationContext>")?;
        let left = left.saturating_sub(PAGE);
        let context = (left > 0).then(|| left.to_string());
        let items = ITEMS.get_or_init(|| sample::items(PAGE as usize));
        return Some(http(&sample::pulled(items, context.as_deref())));
    }
    if message.contains("/enumeration/Enumerate<") {
        let rows: u64 = number_after(message, "/Rows")?;
        return Some(http(&sample::opened(&rows.to_string())));
    }
    None
}

/// Reads the number behind the first of these texts.
fn number_after(message: &str, text: &str) -> Option<u64> {
    let (_, rest) = message.split_once(text)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

fn http(body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
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
