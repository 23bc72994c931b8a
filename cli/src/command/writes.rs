//! The results of writes, and many writes from a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value as Json, json};
use wsman::{Error, Instance, InstancePath, Put, PutOutcome};

use crate::app::App;
use crate::args::Format;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Sink, format_of};
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

/// Reads the values of a file: one JSON value, an array, or one value a line.
pub(super) fn values_of(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Json, Failure>>, Failure> {
    let source: Box<dyn BufRead + Send> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(path).map_err(|error| Failure::usage("--from", &error))?;
        Box::new(BufReader::new(file))
    };
    let values = serde_json::Deserializer::from_reader(source).into_iter::<Json>();
    let values = values.flat_map(|value| match value {
        Ok(Json::Array(items)) => items.into_iter().map(Ok).collect::<Vec<_>>(),
        Ok(value) => vec![Ok(value)],
        Err(error) => vec![Err(Failure::usage("--from is not JSON", &error))],
    });
    Ok(values)
}

/// Does a write for each item, several at a time, and reports each. The results keep their order.
pub(super) async fn each<T, F>(
    app: &App,
    items: impl Iterator<Item = Result<T, Failure>> + Send,
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
            Ok(item) => write(item).await,
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
            None => return Ok(Exit::of_all(exits)),
            Some(end) => exits.push(report(app, end, out)?),
        }
        out.flush()?;
    }
}

/// Puts the failure of one of several writes into the output; the others go on.
fn report(app: &App, end: Result<(), Failure>, out: &Sink) -> Result<Exit, Failure> {
    match end {
        Ok(()) => Ok(Exit::Done),
        Err(failure @ (Failure::Output(_) | Failure::Interrupted | Failure::Usage(_))) => {
            Err(failure)
        }
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
