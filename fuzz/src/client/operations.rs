//! The operations, and what must hold of their messages.

use std::time::Duration;

use wsman::callback::PromptAnswer;
use wsman::{Callback, Callbacks, Error, Instance, InstancePath, PutMode, Session};

use crate::messages::{assert_shown, goes_back};

/// Runs the operation that the low bits name.
pub async fn run(session: &Session, operation: u8) {
    let path = || InstancePath::new("Win32_Share").with_key("Name", "logs");
    let share = || {
        Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Type", 7u32)
    };
    match operation & 0x0F {
        0 => done(session.get_instance(path()).await, |instance| {
            goes_back(&instance)
        }),
        1 => done(session.enumerate_instances("Win32_Share").await, |rows| {
            rows.iter().for_each(goes_back)
        }),
        2 => done(
            session
                .query_instances("SELECT Name FROM Win32_Share")
                .await,
            |rows| {
                rows.iter().for_each(goes_back);
            },
        ),
        3 => done(session.put_instance(share()).await, |put| {
            drop(put.path.to_string())
        }),
        4 => done(
            session
                .put_instance(share())
                .mode(PutMode::UpdateOnly)
                .await,
            drop,
        ),
        5 => done(session.create_instance(share()).await, drop),
        6 => done(session.delete_instance(path()).await, drop),
        7 => done(
            session
                .invoke_method(path(), "SetShareInfo")
                .arg("Type", 1u32)
                .await,
            drop,
        ),
        8 => done(session.get_class("Win32_Share").await, drop),
        9 => done(session.identify().await, |identity| {
            drop(format!("{identity:?}"))
        }),
        10 => subscribe(session).await,
        11 => callbacks(session).await,
        12 => done(session.modify_instance(share()).await, drop),
        13 => done(
            session
                .put_instance(share())
                .mode(PutMode::CreateOnly)
                .await,
            drop,
        ),
        14 => done(session.get_instance(path()).typed().await, drop),
        _ => done(session.enumerate_classes(None::<&str>).await, drop),
    }
}

fn done<T>(outcome: Result<T, Error>, check: impl FnOnce(T)) {
    match outcome {
        Ok(value) => check(value),
        Err(error) => check_error(&error),
    }
}

fn check_error(error: &Error) {
    assert_shown(error);
    let _ = (error.delivery(), format!("{error:?}"));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        assert_shown(cause);
        source = cause.source();
    }
}

async fn subscribe(session: &Session) {
    let request = session.subscribe("SELECT * FROM Win32_ProcessStartTrace");
    let request = request
        .patience(Duration::from_secs(5))
        .max_latency(Duration::from_millis(10));
    match request.await {
        Err(error) => check_error(&error),
        Ok(mut events) => {
            for _ in 0..8 {
                match tokio::time::timeout(Duration::from_secs(3), events.next()).await {
                    Ok(Some(Err(error))) => return check_error(&error),
                    Ok(Some(Ok(event))) => drop(format!("{event:?}")),
                    Ok(None) | Err(_) => break,
                }
            }
            let _ = tokio::time::timeout(Duration::from_secs(3), events.close()).await;
        }
    }
}

async fn callbacks(session: &Session) {
    let share = Instance::new("Win32_Share").with_key("Name", "logs");
    let mut operation = session
        .create_instance(share)
        .callbacks(Callbacks::all())
        .start();
    while let Some(callback) = operation.callbacks().next().await {
        let _ = format!("{callback:?}");
        if let Callback::Prompt(prompt) = callback {
            prompt.answer(PromptAnswer::No);
        }
    }
    done(operation.await, drop);
}

/// Asserts that no answer makes the client send a write twice.
pub fn check_requests(operation: u8, requests: &[bytes::Bytes]) {
    let count = |action: &str| {
        let action = format!("/transfer/{action}<");
        let holds = |request: &&bytes::Bytes| String::from_utf8_lossy(request).contains(&action);
        requests.iter().filter(holds).count()
    };
    let [puts, creates, deletes] = ["Put", "Create", "Delete"].map(count);
    let most = match operation & 0x0F {
        3 => [2, 1, 0],
        4 | 12 => [1, 0, 0],
        5 | 11 | 13 => [0, 1, 0],
        6 => [0, 0, 1],
        _ => [0, 0, 0],
    };
    assert!(
        puts <= most[0] && creates <= most[1] && deletes <= most[2],
        "{puts} {creates} {deletes}"
    );
}
