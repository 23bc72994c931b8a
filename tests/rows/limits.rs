//! Tests the limits of the rows that awaiting a request collects.

use std::fmt::Debug;
use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wsman::cim::CimClass;
use wsman::enumerate::Enumerates;
use wsman::record::Replay;
use wsman::simulator::{Simulator, sample};
use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};
use wsman::{Credentials, Error, Request, Session};

use crate::{CONTEXT, items, opened, replay, session};

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    #[expect(dead_code, reason = "it is only read from the rows")]
    name: String,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
}

async fn stage() -> (Simulator, Session) {
    let simulator = sample().start().await.unwrap();
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted()
        .build()
        .unwrap();
    (simulator, session)
}

fn refused<T: Debug>(collected: Result<T, Error>, setting: &str) {
    let error = collected.unwrap_err();
    assert!(matches!(error, Error::CollectLimit(_)), "{error:?}");
    assert!(error.to_string().contains(setting), "{error}");
    assert!(
        !error.to_string().contains("may have performed it"),
        "{error}"
    );
}

/// Collects with the exact limit, with one row fewer, and with a limit of one byte.
async fn held<O>(simulator: &Simulator, request: impl Fn() -> Request<O>)
where
    O: Enumerates,
    O::Row: Debug,
    Request<O>: IntoFuture<Output = Result<Vec<O::Row>, Error>>,
{
    let rows = request().into_future().await.unwrap().len() as u64;
    assert!(rows > 1);
    let most = request().row_limit(rows).byte_limit(1_000_000);
    assert_eq!(most.into_future().await.unwrap().len() as u64, rows);
    for pages in [1, 1000] {
        let request = || request().max_elements(pages);
        refused(
            request().row_limit(rows - 1).into_future().await,
            "`row_limit`",
        );
        refused(request().row_limit(0).into_future().await, "`row_limit`");
        refused(request().byte_limit(1).into_future().await, "`byte_limit`");
    }
    let begun = std::time::Instant::now();
    while simulator.open_enumerations() > 0 {
        assert!(begun.elapsed().as_secs() < 10, "it is released");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let mut stream = request().row_limit(1).byte_limit(1).stream();
    let mut streamed = 0;
    while let Some(row) = stream.next().await {
        row.unwrap();
        streamed += 1;
    }
    assert_eq!(streamed, rows, "a stream has no limit");
}

#[tokio::test]
async fn limits_every_operation_that_returns_rows() {
    let (simulator, session) = stage().await;
    let class = "Win32_Service";
    held(&simulator, || session.enumerate_instances(class)).await;
    held(&simulator, || {
        session.enumerate_instances(class).select(["Name"])
    })
    .await;
    held(&simulator, || session.enumerate_instances(class).typed()).await;
    held(&simulator, || session.enumerate_paths(class)).await;
    held(&simulator, || {
        session.query_instances("SELECT * FROM Win32_Service")
    })
    .await;
    held(&simulator, || session.enumerate::<Service>()).await;
    held(&simulator, || {
        session.enumerate::<Service>().whole_instances()
    })
    .await;
    held(&simulator, || session.query::<Service>("Name IS NOT NULL")).await;
    held(&simulator, || session.enumerate_classes(None)).await;
    held(&simulator, || session.enumerate_classes(None).names_only()).await;
}

#[tokio::test]
async fn limits_associations() {
    let (simulator, session) = stage().await;
    let computers = session.enumerate_paths("Win32_ComputerSystem").await;
    let computer = computers.unwrap().remove(0);
    held(&simulator, || session.associators(&computer)).await;
    held(&simulator, || session.references(&computer)).await;
}

/// The limit of the session applies if the request has none.
#[tokio::test]
async fn applies_the_limits_of_the_session() {
    let simulator = sample().start().await.unwrap();
    let builder = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted();
    let session = builder.row_limit(2).build().unwrap();
    refused(session.enumerate_paths("Win32_Service").await, "2 rows");
    let more = session.enumerate_paths("Win32_Service").row_limit(100);
    assert_eq!(more.await.unwrap().len(), 13);
    let mut started = session.enumerate_paths("Win32_Service").start();
    let ended = started.wait(std::time::Duration::from_secs(10)).await;
    refused(ended.unwrap(), "2 rows");

    let builder = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted();
    let session = builder.byte_limit(1000).build().unwrap();
    refused(session.enumerate_paths("Win32_Service").await, "1000 bytes");
}

/// An endless server: it answers every Pull with ten rows and counts the messages.
#[derive(Debug)]
struct Endless {
    first: Arc<Replay>,
    messages: AtomicUsize,
}

impl Transport for Endless {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        self.messages.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let body = message.body.as_bytes().unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            if body.contains("/Enumerate<") {
                return self.first.exchange(message).await;
            }
            let page = replay(&[crate::pulled(&[CONTEXT, &items(0..10)])]);
            page.exchange(message).await
        })
    }
}

#[tokio::test]
async fn stops_an_endless_server_at_the_limit() {
    let first = replay(&[opened(&[CONTEXT, &items(0..10)])]);
    let endless = Arc::new(Endless {
        first,
        messages: AtomicUsize::new(0),
    });
    let session = session(Arc::clone(&endless) as _);
    let all = session.enumerate_instances("A").row_limit(1000);
    refused(all.pages_ahead(0).await, "1000 rows");
    // Ten rows from the Enumerate, then 99 full pages and the page with the row over the limit.
    let asked = endless.messages.load(Ordering::Relaxed);
    assert!((101..=102).contains(&asked), "{asked} and a Release");
}

/// Rows that a filter should have excluded count as bytes, so that a server that ignores the filter
/// also reaches the limit.
#[tokio::test]
async fn stops_endless_unwanted_rows_at_the_limit() {
    let first = replay(&[opened(&[CONTEXT, &items(0..10)])]);
    let endless = Arc::new(Endless {
        first,
        messages: AtomicUsize::new(0),
    });
    let session = session(endless);
    let none = session.enumerate_instances("A").matching("N", 77u32);
    refused(none.byte_limit(100_000).await, "100000 bytes");
}
