//! Tests the semisynchronous form: operations that are started, awaited, cancelled and dropped.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use wsman::cim::WbemStatus;
use wsman::operation::OperationStatus;
use wsman::put::PutFlags;
use wsman::simulator::{Dialect, Knob, Simulator, sample};
use wsman::{Credentials, Delivery, Error, Instance, InstancePath, Operation, PutOutcome, Session};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

fn session(simulator: &Simulator) -> Session {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted()
        .build()
        .unwrap()
}

async fn stage() -> (Simulator, Session) {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    (simulator, session)
}

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
}

fn is_created(simulator: &Simulator) -> bool {
    let path = InstancePath::new("Win32_Share").with_key("Name", "logs");
    simulator.instance(&path).is_some()
}

/// Waits until a condition holds.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Starts a Create that is carried out and whose response does not arrive.
async fn in_flight(simulator: &Simulator, session: &Session) -> Operation<InstancePath> {
    simulator.next(Knob::Delay(LONG));
    let operation = session.create_instance(&share()).start();
    until("the server has it", || is_created(simulator)).await;
    operation
}

fn assert_cancelled<T: std::fmt::Debug>(result: Result<T, Error>, delivery: Delivery) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    assert_eq!(error.delivery(), delivery);
    assert_eq!(error.wbem(), WbemStatus::CALL_CANCELLED);
}

#[tokio::test]
async fn a_request_sends_nothing_until_it_is_started() {
    let (simulator, session) = stage().await;
    let request = session.create_instance(&share());
    tokio::task::yield_now().await;
    assert_eq!(simulator.connections(), 0);
    let operation = request.start();
    until("it runs by itself", || {
        operation.status() == OperationStatus::Finished
    })
    .await;
    assert!(is_created(&simulator));
    assert_eq!(
        operation.await.unwrap().key("Name").unwrap().as_str(),
        Some("logs")
    );
}

#[tokio::test]
async fn waits_repeatedly() {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Delay(Duration::from_millis(200)));
    let mut operation = session.create_instance(&share()).start();
    assert_eq!(operation.status(), OperationStatus::Running);
    assert!(operation.wait(Duration::ZERO).await.is_none());
    assert!(operation.wait(SHORT).await.is_none());
    let result = operation.wait(LONG).await.unwrap();
    assert_eq!(result.unwrap().key("Name").unwrap().as_str(), Some("logs"));
    assert_eq!(operation.status(), OperationStatus::Taken);
}

#[tokio::test]
async fn returns_a_result_once() {
    let (_simulator, session) = stage().await;
    let mut operation = session.identify().start();
    operation.wait(LONG).await.unwrap().unwrap();
    for again in [
        operation.wait(LONG).await.unwrap(),
        operation.cancel().await,
        operation.await,
    ] {
        let error = again.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}

#[tokio::test]
async fn the_error_of_an_operation_is_its_result() {
    let (_simulator, session) = stage().await;
    let unknown = InstancePath::new("Win32_Share").with_key("Name", "unknown");
    let mut operation = session.delete_instance(&unknown).start();
    let result = operation.wait(LONG).await.unwrap();
    assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
}

/// On one thread, no task runs between start and cancel.
#[tokio::test]
async fn cancelled_before_anything_was_sent() {
    let (simulator, session) = stage().await;
    let mut operation = session.create_instance(&share()).start();
    assert_cancelled(operation.cancel().await, Delivery::NotSent);
    until("the connection is closed", || {
        simulator.open_connections() == 0
    })
    .await;
    assert!(simulator.requests().is_empty() && !is_created(&simulator));
}

#[tokio::test]
async fn cancelled_in_flight() {
    let (simulator, session) = stage().await;
    let mut operation = in_flight(&simulator, &session).await;
    assert_eq!(simulator.open_connections(), 1);
    assert_cancelled(operation.cancel().await, Delivery::Unknown);
    until("the connection is closed", || {
        simulator.open_connections() == 0
    })
    .await;
    assert!(is_created(&simulator));
    assert_eq!(simulator.requests().len(), 1);
}

/// Only an operation that changes something may have been done.
#[tokio::test]
async fn a_cancelled_read_changed_nothing() {
    let (simulator, session) = stage().await;
    let public = InstancePath::new("Win32_Share").with_key("Name", "public");
    simulator.next(Knob::Delay(LONG));
    let mut get = session.get_instance(&public).start();
    until("it is on its way", || simulator.requests().len() == 1).await;
    let error = get.cancel().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    let shown = error.to_string();
    let (context, reason) = shown.split_once(": cancelled: ").unwrap();
    assert!(context.starts_with(r#"get root\cimv2:Win32_Share.Name="public" on http://"#));
    assert_eq!(reason, "the caller cancelled the operation");
    assert!(!error.may_have_changed());

    let mut create = in_flight(&simulator, &session).await;
    let error = create.cancel().await.unwrap_err();
    let shown = error.to_string();
    let (context, reason) = shown.split_once(": cancelled: ").unwrap();
    assert!(context.starts_with(r#"create root\cimv2:Win32_Share.Name="logs" on http://"#));
    assert_eq!(
        reason,
        "the caller cancelled the operation; the server may have performed it: read the instance \
         back before a retry"
    );
    assert!(error.may_have_changed());
}

/// The Put was answered, and the Create is on its way.
#[tokio::test]
async fn cancelled_in_the_second_message() {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Pass).next(Knob::Delay(LONG));
    let mut operation = session.put_instance(&share()).start();
    until("the server has both", || is_created(&simulator)).await;
    assert_cancelled(operation.cancel().await, Delivery::Unknown);
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn cancelled_after_the_end() {
    let (simulator, session) = stage().await;
    let mut operation = session.create_instance(&share()).start();
    until("it is over", || {
        operation.status() == OperationStatus::Finished
    })
    .await;
    operation.canceller().cancel();
    operation.cancel().await.unwrap();
    assert!(is_created(&simulator));
}

#[tokio::test]
async fn cancelled_from_another_task_and_another_thread() {
    let (simulator, session) = stage().await;
    let operation = in_flight(&simulator, &session).await;
    let canceller = operation.canceller();
    tokio::spawn(async move { canceller.cancel() });
    assert_cancelled(operation.await, Delivery::Unknown);

    simulator
        .remove(&InstancePath::new("Win32_Share").with_key("Name", "logs"))
        .unwrap();
    let mut operation = in_flight(&simulator, &session).await;
    let canceller = operation.canceller();
    let thread = std::thread::spawn(move || canceller.cancel());
    assert_cancelled(operation.wait(LONG).await.unwrap(), Delivery::Unknown);
    thread.join().unwrap();
    until("both connections are closed", || {
        simulator.open_connections() == 0
    })
    .await;
}

#[tokio::test]
async fn dropping_an_operation_cancels_it() {
    let (simulator, session) = stage().await;
    drop(in_flight(&simulator, &session).await);
    until("the connection is closed", || {
        simulator.open_connections() == 0
    })
    .await;

    // Also between two waits.
    simulator.next(Knob::Delay(LONG));
    let mut operation = session.identify().start();
    assert!(operation.wait(SHORT).await.is_none());
    until("it is on its way", || simulator.open_connections() == 1).await;
    drop(operation);
    until("the connection is closed", || {
        simulator.open_connections() == 0
    })
    .await;
}

#[tokio::test]
async fn a_detached_operation_continues() {
    let (simulator, session) = stage().await;
    session.create_instance(&share()).start().detach();
    until("it is answered", || answered(&simulator)).await;
    assert!(is_created(&simulator));
}

fn answered(simulator: &Simulator) -> bool {
    simulator
        .requests()
        .iter()
        .any(|request| request.status == Some(200))
}

#[tokio::test]
async fn a_detached_operation_can_be_cancelled() {
    let (simulator, session) = stage().await;
    let operation = in_flight(&simulator, &session).await;
    let canceller = operation.canceller();
    operation.detach();
    tokio::time::sleep(SHORT).await;
    assert_eq!(simulator.open_connections(), 1, "it runs on");
    canceller.cancel();
    until("the connection is closed", || {
        simulator.open_connections() == 0
    })
    .await;
}

#[tokio::test]
async fn close_waits_for_the_operation() {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Delay(SHORT));
    session.create_instance(&share()).start().close().await;
    assert!(answered(&simulator) && is_created(&simulator));

    let mut operation = session.identify().start();
    operation.wait(LONG).await.unwrap().unwrap();
    operation.close().await;
}

#[tokio::test]
async fn waits_despite_flags_that_return_immediately() {
    for dialect in Dialect::ALL {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let session = session(&simulator);
        let put = |bits| {
            session
                .put_instance(&share())
                .flags(PutFlags::from_bits(bits).unwrap())
        };
        assert_eq!(put(0x12).await.unwrap().outcome, PutOutcome::Created);
        assert_eq!(
            put(0x11).start().await.unwrap().outcome,
            PutOutcome::Updated
        );
    }
}

/// Polls a future that never has to be woken.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future)
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn fails_without_a_runtime_instead_of_panicking() {
    let session = Session::builder("http://127.0.0.1:9/wsman")
        .build()
        .unwrap();
    let mut operation = session.identify().start();
    assert_eq!(operation.status(), OperationStatus::Finished);
    operation.canceller().cancel();
    let Poll::Ready(Some(Err(error))) = poll_once(operation.wait(LONG)) else {
        panic!("no error");
    };
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(error.to_string().contains("tokio runtime"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(operation.status(), OperationStatus::Taken);

    let awaited = poll_once(session.identify().start());
    assert!(matches!(awaited, Poll::Ready(Err(Error::Config(_)))));
    let closed = poll_once(session.identify().start().close());
    assert!(closed.is_ready());
    session.identify().start().detach();

    let waited = poll_once(session.identify().into_future());
    let Poll::Ready(Err(error)) = waited else {
        panic!("no error")
    };
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(error.to_string().contains("tokio runtime"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);

    let put = poll_once(session.put_instance(&share()).into_future());
    let Poll::Ready(Err(error)) = put else {
        panic!("no error")
    };
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

/// It was not started, and entering a runtime later does not change that.
#[test]
fn an_operation_started_without_a_runtime_fails() {
    let session = Session::builder("http://127.0.0.1:9/wsman")
        .build()
        .unwrap();
    let operation = session.identify().start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    assert!(matches!(runtime.block_on(operation), Err(Error::Config(_))));
}

#[test]
fn a_runtime_shutdown_cancels_its_operations() {
    let here = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let there = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (simulator, session) = here.block_on(stage());
    let operation = there.block_on(in_flight(&simulator, &session));
    there.shutdown_timeout(LONG);
    assert_cancelled(here.block_on(operation), Delivery::Unknown);
    let closed = until("the connection is closed", || {
        simulator.open_connections() == 0
    });
    here.block_on(closed);
}

/// Checks that a caller may move an operation to another task.
#[test]
fn an_operation_can_be_sent_to_another_task() {
    fn is_send<T: Send>(_: &T) {}
    let session = Session::builder("http://127.0.0.1:9/wsman")
        .build()
        .unwrap();
    let operation: Pin<Box<Operation<_>>> = Box::pin(session.identify().start());
    is_send(&operation);
    is_send(&operation.canceller());
}
