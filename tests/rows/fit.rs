//! Tests how many rows the session asks for, and when it asks ahead of the reader.

use std::sync::Arc;
use std::time::Duration;

use wsman::record::Replay;
use wsman::{Instance, Rows};

use crate::{CONTEXT, END, opened, play, pulled};

/// Rows of about `bytes` bytes each.
fn rows_of(bytes: usize, count: usize) -> String {
    let row = format!("<p:A><p:T>{}</p:T></p:A>", "x".repeat(bytes - 22));
    format!("<n:Items>{}</n:Items>", row.repeat(count))
}

/// Returns the rows that each Pull asked for.
pub(crate) fn asked(replay: &Replay) -> Vec<u32> {
    let texts = replay.requests().into_iter();
    texts
        .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
        .filter_map(|text| {
            let after = text.split("<n:MaxElements>").nth(1)?;
            after.split('<').next()?.parse().ok()
        })
        .collect()
}

async fn read(rows: &mut Rows<Instance>, count: usize) {
    for _ in 0..count {
        rows.next().await.unwrap().unwrap();
    }
}

/// Returns how many requests were sent, once the task behind the rows has nothing left to do.
async fn sent(replay: &Arc<Replay>) -> usize {
    tokio::time::sleep(Duration::from_millis(20)).await;
    replay.requests().len()
}

/// 1,000 rows of 400 bytes fit the envelope of 512,000 bytes with room; a full page has 3/4 of half of it.
#[tokio::test]
async fn asks_ahead_of_a_server_that_fills_its_pages() {
    let full = rows_of(400, 500);
    let (session, replay) = play(&[
        opened(&[CONTEXT, &full]),
        pulled(&[CONTEXT, &full]),
        pulled(&[CONTEXT, &full]),
        pulled(&[&rows_of(400, 1), END]),
    ]);
    let mut rows = session.enumerate_instances("A").stream();
    read(&mut rows, 500).await;
    assert_eq!(
        sent(&replay).await,
        1,
        "the first page shows how large the rows are"
    );
    read(&mut rows, 1).await;
    assert_eq!(sent(&replay).await, 3, "the second page is full");
    read(&mut rows, 500).await;
    assert_eq!(sent(&replay).await, 4);
    read(&mut rows, 500).await;
    assert!(rows.next().await.is_none());
    assert_eq!(asked(&replay), [1000; 3]);
}

#[tokio::test]
async fn waits_for_the_reader_of_pages_that_are_nearly_empty() {
    let (session, replay) = play(&[
        opened(&[CONTEXT, &rows_of(400, 500)]),
        pulled(&[CONTEXT, &rows_of(400, 20)]),
        pulled(&[CONTEXT, &rows_of(400, 60)]),
        pulled(&[&rows_of(400, 1), END]),
    ]);
    let mut rows = session.enumerate_instances("A").stream();
    for (page, count) in [(1, 500), (2, 20), (3, 60), (4, 1)] {
        read(&mut rows, count).await;
        assert_eq!(sent(&replay).await, page);
    }
    assert!(rows.next().await.is_none());
}

/// What fits is judged by the largest row; a page of small rows does not make the requests grow again.
#[tokio::test]
async fn asks_for_no_more_rows_than_fit_the_envelope() {
    for ahead in [None, Some(0)] {
        let (session, replay) = play(&[
            opened(&[CONTEXT, &rows_of(684, 745)]),
            pulled(&[CONTEXT, &rows_of(100, 10)]),
            pulled(&[CONTEXT, &rows_of(300_000, 1)]),
            pulled(&[CONTEXT, &rows_of(100, 1)]),
            pulled(&[&rows_of(100, 1), END]),
        ]);
        let all = session.enumerate_instances("A");
        let all = match ahead {
            Some(ahead) => all.pages_ahead(ahead),
            None => all,
        };
        assert_eq!(all.await.unwrap().len(), 745 + 10 + 3);
        assert_eq!(asked(&replay), [598, 598, 1, 1], "{ahead:?}");
    }
}

/// The caller's limit stays, and a smaller envelope has room for fewer rows.
#[tokio::test]
async fn asks_for_no_more_rows_than_the_caller_set() {
    let (session, replay) = play(&[
        opened(&[CONTEXT, &rows_of(100, 10)]),
        pulled(&[&rows_of(100, 1), END]),
    ]);
    assert_eq!(
        session
            .enumerate_instances("A")
            .max_elements(7)
            .await
            .unwrap()
            .len(),
        11
    );
    assert_eq!(asked(&replay), [7]);
}
