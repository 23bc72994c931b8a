//! Tests pages whose sizes and row counts no honest server sends: the rows arrive or fail as ever, and no
//! page makes a request ask for more.

use std::sync::Arc;

use proptest::prelude::*;
use wsman::record::Replay;
use wsman::xml::Limits;
use wsman::{Error, Session};

use crate::fit::asked;
use crate::{CONTEXT, END, opened, play, pulled, replay, replay_with_header, session};

/// The pages that the stream may request before the reader has read the one that has arrived.
const MOST_AHEAD: usize = 1;

/// A page: the bytes of its rows, and how many bytes of comments surround them.
#[derive(Clone, Debug)]
struct Shape {
    rows: Vec<usize>,
    filler: usize,
}

impl Shape {
    /// Numbers the rows from `first`, so that a lost or repeated row shows.
    fn items(&self, first: usize) -> String {
        let row = |(number, bytes): (usize, &usize)| {
            let text = "x".repeat(*bytes);
            format!("<p:A><p:N>{}</p:N><p:T>{text}</p:T></p:A>", first + number)
        };
        let rows: String = self.rows.iter().enumerate().map(row).collect();
        let filler = " ".repeat(self.filler);
        format!("<n:Items><!--{filler}-->{rows}</n:Items>")
    }
}

/// The pages of an enumeration; the last ends it.
fn answers(shapes: &[Shape]) -> Vec<(u16, String)> {
    let mut first = 0;
    let mut answers = Vec::new();
    for (place, shape) in shapes.iter().enumerate() {
        let items = shape.items(first);
        first += shape.rows.len();
        let is_last = place + 1 == shapes.len();
        let parts: &[&str] = if is_last {
            &[&items, END]
        } else {
            &[CONTEXT, &items]
        };
        answers.push(if place == 0 {
            opened(parts)
        } else {
            pulled(parts)
        });
    }
    answers
}

/// Streams all rows, and checks at each how far the requests are ahead.
async fn read_all(session: &Session, replay: &Replay, shapes: &[Shape], most: u32) -> usize {
    let rows = session.enumerate_instances("A").max_elements(most);
    let mut rows = rows.stream();
    let pages = shapes.iter().enumerate();
    // Empty pages are not handed to the reader, so they do not count as ahead.
    let mut ends = pages.flat_map(|(page, shape)| vec![page; shape.rows.len()]);
    let empty = shapes.iter().filter(|shape| shape.rows.is_empty()).count();
    let mut read = 0;
    while let Some(row) = rows.next().await {
        let number: u64 = row.unwrap().get("N").unwrap();
        assert_eq!(number, read as u64, "the rows arrive in order");
        read += 1;
        let page = ends.next().unwrap();
        let sent = replay.requests().len();
        assert!(
            sent <= page + 1 + MOST_AHEAD + empty,
            "{sent} requests at page {page}"
        );
    }
    read
}

fn assert_never_grows(asked: &[u32], most: u32) {
    let mut last = most;
    for rows in asked {
        assert!((1..=last).contains(rows), "{asked:?} from {most}");
        last = *rows;
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    let row = prop_oneof![
        20 => 0usize..300,
        1 => 5_000usize..20_000,
        1 => 60_000usize..140_000,
    ];
    let rows = prop_oneof![
        1 => proptest::collection::vec(row.clone(), 0..=1),
        3 => proptest::collection::vec(row, 1..10),
        1 => (1usize..200, 300usize..1_500).prop_map(|(count, bytes)| vec![bytes; count]),
    ];
    let filler = prop_oneof![4 => Just(0usize), 1 => 0usize..200_000];
    (rows, filler).prop_map(|(rows, filler)| Shape { rows, filler })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the sizes and the counts: all rows arrive once, in order, and the requests never grow.
    #[test]
    fn no_sizes_lose_a_row_or_make_a_request_grow(
        shapes in proptest::collection::vec(shape(), 1..8),
        most in prop_oneof![Just(1u32), Just(1000), 1u32..5000],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (session, replay) = play(&answers(&shapes));
            let sent: usize = shapes.iter().map(|shape| shape.rows.len()).sum();
            assert_eq!(read_all(&session, &replay, &shapes, most).await, sent);
            assert_eq!(replay.requests().len(), shapes.len());
            assert_never_grows(&asked(&replay), most);
        });
    }
}

fn pages_of(rows: &[&[usize]]) -> Vec<Shape> {
    let shape = |rows: &&[usize]| Shape {
        rows: rows.to_vec(),
        filler: 0,
    };
    rows.iter().map(shape).collect()
}

/// The server sends 5,000 rows where 2 were asked for, and then pages of one row.
#[tokio::test]
async fn more_rows_than_asked_for_are_read_and_change_no_request() {
    let many = vec![10; 5_000];
    let shapes = pages_of(&[&many, &[10], &many, &[10], &[10]]);
    let (session, replay) = play(&answers(&shapes));
    assert_eq!(read_all(&session, &replay, &shapes, 2).await, 10_003);
    assert_eq!(asked(&replay), [2; 4]);
}

/// They count for the limit of the rows, page by page.
#[tokio::test]
async fn more_rows_than_asked_for_end_at_the_limit_of_rows() {
    let many = vec![10; 5_000];
    let (session, _replay) = play(&answers(&pages_of(&[&[10], &many, &[10]])));
    let all = session.enumerate_instances("A").max_elements(2);
    let error = all.row_limit(4_000).await.unwrap_err();
    assert!(matches!(error, Error::CollectLimit(_)), "{error:?}");
}

/// A row larger than the envelope that was asked for is read, and one row is asked for from then on. One
/// larger than the limit of an answer ends the rows, after those before it.
#[tokio::test]
async fn a_huge_row_is_read_up_to_the_limit_of_an_answer() {
    let shapes = pages_of(&[&[100, 100], &[600_000], &[100], &[1_500_000], &[100]]);
    let (session, answered) = play(&answers(&shapes));
    assert_eq!(read_all(&session, &answered, &shapes, 1000).await, 6);
    assert_eq!(asked(&answered), [1000, 1, 1, 1]);

    let mut limits = Limits::default();
    limits.bytes = 1_000_000;
    let session = Session::builder("http://host.example:5985/wsman")
        .namespace("root/a")
        .transport(replay(&answers(&shapes)))
        .limits(limits)
        .build()
        .unwrap();
    let mut rows = session.enumerate_instances("A").stream();
    let mut read = 0;
    let error = loop {
        match rows.next().await.unwrap() {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(read, 4);
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert!(
        error.to_string().contains("larger than 1000000 bytes"),
        "{error}"
    );
    assert!(rows.next().await.is_none());
}

/// Pages without rows are large, or say that rows are left: they end as small ones do.
#[tokio::test(start_paused = true)]
async fn large_pages_without_rows_end_in_a_timeout() {
    let empty = Shape {
        rows: Vec::new(),
        filler: 400_000,
    };
    let mut shapes = vec![Shape {
        rows: vec![100; 3],
        filler: 0,
    }];
    shapes.extend(vec![empty; 150]);
    let (session, replay) = play(&answers(&shapes));
    let mut rows = session.enumerate_instances("A").stream();
    for _ in 0..3 {
        rows.next().await.unwrap().unwrap();
    }
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(
        error.to_string().contains("128 pages without a row"),
        "{error}"
    );
    assert!(rows.next().await.is_none());
    assert_never_grows(&asked(&replay), 1000);
}

/// `TotalItemsCountEstimate` (DSP0226 8.4) is an estimate: whatever it says, the rows are those of the pages.
#[tokio::test]
async fn a_count_that_lies_changes_nothing() {
    for count in ["0", "1", "18446744073709551615", "-1", "many", ""] {
        let lie = format!("<w:TotalItemsCountEstimate>{count}</w:TotalItemsCountEstimate>");
        let shapes = pages_of(&[&[100; 5], &[100; 5], &[100; 2]]);
        let replay = replay_with_header(&answers(&shapes), &lie);
        let session = session(Arc::clone(&replay) as _);
        assert_eq!(read_all(&session, &replay, &shapes, 5).await, 12, "{count}");
        assert_eq!(asked(&replay), [5, 5], "{count}");
    }
}
