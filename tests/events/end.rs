//! The end of a subscription: nothing is left behind, and `close` says what became of it.

use std::time::Duration;

use tokio::runtime::Handle;
use wsman::simulator::{Dialect, Knob};
use wsman::{Error, Session};

use crate::{QUERY, Stage, eventually, in_time, millis, notice, number, subscribed};

#[tokio::test]
async fn a_dropped_subscription_leaves_nothing_behind() {
    for dialect in Dialect::ALL {
        let stage = Stage::new(dialect).await;
        // The connection of the session stays; its tasks are there before and after.
        stage.session.identify().await.unwrap();
        let before = Handle::current().metrics().num_alive_tasks();
        let mut events = subscribed(stage.ticks()).await;
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1);
        stage.until_pulled(2).await;
        assert_eq!(stage.simulator.open_subscriptions(), 1);
        drop(events);
        stage.until_open(0).await;
        eventually(|| stage.simulator.open_connections() <= 1).await;
        eventually(|| Handle::current().metrics().num_alive_tasks() <= before).await;
    }
}

#[tokio::test]
async fn one_that_was_never_waited_for_leaves_nothing_behind() {
    let stage = Stage::new(Dialect::Windows).await;
    drop(subscribed(stage.ticks()).await);
    stage.until_open(0).await;
}

#[tokio::test]
async fn a_cancelled_operation_leaves_nothing_behind() {
    let stage = Stage::new(Dialect::Windows).await;
    let operation = stage.ticks().start();
    eventually(|| operation.status() == wsman::OperationStatus::Finished).await;
    assert_eq!(stage.simulator.open_subscriptions(), 1);
    drop(operation);
    stage.until_open(0).await;
}

#[tokio::test]
async fn close_reports() {
    for dialect in Dialect::ALL {
        let stage = Stage::new(dialect).await;
        let events = subscribed(stage.ticks()).await;
        in_time(events.close()).await.unwrap();
        assert_eq!(stage.simulator.open_subscriptions(), 0, "{dialect:?}");

        let events = subscribed(stage.ticks()).await;
        stage.simulator.forget_subscriptions();
        let gone = in_time(events.close()).await.expect_err("there is none");
        assert!(gone.fault().is_some(), "{dialect:?}: {gone:?}");
    }
}

#[tokio::test]
async fn close_ends_a_pull_that_waits() {
    let stage = Stage::new(Dialect::Windows).await;
    let request = stage.ticks().operation_timeout(Duration::from_secs(60));
    let events = subscribed(request).await;
    stage.until_pulled(1).await;
    in_time(events.close()).await.unwrap();
    assert_eq!(stage.simulator.open_subscriptions(), 0);
}

#[tokio::test]
async fn close_says_that_the_server_was_not_reached() {
    let stage = Stage::new(Dialect::Windows).await;
    let events = subscribed(stage.ticks()).await;
    stage.until_pulled(1).await;
    stage.simulator.refuse().await;
    let unsubscribed = in_time(events.close()).await;
    assert!(
        matches!(unsubscribed, Err(Error::Transport(_))),
        "{unsubscribed:?}"
    );
}

#[tokio::test]
async fn one_in_trouble_can_be_closed() {
    let stage = Stage::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks()).await;
    stage.until_pulled(1).await;
    stage.simulator.forget_subscriptions();
    notice(&mut events).await;
    in_time(events.close()).await.unwrap();
    stage.until_open(0).await;
}

#[tokio::test]
async fn a_subscription_that_cannot_be_pulled_is_taken_back() {
    let stage = Stage::new(Dialect::Windows).await;
    let answer = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
        xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing"><s:Header/><s:Body>
        <e:SubscribeResponse><e:SubscriptionManager/></e:SubscribeResponse></s:Body></s:Envelope>"#;
    let answer = wsman::simulator::RawAnswer::new(200)
        .with_header("Content-Type", "application/soap+xml")
        .with_body(answer);
    stage.simulator.next(Knob::Answer(answer));
    let refused = in_time(async { stage.ticks().await }).await;
    assert!(matches!(refused, Err(Error::Decode(_))), "{refused:?}");
    let last = stage
        .simulator
        .requests()
        .pop()
        .and_then(|request| request.action);
    assert!(last.is_some_and(|action| action.ends_with("/Unsubscribe")));
}

#[tokio::test]
async fn an_empty_query_is_refused_before_it_is_sent() {
    let stage = Stage::new(Dialect::Windows).await;
    let refused = stage.session.subscribe(" ").await;
    assert!(
        matches!(refused, Err(Error::InvalidParameter(_))),
        "{refused:?}"
    );
    assert!(stage.simulator.requests().is_empty());
}

#[test]
fn without_a_runtime_it_says_so() {
    let url = "http://127.0.0.1:9/wsman".parse().unwrap();
    let session = Session::builder(url).build().unwrap();
    let mut request = std::pin::pin!(async { session.subscribe(QUERY).await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match request.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(Error::Config(_))) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_runtime_that_ends_takes_the_subscription_with_it() {
    let stage = Stage::new(Dialect::Windows).await;
    let request = stage.ticks();
    let mut events = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { request.await }).unwrap()
    })
    .await
    .unwrap();
    tokio::time::sleep(millis(10)).await;
    let end = in_time(events.next()).await.unwrap();
    assert!(matches!(end, Err(Error::Cancelled(_))), "{end:?}");
    assert!(in_time(events.next()).await.is_none());
}
