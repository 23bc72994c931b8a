//! `wsman subscribe`: events as they come.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;
use std::{fs, process};

use clap::Args;
use serde_json::{Value as Json, json};
use wsman::subscribe::Bookmark;
use wsman::{Error, Instance, Subscription};

use crate::app::{App, HostCommand, note};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::write;

/// How long the server may take to unsubscribe before the program ends without it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which events.
#[derive(Debug, Args)]
pub(crate) struct SubscribeArgs {
    /// The query, such as "SELECT * FROM Win32_ProcessStartTrace"
    #[arg(value_name = "WQL")]
    query: String,
    /// Stop after this many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_events: Option<u64>,
    /// Keep the place in a file, and go on from it
    #[arg(long, value_name = "FILE")]
    bookmark: Option<PathBuf>,
}

impl HostCommand for SubscribeArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let mut request = host.session.subscribe(self.query.as_str());
        if let Some(path) = &self.bookmark {
            request = request.send_bookmarks();
            if let Some(kept) = kept(path)? {
                request = request.bookmark(kept);
            }
        }
        let mut subscribing = pin!(request.into_future());
        let mut events = tokio::select! {
            biased;
            () = app.interrupt.pressed() => {
                // The server may have subscribed already, which only its answer tells.
                let _ = tokio::time::timeout(PATIENCE, async {
                    if let Ok(events) = subscribing.await {
                        let _ = events.close().await;
                    }
                }).await;
                return Err(Failure::Interrupted);
            }
            events = &mut subscribing => events.map_err(Failure::Read)?,
        };
        let printed = tokio::select! {
            biased;
            () = app.interrupt.pressed() => Err(Failure::Interrupted),
            printed = self.print(host, &mut events, out) => printed,
        };
        // A server that does not answer keeps the subscription until it expires there.
        let _ = tokio::time::timeout(PATIENCE, events.close()).await;
        printed.map(|()| Exit::Done)
    }
}

impl SubscribeArgs {
    async fn print(
        &self,
        host: &Host,
        events: &mut Subscription,
        out: &Sink,
    ) -> Result<(), Failure> {
        let mut left = self.max_events.unwrap_or(u64::MAX);
        while left > 0
            && let Some(event) = events.next().await
        {
            let event = match event {
                Ok(event) => event,
                Err(error @ Error::EventsMissed(_)) => {
                    note(&error.to_string());
                    continue;
                }
                Err(error) => return Err(Failure::Read(error)),
            };
            let bookmark = event.bookmark.clone();
            let instance = host
                .schema
                .typed(event.instance)
                .await
                .map_err(Failure::Read)?;
            if out.is_for_people() {
                out.instance(&instance)?;
            } else {
                out.result(to_json(&instance, bookmark.as_ref()))?;
            }
            out.flush()?;
            if let (Some(path), Some(bookmark)) = (&self.bookmark, bookmark) {
                keep(path, &bookmark)?;
            }
            left -= 1;
        }
        Ok(())
    }
}

fn to_json(instance: &Instance, bookmark: Option<&Bookmark>) -> Json {
    json!({
        "class": instance.class().as_str(),
        "event": write::instance(instance),
        "bookmark": bookmark.map(ToString::to_string),
    })
}

/// Reads the place of an earlier run.
fn kept(path: &Path) -> Result<Option<Bookmark>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(Bookmark::from(text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage("--bookmark", &error)),
    }
}

/// Keeps the place. The file is replaced as a whole, so that it always holds one.
fn keep(path: &Path, bookmark: &Bookmark) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", process::id()));
    let new = PathBuf::from(name);
    let replaced = fs::write(&new, bookmark.to_string()).and_then(|()| fs::rename(&new, path));
    replaced.map_err(|error| {
        let text = format!("the bookmark cannot be kept: {error}");
        Failure::found(Exit::Failed, "bookmark", text)
    })
}
