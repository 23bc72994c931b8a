//! Checks sixteen concurrent operations on one key.

use tokio::task::JoinSet;
use wsman::{Error, Put, PutMode, PutOutcome, Session};

use crate::target::{Outcome, Target, Wrong, able};

const TASKS: u32 = 16;

/// Lets each task put its own number; returns their results with the numbers.
async fn race(session: &Session, target: &Target, mode: PutMode) -> Vec<(u32, Result<Put, Error>)> {
    let mut tasks = JoinSet::new();
    for number in 1..=TASKS {
        let put = session.put_instance(&target.instance(number)).mode(mode);
        tasks.spawn(async move { (number, put.await) });
    }
    tasks.join_all().await
}

/// One task creates, the others update, and the final value is that of one of them.
pub(crate) async fn many_create_or_update(session: &Session, target: &Target) -> Outcome {
    let mut created = 0;
    for (_, result) in race(session, target, PutMode::CreateOrUpdate).await {
        let put = able("put", result)?;
        assert!(put.path.same_instance(&target.path()), "{}", put.path);
        assert!((1..=3).contains(&put.messages), "{}", put.messages);
        created += u32::from(put.outcome == PutOutcome::Created);
    }
    assert_eq!(created, 1);
    assert!((1..=TASKS).contains(&target.number(session).await));
    is_there_once(session, target).await
}

/// One task creates, the others fail with AlreadyExists, and the final value is that of the first.
pub(crate) async fn many_create_only(session: &Session, target: &Target) -> Outcome {
    let mut winners = Vec::new();
    for (number, result) in race(session, target, PutMode::CreateOnly).await {
        match result {
            Ok(put) => {
                target.assert_put(&put, PutOutcome::Created, 1);
                winners.push(number);
            }
            Err(error @ Error::NotSupported(_)) => able("create", Err(error))?,
            refused => drop(target.answers(Wrong::Exists, refused)),
        }
    }
    assert_eq!(winners, [target.number(session).await]);
    is_there_once(session, target).await
}

async fn is_there_once(session: &Session, target: &Target) -> Outcome {
    able("delete", session.delete_instance(target.path()).await)?;
    target.assert_missing(session).await;
    Ok(())
}
