//! Tests the renewal of a subscription.

use wsman::cim::CimStatus;
use wsman::simulator::{Dialect, Knob};

use crate::{RENEW, SUBSCRIBE, Setup, eventually, millis, notice, number, silence, subscribed};

#[tokio::test]
async fn renews_before_the_expiration() {
    for dialect in [Dialect::Windows, Dialect::Openwsman] {
        let stage = Setup::new(dialect).await;
        let mut events = subscribed(stage.ticks().expires(millis(1800))).await;
        tokio::time::sleep(millis(3900)).await;
        assert_eq!(stage.requests(RENEW), 3, "{dialect:?}");
        assert_eq!(stage.requests(SUBSCRIBE), 1);
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1);
    }
}

#[tokio::test]
async fn renews_while_the_caller_is_busy() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().expires(millis(1800)).max_elements(1);
    let mut events = subscribed(request).await;
    for n in 1..=5 {
        stage.tick(n);
    }
    tokio::time::sleep(millis(2500)).await;
    assert_eq!(stage.simulator.open_subscriptions(), 1);
    for n in 1..=5 {
        assert_eq!(number(&mut events).await, n);
    }
}

/// OMI sends no expiration and does not support Renew.
#[tokio::test]
async fn does_not_renew_without_an_expiration() {
    let stage = Setup::new(Dialect::Omi).await;
    let mut events = subscribed(stage.ticks().expires(millis(100))).await;
    silence(&mut events).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
    assert_eq!(stage.requests(RENEW), 0);
}

/// The knob applies to the Renew, because everything before it was answered.
async fn refuse_renew(stage: &Setup) {
    stage.until_pulled(1).await;
    stage.simulator.next(Knob::Fault(CimStatus::NotSupported));
}

#[tokio::test]
async fn resubscribes_from_the_bookmark_without_renew() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().expires(millis(1800)).send_bookmarks();
    let mut events = subscribed(request).await;
    stage.until_pulled(1).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
    stage.until_pulled(2).await;
    refuse_renew(&stage).await;
    eventually(|| stage.requests(SUBSCRIBE) == 2).await;
    stage.until_open(1).await;
    stage.tick(2);
    assert_eq!(number(&mut events).await, 2, "neither missed nor twice");
    assert_eq!(stage.requests(RENEW), 1);
}

#[tokio::test]
async fn reports_missed_events_without_renew_and_bookmark() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().expires(millis(1800))).await;
    refuse_renew(&stage).await;
    notice(&mut events).await;
    stage.tick(1);
    assert_eq!(
        number(&mut events).await,
        1,
        "the next read misses no event"
    );
}

#[tokio::test]
async fn repeats_a_lost_renew() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().expires(millis(4500));
    let request = request.operation_timeout(millis(60_000));
    let mut events = subscribed(request).await;
    stage.until_pulled(1).await;
    stage.simulator.next(Knob::CloseBeforeReading);
    tokio::time::sleep(millis(5000)).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
    assert_eq!(stage.requests(SUBSCRIBE), 1);
}
