//! Which messages are sent again: reads, and writes that were not sent.

use std::time::Duration;

use wsman::retry::RetryPolicy;
use wsman::simulator::{SeenRequest, Simulator, sample};
use wsman::{Delivery, Error, Instance};

use crate::losing;
use crate::lossy::Loss;
use crate::operations::{OF_ONE_MESSAGE, Operation, PUBLIC};

/// More than any operation here takes.
const AMPLE: Duration = Duration::from_secs(60);

const QUICK: RetryPolicy =
    RetryPolicy::new(3).backoff(Duration::from_millis(1), Duration::from_millis(2));

/// Performs an operation whose first messages are lost; returns the result and the number of messages.
async fn perform(operation: Operation, losses: &[Loss]) -> (Result<(), Error>, usize, Simulator) {
    let simulator = sample().start().await.unwrap();
    let (builder, lossy) = losing(&simulator, losses);
    let session = builder.retry(QUICK).build().unwrap();
    let done = operation.perform(&session, AMPLE).await;
    (done, lossy.seen().len(), simulator)
}

#[tokio::test]
async fn sends_what_was_not_sent_again() {
    for operation in OF_ONE_MESSAGE {
        let (done, sent, _) = perform(operation, &[Loss::NotSent; 2]).await;
        assert!(done.is_ok(), "{operation:?}: {done:?}");
        assert_eq!(sent, 3, "{operation:?}");
        let (done, sent, _) = perform(operation, &[Loss::NotSent; 3]).await;
        let error = done.unwrap_err();
        assert_eq!((error.attempts(), sent), (3, 3), "{operation:?}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{operation:?}");
        assert!(error.to_string().ends_with("; tried 3 times"), "{error}");
    }
}

#[tokio::test]
async fn sends_only_a_read_again_after_any_other_loss() {
    let losses = [
        (Loss::Message, Delivery::Unknown),
        (Loss::Answer, Delivery::Unknown),
        (Loss::Status(429, None), Delivery::Answered),
        (Loss::Status(500, None), Delivery::Unknown),
        (Loss::Status(502, None), Delivery::Unknown),
        (Loss::Status(503, Some(0)), Delivery::Unknown),
        (Loss::Status(504, None), Delivery::Unknown),
    ];
    for operation in OF_ONE_MESSAGE {
        for (loss, delivery) in losses {
            let (done, sent, simulator) = perform(operation, &[loss]).await;
            let case = format!("{operation:?}, {loss:?}: {done:?}");
            if operation.is_read() {
                assert!(done.is_ok() && sent == 2, "{case}");
                continue;
            }
            let error = done.unwrap_err();
            assert_eq!(
                (error.delivery(), error.attempts(), sent),
                (delivery, 1, 1),
                "{case}"
            );
            let performed = simulator
                .requests()
                .iter()
                .filter(|seen| seen.performed)
                .count();
            assert_eq!(performed, usize::from(loss == Loss::Answer), "{case}");
        }
    }
}

#[tokio::test]
async fn an_error_that_stays_is_not_retried() {
    for loss in [401, 403, 404, 407, 413, 501].map(|status| Loss::Status(status, None)) {
        for operation in OF_ONE_MESSAGE {
            let (done, sent, _) = perform(operation, &[loss]).await;
            assert_eq!(sent, 1, "{operation:?}, {loss:?}: {done:?}");
            assert_eq!(done.unwrap_err().attempts(), 1);
        }
    }
    let simulator = sample().start().await.unwrap();
    let (builder, lossy) = losing(&simulator, &[]);
    let session = builder.retry(QUICK).build().unwrap();
    let missing = session.get_instance(r#"Win32_Share.Name="missing""#).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
    assert_eq!(lossy.seen().len(), 1);
}

/// A server may have moved past the rows of a Pull whose answer was lost.
#[tokio::test]
async fn a_pull_is_sent_again_only_if_it_was_not_sent() {
    for (loss, is_retried) in [
        (Loss::NotSent, true),
        (Loss::Message, false),
        (Loss::Answer, false),
        (Loss::Status(503, None), false),
    ] {
        let simulator = sample().start().await.unwrap();
        let (builder, lossy) = losing(&simulator, &[Loss::Pass, loss]);
        let session = builder.retry(QUICK).build().unwrap();
        let rows = session
            .enumerate_instances("Win32_Service")
            .max_elements(1)
            .await;
        let pulls = |body: &&String| body.contains("enumeration/Pull<");
        let pulls = lossy.seen().iter().filter(pulls).count();
        match rows {
            Ok(rows) => assert!(
                is_retried && rows.len() > 1 && pulls >= rows.len(),
                "{pulls}"
            ),
            Err(error) => {
                assert!(!is_retried, "{loss:?}: {error}");
                assert_eq!((error.attempts(), pulls), (1, 1), "{loss:?}: {error}");
            }
        }
    }
}

/// The Create of a create-or-update follows an answered Put; not sent, it is sent again all the same.
#[tokio::test]
async fn each_message_has_its_own_attempts() {
    let losses = [
        Loss::NotSent,
        Loss::NotSent,
        Loss::Pass,
        Loss::NotSent,
        Loss::NotSent,
    ];
    let simulator = sample().start().await.unwrap();
    let (builder, lossy) = losing(&simulator, &losses);
    let session = builder.retry(QUICK).build().unwrap();
    let logs = Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", "C:\\logs");
    session.put_instance(&logs).await.unwrap();
    assert_eq!(lossy.seen().len(), 6);
    let is_create = |seen: &&SeenRequest| {
        let action = seen.action.as_deref().unwrap_or_default();
        seen.performed && action.ends_with("/Create")
    };
    assert_eq!(simulator.requests().iter().filter(is_create).count(), 1);
}

#[tokio::test]
async fn each_attempt_is_a_message_of_its_own() {
    let simulator = sample().start().await.unwrap();
    let (builder, lossy) = losing(&simulator, &[Loss::Answer; 2]);
    let session = builder.build().unwrap();
    session.get_instance(PUBLIC).retry(QUICK).await.unwrap();
    let id = |body: &String| {
        let (_, rest) = body.split_once("MessageID>").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let ids: std::collections::BTreeSet<_> = lossy.seen().iter().map(id).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn nothing_is_retried_by_default() {
    for operation in OF_ONE_MESSAGE {
        let simulator = sample().start().await.unwrap();
        let (builder, lossy) = losing(&simulator, &[Loss::NotSent]);
        let session = builder.build().unwrap();
        let error = operation.perform(&session, AMPLE).await.unwrap_err();
        assert_eq!(
            (error.attempts(), lossy.seen().len()),
            (1, 1),
            "{operation:?}"
        );
        assert!(!error.to_string().contains("tried"), "{error}");
    }
}
