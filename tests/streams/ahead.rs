//! Tests how far a stream prefetches ahead of its reader.

use std::time::Duration;

use tokio::task::JoinSet;
use wsman::simulator::Simulator;

use crate::{SERVICES, leaves_nothing, seen, services};

/// Returns the number of Pulls, once the client has sent all it will send.
async fn pulls(simulator: &Simulator) -> usize {
    let mut before = seen(simulator, "Pull");
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match seen(simulator, "Pull") {
            now if now == before => return now,
            now => before = now,
        }
    }
}

#[test]
fn prefetches_the_requested_number_of_pages() {
    for ahead in [0, 1, 3] {
        leaves_nothing(async |session, simulator| {
            // openwsman sends the context of the first page after its rows, so the second page is the
            // first that can be released early.
            let mut rows = services(&session).pages_ahead(ahead).unoptimized().stream();
            for page in 0..2 {
                for row in 0..3 {
                    rows.next().await.unwrap().unwrap();
                    let of_rows_taken = page + 1 + ahead;
                    let sent = pulls(simulator).await;
                    assert_eq!(sent, of_rows_taken.min(5), "at {row} of page {page}");
                }
            }
            let mut rest = 0;
            while let Some(row) = rows.next().await {
                row.unwrap();
                rest += 1;
            }
            assert_eq!(rest, SERVICES - 6);
            assert_eq!(pulls(simulator).await, 5, "none after the last");
        });
    }
}

#[test]
fn sixteen_streams_share_a_session() {
    leaves_nothing(async |session, simulator| {
        let mut streams = JoinSet::new();
        for number in 0..16 {
            let request = services(&session).pages_ahead(number % 4);
            streams.spawn(async move {
                let mut rows = request.stream();
                let mut names = Vec::new();
                while let Some(row) = rows.next().await {
                    names.push(row.unwrap().get::<String>("Name").unwrap());
                }
                names
            });
        }
        let all = streams.join_all().await;
        let first = all.first().unwrap();
        assert_eq!((all.len(), first.len()), (16, SERVICES));
        assert!(all.iter().all(|names| names == first));
        assert_eq!(seen(simulator, "Release"), 0);
    });
}

#[test]
fn sixteen_streams_are_dropped_early() {
    leaves_nothing(async |session, simulator| {
        let mut streams = JoinSet::new();
        for number in 0..16 {
            let request = services(&session).pages_ahead(number % 4);
            streams.spawn(async move {
                let mut rows = request.stream();
                for _ in 0..=number % 5 {
                    rows.next().await.unwrap().unwrap();
                }
                rows.release().await.unwrap();
            });
        }
        assert_eq!(streams.join_all().await.len(), 16);
        assert_eq!(simulator.open_enumerations(), 0);
    });
}
