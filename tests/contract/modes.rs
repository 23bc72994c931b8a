//! Checks the three modes, on an existing and on a missing instance.

use wsman::PutMode::{self, CreateOnly, CreateOrUpdate, UpdateOnly};
use wsman::PutOutcome::{Created, Updated};
use wsman::put::PutFlags;
use wsman::{Error, Put, Session};

use crate::target::{Outcome, Target, Wrong, able};

async fn put(session: &Session, target: &Target, mode: PutMode, to: u32) -> Result<Put, Error> {
    session.put_instance(&target.instance(to)).mode(mode).await
}

pub(crate) async fn update_only_on_missing(session: &Session, target: &Target) -> Outcome {
    let refused = put(session, target, UpdateOnly, 1).await;
    target.answers(Wrong::NoInstance, refused);
    target.assert_missing(session).await;
    Ok(())
}

pub(crate) async fn update_only_on_existing(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let done = able("put", put(session, target, UpdateOnly, 2).await)?;
    target.assert_put(&done, Updated, 1);
    assert_eq!(target.number(session).await, 2);
    Ok(())
}

pub(crate) async fn create_only_on_missing(session: &Session, target: &Target) -> Outcome {
    let done = able("create", put(session, target, CreateOnly, 1).await)?;
    target.assert_put(&done, Created, 1);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}

pub(crate) async fn create_only_on_existing(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let refused = put(session, target, CreateOnly, 2).await;
    target.answers(Wrong::Exists, refused);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}

pub(crate) async fn create_or_update_on_missing(session: &Session, target: &Target) -> Outcome {
    let done = able("create", put(session, target, CreateOrUpdate, 1).await)?;
    target.assert_put(&done, Created, 2);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}

pub(crate) async fn create_or_update_on_existing(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let done = able("put", put(session, target, CreateOrUpdate, 2).await)?;
    target.assert_put(&done, Updated, 1);
    assert_eq!(target.number(session).await, 2);
    Ok(())
}

/// WMI's own numbers select the same modes.
pub(crate) async fn flags_on_missing_and_existing(session: &Session, target: &Target) -> Outcome {
    let put = async |bits, number| {
        let request = session.put_instance(&target.instance(number));
        request.flags(PutFlags::from_bits(bits).unwrap()).await
    };
    target.answers(Wrong::NoInstance, put(0x1, 1).await);
    target.assert_put(&able("create", put(0x2, 1).await)?, Created, 1);
    target.answers(Wrong::Exists, put(0x2, 2).await);
    target.assert_put(&able("put", put(0x1 | 0x2_0000, 3).await)?, Updated, 1);
    target.assert_put(&able("put", put(0x10, 4).await)?, Updated, 1);
    assert_eq!(target.number(session).await, 4);
    Ok(())
}
