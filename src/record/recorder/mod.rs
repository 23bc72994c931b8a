//! Records exchanges in a folder.

mod open;
mod request;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use url::Url;

use self::request::{Request, Seen};
use super::scrub::Scrub;
use super::text::element_text;
use crate::auth::Secret;
use crate::calendar::date_of;
use crate::case::{Case, CaseDelivery, CaseExchange, create_folder, create_folders, write_file};
use crate::transport::http::HttpTransport;
use crate::transport::{
    Delivery, ExchangeFuture, OutgoingMessage, Transport, TransportError, WholeAnswer,
};

const REQUEST: &str = "01.request.xml";
const RESPONSE: &str = "01.response.xml";

/// The limit of failures that are kept: a full disk fails every exchange.
const KEPT_FAILURES: usize = 100;

/// A transport that passes messages on to another one and writes each exchange to a folder.
///
/// An exchange becomes `NNNN-<action>/` with `case.toml`, `01.request.xml` and `01.response.xml`,
/// as [`Replay`](super::Replay) reads them. Numbers continue after the existing ones, and nothing
/// is overwritten. An exchange is written at the end of its answer; an aborted one leaves no folder.
///
/// On Unix, folders are created with mode 0700 and files with 0600, because the messages hold the
/// server's data. An existing folder keeps its mode.
///
/// Request headers, and so logins, are never written. In messages, `host.example` replaces the
/// server's name or address from the URL, and the machine name in a fault. Secrets of the requests
/// ([`OutgoingMessage::secrets`]) become `***`, also where a later answer repeats them. Register other
/// secrets with [`Recorder::scrub`], and read a recording before you share it.
///
/// ```
/// use std::sync::Arc;
/// use wsman::record::Recorder;
/// use wsman::record::{Exchange, Replay};
/// use wsman::transport::{OutgoingMessage, Transport};
///
/// # wsman::doc_examples::block_on(async || {
/// # let dir = tempfile::tempdir()?;
/// # let dir = dir.path();
/// let server = Replay::from_exchanges(vec![Exchange::answered(200, "<a>hunter2</a>")]);
/// let recorder = Recorder::new(Arc::new(server), dir, "windows").scrub("hunter2");
/// let get = "<Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</Action>";
/// let message = OutgoingMessage::new(get);
/// recorder.exchange(message).await?.whole(1 << 20).await?;
/// assert_eq!(std::fs::read_to_string(dir.join("0001-Get/01.response.xml"))?, "<a>***</a>");
/// # Ok(()) });
/// ```
#[derive(Debug)]
pub struct Recorder {
    inner: Arc<dyn Transport>,
    settings: Arc<Settings>,
    shelf: Arc<Shelf>,
}

/// What is written of each exchange.
#[derive(Clone, Debug, Default)]
struct Settings {
    server: String,
    source: String,
    date: Option<String>,
    endpoint: Option<Url>,
    scrub: Scrub,
    seen: Arc<Seen>,
}

/// The target folder; shared with the threads that write to it.
#[derive(Debug)]
struct Shelf {
    dir: PathBuf,
    last_number: Mutex<u32>,
    failures: Mutex<Vec<String>>,
}

/// An exchange that is ready to be written.
struct Entry {
    case: Case,
    request: Vec<u8>,
    response: Option<Vec<u8>>,
}

impl Recorder {
    /// Records the exchanges of `inner` below `dir`, which is created if it does not exist.
    ///
    /// `server` names the server, such as `windows-2022` or `omi`.
    pub fn new(inner: Arc<dyn Transport>, dir: impl Into<PathBuf>, server: &str) -> Self {
        let shelf = Shelf {
            dir: dir.into(),
            last_number: Mutex::default(),
            failures: Mutex::default(),
        };
        let settings = Settings {
            server: server.to_owned(),
            source: concat!("recorded by wsman ", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Settings::default()
        };
        Self {
            inner,
            settings: Arc::new(settings),
            shelf: Arc::new(shelf),
        }
    }

    /// Replaces a text by `***` wherever it occurs, ignoring the case of ASCII letters.
    #[must_use]
    pub fn scrub(mut self, text: impl Into<Secret>) -> Self {
        self.set().scrub.add(text.into());
        self
    }

    /// Sets the URL whose host becomes `host.example`. Defaults to the one in each message's
    /// `wsa:To`.
    #[must_use]
    pub fn endpoint(mut self, url: Url) -> Self {
        self.set().endpoint = Some(url);
        self
    }

    /// Sets the origin of the recordings, in words.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.set().source = source.into();
        self
    }

    /// Sets the recorded date. Defaults to today in UTC.
    #[must_use]
    pub fn date(mut self, date: impl Into<String>) -> Self {
        self.set().date = Some(date.into());
        self
    }

    /// Returns the write failures, at most the first hundred. They do not fail the exchange.
    pub fn failures(&self) -> Vec<String> {
        locked(&self.shelf.failures).clone()
    }

    fn set(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Settings {
    /// Scrubs an exchange.
    fn entry(&self, sent: &Request, outcome: Result<&WholeAnswer, &TransportError>) -> Entry {
        self.seen.add(sent);
        let request = &self.seen.hide(&sent.without_secrets())[..];
        let endpoint = self.endpoint.clone().or_else(|| addressee(request));
        let scrub = |message: &[u8]| self.scrub.message(message, endpoint.as_ref());
        let scrub_text = |text: &str| self.scrub.text(text, endpoint.as_ref());
        let mut exchange = CaseExchange {
            request: REQUEST.to_owned(),
            compare: Some("parts".to_owned()),
            ..CaseExchange::default()
        };
        match outcome {
            Ok(answer) => {
                exchange.response = Some(RESPONSE.to_owned());
                exchange.status = Some(answer.status);
                exchange.headers = joined(&answer.headers, scrub_text);
            }
            Err(error) => {
                exchange.failure = Some(scrub_text(&error.to_string()));
                exchange.delivery = Some(match error.delivery() {
                    Delivery::NotSent => CaseDelivery::NotSent,
                    _ => CaseDelivery::Unknown,
                });
            }
        }
        Entry {
            case: Case {
                server: self.server.clone(),
                origin: "recorded".to_owned(),
                source: self.source.clone(),
                recorded: self.date.clone().unwrap_or_else(today),
                exchanges: vec![exchange],
            },
            request: scrub(request),
            response: outcome
                .ok()
                .map(|answer| scrub(&self.seen.hide(&answer.body))),
        }
    }

    /// Returns the name of a folder, without its number.
    fn name_of(&self, action: &str) -> String {
        self.scrub.text(action, None).replace('*', "_")
    }
}

impl Transport for Recorder {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(self.pass(message))
    }

    fn http(&self) -> Option<&HttpTransport> {
        self.inner.http()
    }
}

impl Entry {
    fn write(&self, folder: &Path) -> io::Result<()> {
        write_file(&folder.join(REQUEST), &self.request)?;
        if let Some(response) = &self.response {
            write_file(&folder.join(RESPONSE), response)?;
        }
        self.case.write(folder)
    }
}

impl Shelf {
    /// Creates a folder with the next number. Another process may do so at the same time.
    fn new_folder(&self, name: &str) -> io::Result<PathBuf> {
        create_folders(&self.dir)?;
        let mut last_number = locked(&self.last_number);
        if *last_number == 0 {
            *last_number = highest_number(&self.dir)?;
        }
        loop {
            *last_number = last_number.saturating_add(1);
            let folder = self.dir.join(format!("{:04}-{name}", *last_number));
            match create_folder(&folder) {
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made.map(|()| folder),
            }
        }
    }

    fn keep_failure(&self, failure: String) {
        let mut failures = locked(&self.failures);
        if failures.len() < KEPT_FAILURES {
            failures.push(failure);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the highest number of the existing folders.
fn highest_number(dir: &Path) -> io::Result<u32> {
    let mut highest = 0;
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.split('-').next()?.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

/// Returns the last segment of the message's action, safe for a file name.
fn action(request: &[u8]) -> String {
    const LONGEST: usize = 60;
    let action = element_text(request, "Action").unwrap_or_default();
    let last = action
        .rsplit(|byte| *byte == b'/')
        .next()
        .unwrap_or_default();
    let usual = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let name: String = last
        .iter()
        .copied()
        .filter(usual)
        .take(LONGEST)
        .map(char::from)
        .collect();
    match name.is_empty() {
        // Identify is the only message without an action (DSP0226 11).
        true if element_text(request, "Identify").is_some() => "Identify".to_owned(),
        true => "message".to_owned(),
        false => name,
    }
}

/// Returns the `wsa:To` of a message.
fn addressee(request: &[u8]) -> Option<Url> {
    let to = element_text(request, "To")?;
    Url::parse(std::str::from_utf8(to).ok()?).ok()
}

/// Joins the headers by name; those of one name form one list (RFC 9110 5.3).
fn joined(
    headers: &[(String, String)],
    scrub: impl Fn(&str) -> String,
) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = scrub(value);
        joined
            .entry(name.clone())
            .and_modify(|list| list.extend([", ", &value]))
            .or_insert_with(|| value.clone());
    }
    joined
}

/// Returns today's date in UTC, such as `2026-11-21`.
fn today() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let days = i64::try_from(since.as_secs() / 86_400).unwrap_or_default();
    let (year, month, day) = date_of(days).unwrap_or_default();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_after_the_action() {
        let named = |text: &str| action(text.as_bytes());
        assert_eq!(
            named("<a:Action x='1'>http://x/transfer/Put</a:Action>"),
            "Put"
        );
        assert_eq!(named("<a:Action>http://x/../..\\Fo o</a:Action>"), "Foo");
        assert_eq!(
            named("<s:Body><wsmid:Identify></wsmid:Identify></s:Body>"),
            "Identify"
        );
        assert_eq!(named("hello"), "message");
    }

    #[test]
    fn headers_of_one_name_are_joined() {
        let header = |value: &str| ("www-authenticate".to_owned(), value.to_owned());
        let joined = joined(&[header("Negotiate"), header("Basic")], str::to_owned);
        assert_eq!(joined.get("www-authenticate").unwrap(), "Negotiate, Basic");
    }
}
