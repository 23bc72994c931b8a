//! Tests the end of a subscription: the client cleans up, and `close` reports the result.

use std::time::Duration;

use tokio::runtime::Handle;
use wsman::simulator::{Dialect, Knob};
use wsman::{Error, Session};

use crate::{
    QUERY, SUBSCRIBE, Setup, UNSUBSCRIBE, eventually, in_time, millis, notice, number, subscribed,
};

#[tokio::test]
async fn a_dropped_subscription_is_cleaned_up() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        // The connection of the session stays; its tasks exist before and after.
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
async fn a_subscription_that_was_never_awaited_is_cleaned_up() {
    let stage = Setup::new(Dialect::Windows).await;
    drop(subscribed(stage.ticks()).await);
    stage.until_open(0).await;
}

#[tokio::test]
async fn a_cancelled_operation_is_cleaned_up() {
    let stage = Setup::new(Dialect::Windows).await;
    let operation = stage.ticks().start();
    eventually(|| operation.status() == wsman::operation::OperationStatus::Finished).await;
    assert_eq!(stage.simulator.open_subscriptions(), 1);
    drop(operation);
    stage.until_open(0).await;
}

/// A Subscribe that was carried out and whose response is still on its way when the caller drops it.
async fn in_flight(stage: &Setup) {
    stage.simulator.next(Knob::Delay(millis(300)));
    let given_up = tokio::time::timeout(millis(100), async { stage.ticks().await }).await;
    assert!(given_up.is_err(), "there cannot be an answer yet");
}

#[tokio::test]
async fn unsubscribes_after_a_drop_during_subscribe() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        in_flight(&stage).await;
        assert_eq!(stage.simulator.open_subscriptions(), 1, "{dialect:?}");
        eventually(|| stage.requests(UNSUBSCRIBE) == 1).await;
        stage.until_open(0).await;
        assert_eq!(stage.simulator.requests().len(), 2, "nothing was pulled");
    }
}

#[tokio::test]
async fn unsubscribes_after_a_cancel_during_subscribe() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        stage.simulator.next(Knob::Delay(millis(300)));
        let mut operation = stage.ticks().start();
        stage.until_open(1).await;
        let cancelled = in_time(operation.cancel()).await;
        assert!(matches!(cancelled, Err(Error::Cancelled(_))));
        assert_eq!(stage.simulator.open_subscriptions(), 0, "{dialect:?}");
        assert_eq!(stage.requests(UNSUBSCRIBE), 1);
    }
}

/// On one thread, no task runs between start and cancel.
#[tokio::test]
async fn does_not_subscribe_if_cancelled_before_sending() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut operation = stage.ticks().start();
    let cancelled = in_time(operation.cancel()).await;
    assert!(matches!(cancelled, Err(Error::Cancelled(_))));
    let mut request = Box::pin(stage.ticks().into_future());
    let first = std::future::poll_fn(|context| {
        let polled = request.as_mut().poll(context).is_ready();
        std::task::Poll::Ready(polled)
    });
    assert!(!first.await);
    drop(request);
    tokio::time::sleep(millis(50)).await;
    assert_eq!(stage.simulator.requests().len(), 0);
}

/// After the subscription was lost, the next one is being created.
#[tokio::test]
async fn unsubscribes_after_a_drop_during_resubscribe() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let stage = Setup::new(dialect).await;
        let request = stage.ticks().operation_timeout(Duration::from_secs(60));
        let events = subscribed(request).await;
        stage.until_pulled(1).await;
        // The next subscription is created at once if the last is older than a second.
        tokio::time::sleep(millis(1100)).await;
        stage.simulator.next(Knob::Delay(millis(300)));
        stage.simulator.forget_subscriptions();
        eventually(|| stage.requests(SUBSCRIBE) == 2).await;
        stage.until_open(1).await;
        drop(events);
        eventually(|| stage.requests(UNSUBSCRIBE) == 1).await;
        stage.until_open(0).await;
    }
}

/// The server is busy with the cancelled Pull, and reports that the subscription does not exist.
#[tokio::test]
async fn repeats_an_unsubscribe_that_races_a_pull() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().operation_timeout(Duration::from_secs(60));
    let events = subscribed(request).await;
    stage.until_pulled(1).await;
    let refused = wsman::simulator::RawAnswer::soap_fault(REFUSED);
    stage.simulator.next(Knob::Answer(refused));
    in_time(events.close()).await.unwrap();
    assert_eq!(stage.requests(UNSUBSCRIBE), 2);
    assert_eq!(stage.simulator.open_subscriptions(), 0);
}

const REFUSED: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header/><s:Body><s:Fault><s:Code>
  <s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:DestinationUnreachable</s:Value></s:Subcode></s:Code>
  <s:Reason><s:Text xml:lang="en-US">no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#;

#[tokio::test]
async fn close_reports() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        let events = subscribed(stage.ticks()).await;
        in_time(events.close()).await.unwrap();
        assert_eq!(stage.simulator.open_subscriptions(), 0, "{dialect:?}");

        let events = subscribed(stage.ticks()).await;
        stage.simulator.forget_subscriptions();
        let gone = in_time(events.close())
            .await
            .expect_err("the subscription is gone");
        assert!(gone.fault().is_some(), "{dialect:?}: {gone:?}");
    }
}

#[tokio::test]
async fn close_ends_a_waiting_pull() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().operation_timeout(Duration::from_secs(60));
    let events = subscribed(request).await;
    stage.until_pulled(1).await;
    in_time(events.close()).await.unwrap();
    assert_eq!(stage.simulator.open_subscriptions(), 0);
}

#[tokio::test]
async fn close_reports_an_unreachable_server() {
    let stage = Setup::new(Dialect::Windows).await;
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
async fn closes_a_subscription_that_is_reconnecting() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks()).await;
    stage.until_pulled(1).await;
    stage.simulator.forget_subscriptions();
    notice(&mut events).await;
    in_time(events.close()).await.unwrap();
    stage.until_open(0).await;
}

#[tokio::test]
async fn unsubscribes_if_pulling_fails() {
    let stage = Setup::new(Dialect::Windows).await;
    let answer = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
        xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
        xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing"><s:Header>
        <a:Action>http://schemas.xmlsoap.org/ws/2004/08/eventing/SubscribeResponse</a:Action></s:Header><s:Body>
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
async fn rejects_an_empty_query_before_sending() {
    let stage = Setup::new(Dialect::Windows).await;
    let refused = stage.session.subscribe(" ").await;
    assert!(
        matches!(refused, Err(Error::InvalidParameter(_))),
        "{refused:?}"
    );
    assert!(stage.simulator.requests().is_empty());
}

#[test]
fn fails_without_a_runtime() {
    let url = "http://127.0.0.1:9/wsman";
    let session = Session::builder(url).build().unwrap();
    let mut request = std::pin::pin!(async { session.subscribe(QUERY).await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match request.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(Error::Config(_))) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_runtime_shutdown_ends_the_subscription() {
    let stage = Setup::new(Dialect::Windows).await;
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
