//! The results of writes, and many writes from a file.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value as Json, json};
use wsman::cim::Name;
use wsman::{Error, Instance, InstancePath, Put, PutOutcome};

use crate::app::{App, is_stdin, summarize};
use crate::args::Format;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Sink, format_of};
use crate::value::json::read::Flat;
use crate::value::json::write;

/// Prints the result of a put.
pub(super) async fn print_put(host: &Host, put: Put, out: &Sink) -> Result<(), Failure> {
    let outcome = match put.outcome {
        PutOutcome::Created => "created",
        PutOutcome::Updated => "updated",
    };
    let instance = match put.instance {
        Some(instance) => Some(host.schema.typed(instance).await.map_err(Failure::Read)?),
        None => None,
    };
    print(outcome, &put.path, put.messages, instance.as_ref(), out)
}

/// Prints the result of a write.
pub(super) fn print(
    outcome: &str,
    path: &InstancePath,
    messages: u32,
    instance: Option<&Instance>,
    out: &Sink,
) -> Result<(), Failure> {
    out.result(json!({
        "outcome": outcome,
        "path": path.to_string(),
        "messages": messages,
        "instance": instance.map(write::instance),
    }))
}

/// The failure of a write, unless an error already has another.
pub(super) fn failed(error: Error) -> Failure {
    Failure::Write(error)
}

/// A file of values, and how much of it has been read.
pub(super) struct Source {
    pub(super) values: Box<dyn Iterator<Item = Result<Json, Failure>> + Send>,
    /// The size of the file in bytes; `None` for standard input.
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

impl Source {
    /// Opens a file of one JSON value, an array, or one value a line; `-` is standard input.
    pub(super) fn open(path: &Path, out: &Sink) -> Result<Self, Failure> {
        let read = Arc::new(AtomicU64::new(0));
        let (source, size): (Box<dyn Read + Send>, _) = if is_stdin(path) {
            (stdin_of(out)?, None)
        } else {
            let file = File::open(path).map_err(|error| Failure::usage("--from", &error))?;
            let size = file.metadata().ok().map(|metadata| metadata.len());
            (Box::new(file), size)
        };
        let counted = Counted(source, Arc::clone(&read));
        let values = serde_json::Deserializer::from_reader(BufReader::new(counted));
        let values = values.into_iter::<Json>().flat_map(|value| match value {
            Ok(Json::Array(items)) => items.into_iter().map(Ok).collect::<Vec<_>>(),
            Ok(value) => vec![Ok(value)],
            Err(error) => vec![Err(Failure::usage("--from is not JSON", &error))],
        });
        Ok(Self {
            values: Box::new(values),
            size,
            read,
        })
    }

    /// Reads the instances.
    pub(super) fn flats(
        self,
        class: Option<Name>,
    ) -> (impl Iterator<Item = Result<Flat, Failure>> + Send, Progress) {
        let progress = Progress::of_file(self.size, self.read);
        let flats = self.values.map(move |value| match value? {
            Json::Object(map) => Flat::read(&map, class.as_ref()),
            _ => Err(Failure::parameter("an instance is a JSON object")),
        });
        (flats, progress)
    }
}

/// Reads the lines of a file that are not empty; `-` is standard input.
pub(super) fn lines_of(
    path: &Path,
    out: &Sink,
) -> Result<impl Iterator<Item = Result<String, Failure>> + Send, Failure> {
    let source: Box<dyn Read + Send> = if is_stdin(path) {
        stdin_of(out)?
    } else {
        Box::new(File::open(path).map_err(|error| Failure::usage("--from", &error))?)
    };
    let lines = BufReader::new(source).lines();
    let lines = lines.map(|line| line.map_err(|error| Failure::usage("--from", &error)));
    Ok(lines.filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty())))
}

/// Returns standard input. Several hosts share its content, which is then read whole.
fn stdin_of(out: &Sink) -> Result<Box<dyn Read + Send>, Failure> {
    static CONTENT: Mutex<Option<Arc<[u8]>>> = Mutex::new(None);
    if !out.names_hosts() {
        return Ok(Box::new(io::stdin()));
    }
    let mut content = CONTENT.lock().unwrap_or_else(PoisonError::into_inner);
    let shared = match &*content {
        Some(read) => Arc::clone(read),
        None => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::usage("--from", &error))?;
            Arc::clone(content.insert(bytes.into()))
        }
    };
    Ok(Box::new(io::Cursor::new(shared)))
}

/// Counts the bytes that are read.
struct Counted(Box<dyn Read + Send>, Arc<AtomicU64>);

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(into)?;
        self.1.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Does a write for each item, several at a time, and reports each. The results keep their order.
pub(super) async fn each<T, F>(
    app: &App,
    host: &Host,
    items: impl Iterator<Item = Result<T, Failure>> + Send,
    mut progress: Progress,
    out: &Sink,
    write: impl Fn(T) -> F + Sync,
) -> Result<Exit, Failure>
where
    T: Send,
    F: Future<Output = Result<(), Failure>> + Send,
{
    let jobs = usize::from(app.settings.server.jobs);
    let write = &write;
    let runs = items.map(|item| async move {
        match item {
            Ok(item) => match write(item).await {
                Err(failure) => Err(host.clarified(failure).await),
                done => done,
            },
            Err(failure) => Err(failure),
        }
    });
    let mut ends = stream::iter(runs).buffered(jobs);
    let mut exits = Vec::new();
    loop {
        let end = tokio::select! {
            biased;
            () = app.interrupt.pressed() => return Err(Failure::Interrupted),
            end = ends.next() => end,
        };
        match end {
            None => break,
            Some(end) => exits.push(report(app, end, out)?),
        }
        out.flush()?;
        progress.step();
    }
    drop(progress);
    if !out.names_hosts() {
        summarize("instances", &exits);
    }
    Ok(Exit::of_all(exits))
}

/// Puts the failure of one of several writes into the output; the others go on.
fn report(app: &App, end: Result<(), Failure>, out: &Sink) -> Result<Exit, Failure> {
    match end {
        Ok(()) => Ok(Exit::Done),
        Err(failure) if failure.ends_the_run() => Err(failure),
        Err(failure) => {
            match format_of(&app.settings.output) {
                Format::Json | Format::Ndjson => {
                    out.result(json!({ "error": failure.to_json() }))?
                }
                _ => crate::app::note(&failure.text()),
            }
            Ok(failure.exit())
        }
    }
}
