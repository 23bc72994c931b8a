//! Tests operations that end early or with an error.

use std::time::Duration;

use wsman::error::TimeoutKind;
use wsman::simulator::{Script, sample};
use wsman::{Callbacks, Delivery, Error};

use super::*;

/// Waits until the server has received the cancel and cancelled the operation.
async fn assert_given_up(simulator: &Simulator) {
    until("the server received the cancel", || {
        requests(simulator, "/End").len() == 1
    })
    .await;
    let cancel = requests(simulator, "/Cancel").remove(0);
    let create = requests(simulator, "/Create").remove(0);
    assert_eq!(
        element(&cancel, "OperationID"),
        element(&create, "OperationID")
    );
    until("the server cancelled it", || {
        simulator.open_conversations() == 0
    })
    .await;
    assert!(!is_created(simulator));
}

#[tokio::test]
async fn a_cancelled_operation_is_cancelled_on_the_server() {
    let (simulator, session) = stage().await;
    let script = Script::new().progress("copying", 1).wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert!(operation.callbacks().next().await.is_some());
    let error = operation.cancel().await.unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(operation.callbacks().next().await.is_none());
    assert_given_up(&simulator).await;
}

/// A request after `cancel` is sent after the server has received the cancel.
#[tokio::test]
async fn cancel_waits_for_the_server() {
    let (simulator, session) = stage().await;
    let script = Script::new().progress("copying", 1).wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert!(operation.callbacks().next().await.is_some());
    operation.cancel().await.unwrap_err();
    session.put_instance(&share()).await.unwrap();
    let actions: Vec<_> = simulator
        .requests()
        .into_iter()
        .filter_map(|request| Some(request.action?.rsplit('/').next()?.to_owned()))
        .collect();
    let (told, after) = actions.split_at(3);
    assert_eq!(told, ["Create", "Cancel", "End"]);
    assert_eq!(after, ["Put", "Create"]);
}

/// The client does not wait for an unresponsive server.
#[tokio::test]
async fn cancel_waits_for_five_seconds_at_most() {
    let (simulator, session) = stage().await;
    let script = Script::new().progress("copying", 1).wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert!(operation.callbacks().next().await.is_some());
    simulator.next(wsman::simulator::Knob::Delay(LONG));
    let begun = std::time::Instant::now();
    let error = operation.cancel().await.unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    let took = begun.elapsed();
    assert!((5..8).contains(&took.as_secs()), "{took:?}");
}

/// The server may be busy with the operation when it receives the cancel.
#[tokio::test]
async fn repeats_a_rejected_cancel_once() {
    let (simulator, session) = stage().await;
    let script = Script::new().progress("copying", 1).wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert!(operation.callbacks().next().await.is_some());
    let refused = wsman::simulator::RawAnswer::new(500);
    simulator.next(wsman::simulator::Knob::Answer(refused));
    operation.cancel().await.unwrap_err();
    assert_eq!(requests(&simulator, "/Cancel").len(), 2);
    assert_eq!(requests(&simulator, "/End").len(), 1);
    assert_eq!(simulator.open_conversations(), 0);
}

/// The server has the message and has not responded yet.
#[tokio::test]
async fn cancels_an_operation_without_a_response_on_the_server() {
    let (simulator, session) = stage().await;
    let script = Script::new().wait(LONG).progress("copying", 1);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    until("the server has it", || simulator.open_conversations() == 1).await;
    operation.cancel().await.unwrap_err();
    assert_given_up(&simulator).await;
}

/// The server learns nothing of an operation that was never sent.
#[tokio::test]
async fn does_not_cancel_an_unsent_operation_on_the_server() {
    let (simulator, session) = stage().await;
    let mut operation = creating(&simulator, &session, Script::new(), Callbacks::all());
    operation.cancel().await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_dropped_operation_is_cancelled_on_the_server() {
    let (simulator, session) = stage().await;
    let script = Script::new().confirm("Overwrite?").wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    let prompt = operation.callbacks().next().await.unwrap();
    drop(operation);
    assert_given_up(&simulator).await;
    drop(prompt);
    assert!(requests(&simulator, "/InteractiveResponse").is_empty());
}

#[tokio::test]
async fn reports_a_lost_connection_as_unknown() {
    for piece in [1, 1_000_000] {
        let (simulator, session) = stage().await;
        let script = Script::new()
            .progress("copying", 1)
            .drop_connection()
            .in_pieces(piece);
        let mut operation = creating(&simulator, &session, script, Callbacks::all());
        assert_eq!(all(&mut operation).await.len(), 1);
        let error = operation.await.unwrap_err();
        assert!(matches!(error, Error::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(simulator.requests().len(), 1, "a write is not repeated");
    }
}

#[tokio::test]
async fn a_missing_message_ends_the_operation() {
    let (simulator, session) = stage().await;
    let script = Script::new().verbose("1").lose().verbose("3").wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert_eq!(all(&mut operation).await.len(), 1);
    let error = operation.await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert!(
        error.to_string().contains("message 2 is missing"),
        "{error}"
    );
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_given_up(&simulator).await;
}

#[tokio::test]
async fn accepts_the_longest_time_limit() {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator)
        .operation_timeout(Duration::MAX)
        .network_delay(Duration::MAX)
        .build()
        .unwrap();
    let script = Script::new().verbose("1").confirm("Go on?");
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    let mut heard = Vec::new();
    // A dropped prompt is answered with No.
    while let Some(callback) = operation.callbacks().next().await {
        heard.push(said(&callback));
    }
    assert_eq!(heard, ["Verbose 1", "Go on?"]);
    let answers = requests(&simulator, "/InteractiveResponse");
    assert_eq!(answers.len(), 1, "{:?}", operation.await);
}

#[tokio::test]
async fn heartbeats_do_not_extend_the_time_limit() {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator)
        .operation_timeout(Duration::from_millis(200))
        .network_delay(Duration::ZERO)
        .build()
        .unwrap();
    let tick = Duration::from_millis(50);
    let lively = (0..10).fold(Script::new(), |script, _| {
        script.wait(tick).verbose("still")
    });
    let mut operation = creating(&simulator, &session, lively, Callbacks::all());
    assert_eq!(
        all(&mut operation).await.len(),
        10,
        "each has the time anew"
    );
    operation.await.unwrap();
    assert!(
        simulator
            .remove(&InstancePath::new("Win32_Share").with_key("Name", "logs"))
            .is_some()
    );

    let script = Script::new().verbose("once");
    let dull = (0..100).fold(script, |script, _| script.wait(tick).keep_alive());
    let mut operation = creating(&simulator, &session, dull, Callbacks::all());
    assert_eq!(all(&mut operation).await.len(), 1);
    let error = operation.await.unwrap_err();
    assert_eq!(
        error.timeout_kind(),
        Some(TimeoutKind::Operation),
        "{error:?}"
    );
    assert_eq!(error.delivery(), Delivery::Unknown);
    until("the server cancelled it", || {
        simulator.open_conversations() == 0
    })
    .await;
    assert!(!is_created(&simulator));
}
