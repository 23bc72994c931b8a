//! Runs a subscription: some events, then its end.

use std::time::Duration;

use wsman::subscribe::{Bookmark, Subscribe};
use wsman::{Error, Event, Request, Session, Subscription};

use super::Outcome;
use crate::case::Case;

/// The items of a subscription until it was closed.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) events: Vec<Event>,
    /// Reports of possibly missed events.
    pub(crate) missed: Vec<Error>,
    /// The error that ended it before it was closed.
    pub(crate) end: Option<Error>,
    pub(crate) closed: Result<(), Error>,
}

/// Takes as many events and reports as the case lists, then waits for silence if requested, and closes.
pub(super) async fn call(case: &Case, session: &Session) -> Result<Outcome, String> {
    // Pauses take no time, and messages have a fixed order.
    tokio::time::pause();
    let mut subscription = match request(case, session)?.await {
        Ok(subscription) => subscription,
        Err(error) => return Ok(Outcome::Failed(error)),
    };
    let (mut events, mut missed, mut end) = (Vec::new(), Vec::new(), None);
    for _ in 0..case.number("take")?.unwrap_or(0) {
        match subscription.next().await.ok_or("no more events")? {
            Ok(event) => events.push(event),
            Err(error @ Error::EventsMissed(_)) => missed.push(error),
            Err(error) => end = Some(error),
        }
    }
    if let Some(limit) = seconds(case, "silence") {
        silence(&mut subscription, limit).await?;
    }
    Ok(Outcome::Events(Events {
        events,
        missed,
        end,
        closed: subscription.close().await,
    }))
}

async fn silence(subscription: &mut Subscription, limit: Duration) -> Result<(), String> {
    match tokio::time::timeout(limit, subscription.next()).await {
        Err(_elapsed) => Ok(()),
        Ok(item) => Err(format!("no silence: {item:?}")),
    }
}

fn request(case: &Case, session: &Session) -> Result<Request<Subscribe>, String> {
    let query = case.text("query").ok_or("no query")?;
    let mut request = session
        .subscribe(query)
        .max_elements(case.number("max_elements")?);
    if let Some(class) = case.text("class") {
        request = request.class(class);
    }
    if let Some(interval) = seconds(case, "heartbeats") {
        request = request.heartbeats(interval);
    }
    if let Some(after) = seconds(case, "expires") {
        request = request.expires(after);
    }
    if let Some(limit) = seconds(case, "max_latency") {
        request = request.max_latency(limit);
    }
    if case.flag("send_bookmarks") {
        request = request.send_bookmarks();
    }
    Ok(match case.text("bookmark") {
        None => request,
        Some("earliest") => request.bookmark(Bookmark::Earliest),
        Some(text) => request.bookmark(Bookmark::At(text.to_owned())),
    })
}

/// Reads a number of seconds of `[call]`, with or without a fraction.
fn seconds(case: &Case, key: &str) -> Option<Duration> {
    let number = case.call_table().get(key)?;
    let whole = || number.as_integer()?.to_string().parse().ok();
    Some(Duration::from_secs_f64(number.as_float().or_else(whole)?))
}
