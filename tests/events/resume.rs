//! Tests that a subscription resumes after a lost connection, or reports possibly missed events.

use std::time::Duration;

use wsman::Error;
use wsman::simulator::{Dialect, Knob, RawAnswer};

use crate::{
    PULL, SUBSCRIBE, Setup, eventually, in_time, millis, notice, number, silence, subscribed,
};

/// Raises an event whose response is lost.
async fn lose_an_answer(stage: &Setup, number: u32) {
    let seen = stage.requests(PULL);
    stage.simulator.next(Knob::DropAnswer);
    stage.until_pulled(seen + 1).await;
    stage.tick(number);
}

#[tokio::test]
async fn resumes_from_the_last_bookmark() {
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let stage = Setup::new(dialect).await;
        let request = stage
            .ticks()
            .send_bookmarks()
            .operation_timeout(millis(300));
        let mut events = subscribed(request).await;
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1);
        lose_an_answer(&stage, 2).await;
        assert_eq!(number(&mut events).await, 2, "{dialect:?}");
        stage.tick(3);
        assert_eq!(number(&mut events).await, 3);
        // The client unsubscribed the old one.
        stage.until_open(1).await;
        assert_eq!(stage.requests(SUBSCRIBE), 2);
    }
}

#[tokio::test]
async fn reports_missed_events_without_a_bookmark_and_keeps_the_subscription() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        let mut events = subscribed(stage.ticks().operation_timeout(millis(300))).await;
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1);
        lose_an_answer(&stage, 2).await;
        let error = notice(&mut events).await;
        assert!(
            matches!(error.earlier(), Some(Error::Transport(_))),
            "{error:?}"
        );
        stage.tick(3);
        assert_eq!(number(&mut events).await, 3, "{dialect:?}");
        assert_eq!(stage.requests(SUBSCRIBE), 1);
    }
}

#[tokio::test]
async fn an_unsent_message_loses_nothing() {
    let stage = Setup::new(Dialect::Openwsman).await;
    let mut events = subscribed(stage.ticks()).await;
    stage.until_pulled(1).await;
    stage
        .simulator
        .next(Knob::CloseBeforeReading)
        .next(Knob::CloseBeforeReading);
    stage.tick(1);
    stage.tick(2);
    // A client cannot always tell what a server did before closing the connection.
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        match in_time(events.next()).await.unwrap() {
            Ok(event) => numbers.push(event.instance.get::<u32>("Number").unwrap()),
            Err(Error::EventsMissed(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn recreates_a_forgotten_subscription() {
    for dialect in Dialect::ALL {
        let stage = Setup::new(dialect).await;
        let mut events = subscribed(stage.ticks()).await;
        stage.until_pulled(1).await;
        stage.simulator.forget_subscriptions();
        notice(&mut events).await;
        stage.tick(1);
        assert_eq!(number(&mut events).await, 1, "{dialect:?}");
        assert_eq!(stage.simulator.open_subscriptions(), 1);
    }
}

#[tokio::test]
async fn recreates_a_forgotten_subscription_from_the_bookmark() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().send_bookmarks()).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
    stage.simulator.forget_subscriptions();
    stage.tick(2);
    assert_eq!(number(&mut events).await, 2);
}

#[tokio::test]
async fn reports_a_rejected_bookmark() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().send_bookmarks()).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
    stage.until_pulled(2).await;
    let refused = wsman::simulator::RawAnswer::soap_fault(INVALID_BOOKMARK);
    stage.simulator.next(Knob::Answer(refused));
    stage.simulator.forget_subscriptions();
    let error = notice(&mut events).await;
    let subcode = error
        .earlier()
        .and_then(Error::fault)
        .and_then(|fault| fault.subcode.clone());
    assert_eq!(
        subcode,
        Some(wsman::protocol::FaultSubcode::InvalidBookmark),
        "{error:?}"
    );
    stage.tick(2);
    assert_eq!(number(&mut events).await, 2);
}

const INVALID_BOOKMARK: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header/><s:Body><s:Fault><s:Code>
  <s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:InvalidBookmark</s:Value></s:Subcode></s:Code>
  <s:Reason><s:Text xml:lang="en-US">no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#;

#[tokio::test]
async fn treats_an_unreadable_response_as_lost() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage.ticks().operation_timeout(millis(200));
    let mut events = subscribed(request).await;
    stage.until_pulled(1).await;
    let page = RawAnswer::new(200)
        .with_header("Content-Type", "text/html")
        .with_body("<html/>");
    stage.simulator.next(Knob::Answer(page));
    notice(&mut events).await;
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
}

#[tokio::test]
async fn resubscribes_after_the_server_ends_the_subscription() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks()).await;
    stage.until_pulled(1).await;
    stage
        .simulator
        .end_subscriptions("http://schemas.xmlsoap.org/ws/2004/08/eventing/SourceCancelling");
    let error = notice(&mut events).await;
    let cause = error.earlier().unwrap().to_string();
    assert!(cause.contains("SourceCancelling"), "{cause}");
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
}

#[tokio::test]
async fn a_missed_heartbeat_is_a_lost_connection() {
    let stage = Setup::new(Dialect::Windows).await;
    let request = stage
        .ticks()
        .heartbeats(millis(100))
        .operation_timeout(Duration::from_secs(60));
    let mut events = subscribed(request).await;
    silence(&mut events).await;
    assert!(stage.requests(PULL) >= 2);
    // The interval and the network delay have passed long before this response arrives.
    let seen = stage.requests(PULL);
    stage.simulator.next(Knob::Delay(Duration::from_secs(5)));
    eventually(|| stage.requests(PULL) > seen).await;
    let error = notice(&mut events).await;
    assert!(error.earlier().is_some_and(Error::is_timeout), "{error:?}");
    stage.tick(1);
    assert_eq!(number(&mut events).await, 1);
}

#[tokio::test]
async fn gives_up_after_the_patience_limit() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().patience(millis(500))).await;
    stage.until_pulled(1).await;
    stage.simulator.refuse().await;
    let end = in_time(events.next()).await.unwrap();
    assert!(matches!(end, Err(Error::Transport(_))), "{end:?}");
    assert!(in_time(events.next()).await.is_none());
    assert!(in_time(events.next()).await.is_none());
    let unsubscribed = events.close().await;
    assert!(
        matches!(unsubscribed, Err(Error::Transport(_))),
        "{unsubscribed:?}"
    );
}

#[tokio::test]
async fn a_rejected_login_ends_the_subscription() {
    let stage = Setup::new(Dialect::Windows).await;
    let mut events = subscribed(stage.ticks().operation_timeout(millis(100))).await;
    stage.simulator.next(Knob::Unauthorized);
    let end = in_time(events.next()).await.unwrap();
    assert!(matches!(end, Err(Error::Auth(_))), "{end:?}");
    assert!(in_time(events.next()).await.is_none());
    stage.until_open(0).await;
}
