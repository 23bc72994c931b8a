//! Tests valid and invalid pages of servers.

use std::time::Duration;

use wsman::record::Replay;
use wsman::{Error, Instance, InstancePath, Rows};

use crate::{
    CONTEXT, END, LATE, NO_CONTEXT, OTHER_CONTEXT, fault, items, opened, play, play_late, pulled,
};

async fn numbers(mut rows: Rows<Instance>) -> Vec<Result<u32, Error>> {
    let mut numbers = Vec::new();
    while let Some(row) = rows.next().await {
        numbers.push(row.map(|row| row.get("N").unwrap()));
    }
    numbers
}

/// Returns the actions and contexts of the requests, such as `Pull c1`.
fn asked(replay: &Replay) -> Vec<String> {
    let texts = replay.requests().into_iter();
    let texts = texts.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
    let between = |text: &str, before: &str, after: &str| {
        let rest = text.split(before).nth(1)?;
        rest.split(after).next().map(str::to_owned)
    };
    texts
        .map(|text| {
            let action = between(&text, "/09/enumeration/", "<").unwrap();
            match between(&text, "<n:EnumerationContext>", "<") {
                Some(context) => format!("{action} {context}"),
                None => action,
            }
        })
        .collect()
}

/// Lets the background task do its work.
async fn until(replay: &Replay, requests: usize) -> Vec<String> {
    for _ in 0..200 {
        if replay.requests().len() >= requests {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    asked(replay)
}

#[tokio::test]
async fn returns_rows_in_order_page_by_page() {
    let (session, replay) = play(&[
        opened(&[CONTEXT, &items(0..2)]),
        pulled(&[CONTEXT, &items(2..5)]),
        pulled(&[&items(5..6), END]),
    ]);
    let rows = numbers(session.enumerate_instances("A").stream()).await;
    let rows: Vec<u32> = rows.into_iter().map(Result::unwrap).collect();
    assert_eq!(rows, [0, 1, 2, 3, 4, 5]);
    assert_eq!(asked(&replay), ["Enumerate", "Pull c1", "Pull c1"]);
}

#[tokio::test]
async fn accepts_a_changing_context_after_the_rows() {
    let (session, replay) = play(&[
        opened(&[&items(0..1), CONTEXT]),
        pulled(&[&items(1..2), OTHER_CONTEXT]),
        pulled(&[&items(2..3), NO_CONTEXT, END]),
    ]);
    let rows = session.enumerate_instances("A").await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(asked(&replay), ["Enumerate", "Pull c1", "Pull c2"]);
}

#[tokio::test]
async fn repeats_a_pull_after_an_empty_page_or_a_timeout() {
    let (session, replay) = play(&[
        opened(&[CONTEXT]),
        pulled(&[CONTEXT, "<n:Items/>"]),
        fault("w:TimedOut"),
        pulled(&[CONTEXT, &items(0..1), END]),
    ]);
    let rows = session.enumerate_instances("A").await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(replay.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn times_out_if_the_server_returns_no_rows() {
    let mut answers = vec![opened(&[CONTEXT])];
    answers.extend(std::iter::repeat_n(pulled(&[CONTEXT]), 200));
    let (session, replay) = play(&answers);
    let error = session.enumerate_instances("A").await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let asked = until(&replay, 131).await;
    assert_eq!(asked.last().unwrap(), "Release c1");
}

#[tokio::test]
async fn loses_no_row_if_the_first_response_is_too_large() {
    let (session, replay) = play(&[
        fault("w:EncodingLimit"),
        fault("w:EncodingLimit"),
        fault("w:EncodingLimit"),
        opened(&[CONTEXT]),
        pulled(&[&items(0..1), END]),
    ]);
    let request = session.enumerate_instances("A").max_elements(4);
    assert_eq!(request.await.unwrap().len(), 1);
    let sent: Vec<String> = replay
        .requests()
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    for (request, rows) in sent.iter().zip(["4", "2", "1"]) {
        assert!(
            request.contains(&format!("MaxElements>{rows}<")),
            "{request}"
        );
    }
    assert!(!sent[3].contains("OptimizeEnumeration"), "{}", sent[3]);
}

#[tokio::test]
async fn reports_the_rows_lost_with_an_oversized_page() {
    let (session, replay) = play(&[
        opened(&[CONTEXT, &items(0..3)]),
        fault("w:EncodingLimit"),
        (200, String::new()),
    ]);
    let rows = numbers(session.enumerate_instances("A").max_elements(10).stream()).await;
    assert_eq!(rows.len(), 4);
    let error = rows.into_iter().next_back().unwrap().unwrap_err();
    assert!(matches!(error, Error::ServerLimits(_)), "{error:?}");
    assert_eq!(error.lost_rows(), Some(3..13));
    assert_eq!(until(&replay, 3).await.last().unwrap(), "Release c1");
}

#[tokio::test]
async fn reports_a_forgotten_enumeration_not_a_missing_instance() {
    for subcode in ["n:InvalidEnumerationContext", "a:DestinationUnreachable"] {
        let (session, replay) = play(&[opened(&[CONTEXT, &items(0..1)]), fault(subcode)]);
        let rows = numbers(session.enumerate_instances("A").stream()).await;
        let error = rows.into_iter().next_back().unwrap().unwrap_err();
        assert!(matches!(error, Error::Fault(_)), "{error:?}");
        assert!(error.to_string().contains("no longer knows"), "{error}");
        assert_eq!(asked(&replay), ["Enumerate", "Pull c1"]);
    }
}

#[tokio::test]
async fn releases_an_enumeration_that_stops_early() {
    for answer in [
        opened(&[CONTEXT, &items(0..9)]),
        opened(&[&items(0..9), CONTEXT]),
    ] {
        let pages = [
            answer,
            pulled(&[CONTEXT, &items(9..12)]),
            (200, String::new()),
        ];
        let (session, replay) = play(&pages);
        let mut rows = session.enumerate_instances("A").pages_ahead(0).stream();
        rows.next().await.unwrap().unwrap();
        drop(rows);
        assert_eq!(until(&replay, 2).await, ["Enumerate", "Release c1"]);

        let (session, replay) = play(&[pages[0].clone(), (200, String::new())]);
        let mut rows = session.enumerate_instances("A").pages_ahead(0).stream();
        rows.next().await.unwrap().unwrap();
        rows.release().await.unwrap();
        assert_eq!(asked(&replay), ["Enumerate", "Release c1"]);
    }
}

#[tokio::test]
async fn falls_back_to_enumerate_without_optimization() {
    let (session, replay) = play(&[
        fault("w:UnsupportedFeature"),
        opened(&[CONTEXT]),
        pulled(&[&items(0..2), END]),
    ]);
    assert_eq!(session.enumerate_instances("A").await.unwrap().len(), 2);
    let sent = String::from_utf8(replay.requests()[1].to_vec()).unwrap();
    assert!(!sent.contains("OptimizeEnumeration"));
}

#[tokio::test]
async fn returns_valid_rows_before_an_invalid_one() {
    let broken = "<n:Items><p:A><p:N>0</p:N></p:A><p:A><p:N>1</p:B></p:A></n:Items>";
    let (session, replay) = play(&[opened(&[CONTEXT, broken]), (200, String::new())]);
    let rows = numbers(session.enumerate_instances("A").pages_ahead(0).stream()).await;
    assert!(
        matches!(rows[..], [Ok(0), Err(Error::Decode(_))]),
        "{rows:?}"
    );
    assert_eq!(until(&replay, 2).await.last().unwrap(), "Release c1");
}

#[tokio::test]
async fn rejects_a_page_without_an_end_or_a_context() {
    let (session, _replay) = play(&[opened(&[&items(0..1)])]);
    let rows = numbers(session.enumerate_instances("A").stream()).await;
    assert!(
        matches!(rows[..], [Ok(0), Err(Error::Decode(_))]),
        "{rows:?}"
    );
}

#[tokio::test]
async fn a_cancel_ends_the_rows_with_an_error_and_releases_them() {
    let (session, replay) = play(&[opened(&[CONTEXT, &items(0..1)]), (200, String::new())]);
    let mut rows = session.enumerate_instances("A").pages_ahead(0).stream();
    rows.next().await.unwrap().unwrap();
    rows.canceller().cancel();
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    assert!(rows.next().await.is_none());
    assert_eq!(until(&replay, 2).await, ["Enumerate", "Release c1"]);
}

/// The context precedes the row and is valid.
#[tokio::test]
async fn releases_an_enumeration_whose_first_row_is_invalid() {
    let broken = "<n:Items><p:A><p:N>0</p:B></p:A></n:Items>";
    let (session, replay) = play(&[opened(&[CONTEXT, broken]), (200, String::new())]);
    let rows = numbers(session.enumerate_instances("A").pages_ahead(0).stream()).await;
    assert!(matches!(rows[..], [Err(Error::Decode(_))]), "{rows:?}");
    assert_eq!(until(&replay, 2).await, ["Enumerate", "Release c1"]);
}

/// A caller that has dropped the rows does not request fewer of them.
#[tokio::test]
async fn does_not_repeat_a_rejected_enumerate_after_a_drop() {
    let refused = [fault("w:UnsupportedFeature"), opened(&[CONTEXT])];
    let (session, replay) = play_late(&refused);
    let mut rows = session.enumerate_instances("A").stream();
    let first = tokio::time::timeout(LATE / 2, rows.next()).await;
    assert!(first.is_err(), "there cannot be a row yet");
    rows.release().await.unwrap();
    assert_eq!(asked(&replay), ["Enumerate"]);
}

/// An enumeration names no instance, but an association does.
#[tokio::test]
async fn not_found_means_the_class_unless_an_instance_was_named() {
    let refused = [fault("a:DestinationUnreachable")];
    let (session, _replay) = play(&refused);
    let error = session.enumerate_instances("A").await.unwrap_err();
    assert!(matches!(error, Error::InvalidClass(_)), "{error:?}");
    let (session, _replay) = play(&refused);
    let path = InstancePath::new("A").with_key("N", 1u32);
    let error = session.associators(&path).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
    assert!(error.is_ambiguous());
}
