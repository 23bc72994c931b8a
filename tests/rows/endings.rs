//! Tests how an enumeration without an end ends, on a clock that is paused.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wsman::error::TimeoutKind;
use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};
use wsman::{Delivery, Error, Session, SessionBuilder};

use crate::{CONTEXT, items, opened, pulled, replay};

/// A server that takes its time for each page, none of which is the last.
#[derive(Debug)]
struct Endless {
    pause: Duration,
    rows: u32,
}

impl Transport for Endless {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        let items = items(0..self.rows);
        Box::pin(async move {
            tokio::time::sleep(self.pause).await;
            let body = message.body.as_bytes().unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            let parts: &[&str] = &[CONTEXT, &items];
            let page = if body.contains("/Enumerate<") {
                replay(&[opened(parts)])
            } else {
                replay(&[pulled(parts)])
            };
            page.exchange(message).await
        })
    }
}

fn builder(pause: u64, rows: u32) -> SessionBuilder {
    let pause = Duration::from_secs(pause);
    Session::builder("http://host.example:5985/wsman")
        .namespace("root/a")
        .transport(Arc::new(Endless { pause, rows }))
}

/// Asserts that it ended with a deadline after so many seconds, and one message more at most.
fn assert_late(error: &Error, begun: Instant, seconds: u64) {
    assert_eq!(error.timeout_kind(), Some(TimeoutKind::Deadline), "{error}");
    assert_eq!(error.delivery(), Delivery::Answered, "{error}");
    let took = begun.elapsed().as_secs();
    assert!((seconds..=seconds + 30).contains(&took), "{took}: {error}");
}

#[tokio::test]
async fn an_awaited_enumeration_ends_after_an_hour() {
    tokio::time::pause();
    let session = builder(30, 1).build().unwrap();
    let begun = Instant::now();
    let error = session.enumerate_instances("A").await.unwrap_err();
    assert_late(&error, begun, 3600);
    let expected = "took longer than 3600 s (SessionBuilder::deadline)";
    assert!(error.to_string().contains(expected), "{error}");

    let begun = Instant::now();
    let started = session.enumerate_instances("A").start();
    assert_late(&started.await.unwrap_err(), begun, 3600);
}

#[tokio::test]
async fn the_deadline_of_a_session_can_be_set() {
    tokio::time::pause();
    let minute = Duration::from_secs(60);
    let session = builder(10, 1).deadline(minute).build().unwrap();
    let begun = Instant::now();
    let error = session.enumerate_instances("A").await.unwrap_err();
    assert_late(&error, begun, 60);

    // That of a request replaces it, and a longer one does so too.
    let begun = Instant::now();
    let request = session.enumerate_instances("A").deadline(minute * 10);
    assert_late(&request.await.unwrap_err(), begun, 600);

    let session = builder(10, 1).deadline(None).row_limit(1000);
    let session = session.build().unwrap();
    let begun = Instant::now();
    let error = session.enumerate_instances("A").await.unwrap_err();
    assert!(matches!(error, Error::CollectLimit(_)), "{error}");
    assert!(begun.elapsed() > Duration::from_secs(2 * 3600));
}

/// A stream goes on as long as its caller wants.
#[tokio::test]
async fn streamed_rows_have_no_deadline_of_the_session() {
    tokio::time::pause();
    let session = builder(30, 1).build().unwrap();
    let mut rows = session.enumerate_instances("A").stream();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3 * 3600) {
        rows.next().await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn pages_without_a_row_have_a_limit() {
    tokio::time::pause();
    for (pages, text) in [(None, "sent 128 pages"), (Some(3), "sent 3 pages")] {
        let builder = builder(1, 0);
        let builder = match pages {
            Some(pages) => builder.empty_pages(pages),
            None => builder,
        };
        let session = builder.build().unwrap();
        let begun = Instant::now();
        let error = session.enumerate_instances("A").await.unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error:?}");
        for part in [text, "(SessionBuilder::empty_pages)"] {
            assert!(error.to_string().contains(part), "{error}");
        }
        let most = u64::from(pages.unwrap_or(128)) + 20;
        assert!(begun.elapsed() < Duration::from_secs(most));
        let mut rows = session.enumerate_instances("A").stream();
        let error = rows.next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}
