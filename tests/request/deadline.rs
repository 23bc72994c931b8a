//! The total time limit of every kind of request.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use wsman::error::{Delivery, Error, TimeoutKind};
use wsman::simulator::{Knob, sample};

use super::{LONG, builder, share, stage};

const LIMIT: Duration = Duration::from_millis(300);

/// Asserts that an operation ended by its deadline, in time.
fn assert_late<T: Debug>(result: Result<T, Error>, start: Instant, delivery: Delivery) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)), "{error:?}");
    assert_eq!(error.timeout_kind(), Some(TimeoutKind::Deadline));
    assert_eq!(error.delivery(), delivery, "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn ends_reads_and_writes_in_flight_as_unknown() {
    let (simulator, session) = stage().await;
    let path = r#"Win32_Share.Name="public""#;
    // Until a login is accepted, only one message is sent at a time.
    session.identify().await.unwrap();
    let start = Instant::now();
    let slow = || simulator.next(Knob::Delay(LONG));
    slow();
    let read = session.get_instance(path).deadline(LIMIT).await;
    assert_late(read, start, Delivery::Unknown);
    slow();
    let put = session.put_instance(&share()).deadline(LIMIT).await;
    assert_late(put, start, Delivery::Unknown);
    slow();
    let rows = session.enumerate_instances("Win32_Share").deadline(LIMIT);
    assert_late(rows.await, start, Delivery::Unknown);
    slow();
    let call = session.invoke_method("Demo_Item", "Add").deadline(LIMIT);
    assert_late(call.start().await, start, Delivery::Unknown);
    slow();
    let optional = session.get_instance(path).optional().deadline(LIMIT);
    assert_late(optional.await, start, Delivery::Unknown);
    slow();
    let events = session.subscribe("SELECT * FROM Demo_Tick").deadline(LIMIT);
    assert_late(events.await.map(drop), start, Delivery::Unknown);
}

#[tokio::test]
async fn a_deadline_of_zero_sends_nothing() {
    let (simulator, session) = stage().await;
    let start = Instant::now();
    let put = session.put_instance(&share()).deadline(Duration::ZERO);
    assert_late(put.await, start, Delivery::NotSent);
    let put = session.put_instance(&share()).deadline(Duration::ZERO);
    assert_late(put.start().await, start, Delivery::NotSent);
    let rows = session.enumerate_instances("Win32_Share");
    let mut rows = rows.deadline(Duration::ZERO).stream();
    assert_late(rows.next().await.unwrap(), start, Delivery::NotSent);
    assert!(rows.next().await.is_none());
    assert_eq!(simulator.connections(), 0);
}

/// A port that accepts connections and answers nothing: TLS does not get to send the message.
#[tokio::test]
async fn a_message_that_did_not_leave_is_not_sent() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", silent.local_addr().unwrap());
    let session = wsman::Session::builder(url).build().unwrap();
    let start = Instant::now();
    let put = session.put_instance(&share()).deadline(LIMIT).await;
    assert_late(put, start, Delivery::NotSent);
}

/// The Put of a create-or-update is answered, and its Create is late.
#[tokio::test]
async fn covers_all_messages_of_an_operation() {
    let (simulator, session) = stage().await;
    let start = Instant::now();
    simulator.next(Knob::Pass).next(Knob::Delay(LONG));
    let put = session
        .put_instance(&share())
        .deadline(Duration::from_secs(1));
    assert_late(put.await, start, Delivery::Unknown);
    let actions = simulator.requests();
    assert_eq!(actions.len(), 2);
    assert!(actions[1].action.as_deref().unwrap().ends_with("/Create"));
}

/// The first message is answered after the deadline of another is over: only the deadline's own time counts.
#[tokio::test]
async fn an_operation_in_time_is_not_disturbed() {
    let (_simulator, session) = stage().await;
    for limit in [LONG, Duration::MAX] {
        session
            .put_instance(&share())
            .deadline(limit)
            .await
            .unwrap();
        let rows = session.enumerate_instances("Win32_Service").max_elements(1);
        let mut rows = rows.deadline(limit).stream();
        let mut count = 0;
        while let Some(row) = rows.next().await {
            row.unwrap();
            count += 1;
        }
        assert!(count > 1);
    }
}

/// The limit covers the whole stream, also the time in which the caller does not read.
#[tokio::test]
async fn ends_a_stream_of_rows_and_releases_it() {
    let (simulator, session) = stage().await;
    let rows = session.enumerate_instances("Win32_Service").max_elements(1);
    let mut rows = rows.pages_ahead(0).deadline(LIMIT).stream();
    rows.next().await.unwrap().unwrap();
    let start = Instant::now();
    tokio::time::sleep(LIMIT).await;
    let late = rows.next().await.unwrap();
    let delivery = late.as_ref().unwrap_err().delivery();
    assert_ne!(delivery, Delivery::NotSent);
    assert_late(late, start, delivery);
    assert!(rows.next().await.is_none());
    rows.release().await.unwrap();
    let last = simulator.requests().pop().unwrap();
    assert!(last.action.unwrap().ends_with("/Release"));
}

#[tokio::test]
async fn ends_a_subscription_and_unsubscribes() {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    let start = Instant::now();
    let request = session.subscribe("SELECT * FROM Demo_Tick");
    let mut events = request.deadline(Duration::from_secs(1)).await.unwrap();
    let late = events.next().await.unwrap();
    assert_late(late.map(drop), start, Delivery::Answered);
    assert!(events.next().await.is_none());
    events.close().await.unwrap();
    let last = simulator.requests().pop().unwrap();
    assert!(last.action.unwrap().ends_with("/Unsubscribe"));
}

/// A write that the deadline ended says that it may have been performed; a read does not.
#[tokio::test]
async fn only_a_write_is_in_doubt() {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Delay(LONG));
    let path = r#"Win32_Share.Name="public""#;
    let read = session
        .get_instance(path)
        .deadline(LIMIT)
        .await
        .unwrap_err();
    simulator.next(Knob::Delay(LONG));
    let put = session.put_instance(&share()).deadline(LIMIT).await;
    let write = put.unwrap_err();
    assert_ne!(read.to_string(), write.to_string());
}
