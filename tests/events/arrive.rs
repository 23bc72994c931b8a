//! Tests that events arrive, and that silence is not an error.

use wsman::Instance;
use wsman::simulator::Dialect;
use wsman::subscribe::Bookmark;

use crate::{PULL, Setup, in_time, millis, number, silence, subscribed};

#[tokio::test]
async fn delivers_events_in_order_with_the_selected_properties() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        let query = "SELECT * FROM Demo_Tick WHERE Number > 1 AND Text LIKE 'a%'";
        let request = stage.session.subscribe(query).max_latency(millis(20));
        let mut events = subscribed(request).await;
        for (n, text) in [(1, "a"), (2, "b"), (3, "ab"), (4, "a")] {
            let tick = Instance::new("Demo_Tick")
                .with("Number", n as u32)
                .with("Text", text);
            stage.simulator.emit(tick).unwrap();
        }
        let first = in_time(events.next()).await.unwrap().unwrap();
        assert_eq!(first.instance.class().as_str(), "Demo_Tick", "{dialect:?}");
        assert_eq!(first.instance.get::<u32>("Number").unwrap(), 3);
        assert_eq!(first.instance.get::<String>("Text").unwrap(), "ab");
        assert_eq!(first.bookmark, None, "the request asked for no bookmarks");
        assert_eq!(number(&mut events).await, 4);
        silence(&mut events).await;
        events.close().await.unwrap();
    }
}

#[tokio::test]
async fn reads_the_bookmark_at_the_end_of_a_response() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let stage = Setup::new(dialect).await;
        let mut events = subscribed(stage.ticks().send_bookmarks()).await;
        stage.tick(1);
        let first = in_time(events.next()).await.unwrap().unwrap();
        assert_eq!(first.bookmark, Some(Bookmark::At("bm-1".into())));
        stage.tick(2);
        assert_eq!(number(&mut events).await, 2);
        drop(events);

        // Another subscription resumes at the first bookmark, or begins with the oldest event.
        let again = stage.ticks().bookmark(first.bookmark.unwrap());
        assert_eq!(number(&mut subscribed(again).await).await, 2, "{dialect:?}");
        let all = stage.ticks().bookmark(Bookmark::Earliest).send_bookmarks();
        let mut all = subscribed(all).await;
        let page = [
            in_time(all.next()).await.unwrap().unwrap(),
            in_time(all.next()).await.unwrap().unwrap(),
        ];
        let bookmarks = page.map(|event| event.bookmark);
        assert_eq!(bookmarks, [None, Some(Bookmark::At("bm-2".into()))]);
    }
}

#[tokio::test]
async fn silence_is_not_an_error() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        let request = stage.ticks().operation_timeout(millis(50));
        let mut events = subscribed(request).await;
        stage.until_pulled(4).await;
        silence(&mut events).await;
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1, "{dialect:?}");
    }
}

#[tokio::test]
async fn limits_the_rate_of_pulls() {
    let stage = Setup::new(Dialect::Openwsman).await;
    let mut events = subscribed(stage.ticks().max_latency(millis(200))).await;
    tokio::time::sleep(millis(1000)).await;
    let asked = stage.requests(PULL);
    assert!((2..=10).contains(&asked), "{asked} times in a second");
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
}

#[tokio::test]
async fn a_dropped_next_loses_nothing() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks()).await;
    for n in 1..=3 {
        let nothing_yet = tokio::time::timeout(millis(10), events.next()).await;
        assert!(nothing_yet.is_err());
        stage.tick(n);
        assert_eq!(number(&mut events).await, n);
    }
}

#[tokio::test]
async fn unread_events_stay_on_the_server() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().max_elements(1)).await;
    stage.until_pulled(1).await;
    for n in 1..=50 {
        stage.tick(n);
    }
    tokio::time::sleep(millis(200)).await;
    assert!(stage.requests(PULL) <= 3, "{}", stage.requests(PULL));
    for n in 1..=50 {
        assert_eq!(number(&mut events).await, n);
    }
}

#[tokio::test]
async fn implements_stream() {
    use futures_core::Stream;
    use std::pin::pin;
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = pin!(subscribed(stage.ticks()).await);
    stage.tick(7);
    let item = in_time(std::future::poll_fn(|context| {
        events.as_mut().poll_next(context)
    }));
    let event = item.await.unwrap().unwrap();
    assert_eq!(event.instance.get::<u32>("Number").unwrap(), 7);
}
