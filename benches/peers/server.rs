//! A server of plain sockets with prepared answers. Its threads belong to the bench, so that their time is
//! not that of a client.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Outcome;
use super::answers::{Answers, PAGE};

pub(super) const USER: &str = "ops";
pub(super) const PASSWORD: &str = "secret";

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const CHALLENGE: &[u8] = b"HTTP/1.1 401 Unauthorized\r\n\
    WWW-Authenticate: Basic realm=\"bench\"\r\nContent-Length: 0\r\n\r\n";

/// The server. It serves until the process ends.
pub(super) struct Server {
    pub(super) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Answers,
    /// The rows that are left of the enumeration; a client has one at a time.
    left: Mutex<u64>,
    with_paths: AtomicBool,
    puts: AtomicU64,
    rows: AtomicU64,
}

/// A request: what matters of its head, and its body.
struct Request {
    has_login: bool,
    body: String,
}

impl Server {
    pub(super) fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/wsman", listener.local_addr()?);
        let shared = Arc::new(Shared {
            answers: Answers::new(),
            left: Mutex::new(0),
            with_paths: AtomicBool::new(false),
            puts: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        });
        let of_threads = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_threads);
                // The client sees a connection that failed, and its work does not end well.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { url, shared })
    }

    /// Counts anew, and holds this many rows for the next enumeration.
    pub(super) fn expect(&self, rows: u64) {
        *self.shared.left() = rows;
        self.shared.puts.store(0, Ordering::Relaxed);
        self.shared.rows.store(0, Ordering::Relaxed);
    }

    /// Returns the Puts that were answered and the rows that were sent.
    pub(super) fn served(&self) -> (u64, u64) {
        let puts = self.shared.puts.load(Ordering::Relaxed);
        (puts, self.shared.rows.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn left(&self) -> std::sync::MutexGuard<'_, u64> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the messages of one connection until it closes.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::with_capacity(64 * 1024, stream);
        while let Some(request) = Request::read(&mut reader, &mut writer)? {
            if request.has_login {
                writer.write_all(&self.answer(&request.body))?;
            } else {
                writer.write_all(CHALLENGE)?;
            }
        }
        Ok(())
    }

    fn answer(&self, message: &str) -> Vec<u8> {
        let relates_to = text_of(message, "MessageID").unwrap_or_default();
        if message.contains("/enumeration/Enumerate<") {
            let with_paths = message.contains("EnumerateObjectAndEPR");
            self.with_paths.store(with_paths, Ordering::Relaxed);
            return self.answers.opened(relates_to);
        }
        if message.contains("/enumeration/Pull<") {
            return self.pull(relates_to, text_of(message, "MaxElements"));
        }
        self.puts.fetch_add(1, Ordering::Relaxed);
        self.answers.put(relates_to)
    }

    fn pull(&self, relates_to: &str, most: Option<&str>) -> Vec<u8> {
        let most = most.and_then(|most| most.parse().ok()).unwrap_or(PAGE);
        let mut left = self.left();
        let rows = usize::try_from(*left).unwrap_or(PAGE).min(most).min(PAGE);
        *left -= rows as u64;
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        let with_paths = self.with_paths.load(Ordering::Relaxed);
        self.answers.page(relates_to, rows, with_paths, *left == 0)
    }
}

impl Request {
    /// Reads the next request; `None` at the end of the connection.
    fn read(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> io::Result<Option<Self>> {
        let (mut length, mut has_login, mut is_first) = (0, false, true);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_end();
            if line.is_empty() && !is_first {
                break;
            }
            is_first = false;
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "authorization" => has_login = true,
                "expect" => writer.write_all(CONTINUE)?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Some(Self { has_login, body }))
    }
}

/// Returns the text of the first element of this name, under whatever prefix.
fn text_of<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (_, after_name) = message.split_once(name)?;
    let (_, text) = after_name.split_once('>')?;
    text.split_once('<').map(|(text, _)| text)
}
