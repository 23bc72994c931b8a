//! Invalid policies fail before anything is sent; a request overrides its session.

use std::time::Duration;

use wsman::retry::RetryPolicy;
use wsman::simulator::sample;
use wsman::{Delivery, Error};

use crate::losing;
use crate::lossy::Loss;

const PUBLIC: &str = r#"Win32_Share.Name="public""#;

#[tokio::test]
async fn refuses_an_invalid_policy_before_sending() {
    let usual = RetryPolicy::new(3);
    let (ms, hour) = (Duration::from_millis(1), Duration::from_secs(3600));
    let invalid = [
        (RetryPolicy::new(0), "0 attempts"),
        (RetryPolicy::new(101), "101 attempts"),
        (RetryPolicy::new(u32::MAX), "4294967295 attempts"),
        (
            usual.backoff(Duration::ZERO, hour),
            "pauses from 0ns to 3600s",
        ),
        (usual.backoff(ms * 2, ms), "pauses from 2ms to 1ms"),
        (usual.backoff(ms, hour + ms), "pauses from 1ms to 3600.001s"),
        (usual.backoff(Duration::MAX, Duration::MAX), "pauses from"),
        (usual.budget(Duration::ZERO), "a budget of 0ns"),
        (usual.budget(hour * 24 + ms), "a budget of 86400.001s"),
        (usual.budget(Duration::MAX), "a budget of"),
    ];
    let simulator = sample().start().await.unwrap();
    for (policy, text) in invalid {
        let (builder, _) = losing(&simulator, &[]);
        let Err(error) = builder.retry(policy).build() else {
            panic!("{policy:?}");
        };
        assert!(matches!(error, Error::Config(_)), "{error}");
        assert!(error.to_string().contains(text), "{error}");
        let (builder, lossy) = losing(&simulator, &[]);
        let session = builder.build().unwrap();
        let error = session
            .get_instance(PUBLIC)
            .retry(policy)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::InvalidParameter(_)), "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        let mut rows = session
            .enumerate_instances("Win32_Share")
            .retry(policy)
            .stream();
        let error = rows.next().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::InvalidParameter(_)), "{error}");
        assert_eq!(lossy.seen().len(), 0);
    }
    let valid = [
        RetryPolicy::new(1),
        RetryPolicy::new(100).backoff(ms, ms).budget(ms),
        usual.backoff(hour, hour).budget(hour * 24),
    ];
    for policy in valid {
        let (builder, _) = losing(&simulator, &[]);
        let session = builder.retry(policy).build().unwrap();
        session.get_instance(PUBLIC).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_overrides_its_session() {
    let simulator = sample().start().await.unwrap();
    let quick = |attempts| {
        RetryPolicy::new(attempts).backoff(Duration::from_millis(1), Duration::from_millis(1))
    };
    for (of_request, attempts) in [
        (None, 2),
        (Some(RetryPolicy::never()), 1),
        (Some(quick(4)), 4),
    ] {
        let (builder, lossy) = losing(&simulator, &[Loss::NotSent; 9]);
        let session = builder.retry(quick(2)).build().unwrap();
        let get = session.get_instance(PUBLIC);
        let get = match of_request {
            Some(policy) => get.retry(policy),
            None => get,
        };
        let error = get.await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
        assert_eq!(lossy.seen().len(), usize::try_from(attempts).unwrap());
    }
}

#[tokio::test]
async fn the_caller_says_which_errors_are_retried() {
    let simulator = sample().start().await.unwrap();
    let policy = RetryPolicy::new(3)
        .backoff(Duration::from_millis(1), Duration::from_millis(1))
        .when(|error| error.connect_problem().is_some());
    let (builder, lossy) = losing(&simulator, &[Loss::NotSent, Loss::Answer]);
    let session = builder.retry(policy).build().unwrap();
    let error = session.get_instance(PUBLIC).await.unwrap_err();
    assert_eq!((error.attempts(), lossy.seen().len()), (2, 2));
    // No setting makes a write of unknown delivery repeatable.
    let (builder, lossy) = losing(&simulator, &[Loss::Answer]);
    let session = builder.retry(policy.when(|_| true)).build().unwrap();
    let error = session.delete_instance(PUBLIC).await.unwrap_err();
    assert_eq!(
        (error.delivery(), lossy.seen().len()),
        (Delivery::Unknown, 1)
    );
}
