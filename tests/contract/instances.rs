//! Checks create, get, modify, delete and Identify.

use wsman::{Error, PutOutcome, Session};

use crate::target::{Outcome, TEXT, Target, Unable, Wrong, able};

pub(crate) async fn create_and_get(session: &Session, target: &Target) -> Outcome {
    let path = able("create", session.create_instance(&target.instance(7)).await)?;
    assert!(path.same_instance(&target.path()), "{path}");
    let read = able("get", session.get_instance(&path).await)?;
    assert_eq!(read.get::<u32>(&target.property).unwrap(), 7);
    assert_eq!(read.get::<String>(&target.key).unwrap(), target.name);
    assert_eq!(read.path().unwrap().keys(), path.keys());
    assert_eq!(read.modified().count(), 0, "nothing was changed since");
    Ok(())
}

pub(crate) async fn create_on_existing(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let refused = session.create_instance(&target.instance(2)).await;
    target.answers(Wrong::Exists, refused);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}

pub(crate) async fn get_missing(session: &Session, target: &Target) -> Outcome {
    let read = session.get_instance(target.path()).await;
    target.answers(Wrong::NoInstance, read);
    Ok(())
}

pub(crate) async fn delete_twice(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    able("delete", session.delete_instance(target.path()).await)?;
    target.assert_missing(session).await;
    let again = session.delete_instance(target.path()).await;
    target.answers(Wrong::NoInstance, again);
    Ok(())
}

pub(crate) async fn modify_missing(session: &Session, target: &Target) -> Outcome {
    let refused = session.modify_instance(&target.instance(1)).await;
    target.answers(Wrong::NoInstance, refused);
    target.assert_missing(session).await;
    Ok(())
}

/// An instance that was read holds all properties, so no server loses any.
pub(crate) async fn modify_after_get(session: &Session, target: &Target) -> Outcome {
    let counters = target.counters(session).await?;
    target.create(session, 1).await?;
    let mut instance = target.read(session).await;
    let before = instance.clone();
    instance.set(target.property.as_str(), 2u32);
    let done = able("put", session.modify_instance(&instance).await)?;
    target.assert_put(&done, PutOutcome::Updated, 1);
    let after = target.read(session).await;
    assert_eq!(after.get::<u32>(&target.property).unwrap(), 2);
    target.assert_number_alone_changed(&before, &after, &counters);
    Ok(())
}

/// An instance built by hand holds only some; the server decides about the rest.
pub(crate) async fn modify_by_hand(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    able("put", session.modify_instance(&target.least(2)).await)?;
    assert_eq!(target.number(session).await, 2);
    let kept = target.manners().keeps_missing.then(|| TEXT.to_owned());
    assert_eq!(target.text(session).await?, kept);
    Ok(())
}

pub(crate) async fn identify_with_login(session: &Session, _: &Target) -> Outcome {
    let server = able("identify", session.identify().await)?;
    assert!(!server.product_vendor.is_empty(), "{server:?}");
    assert!(!server.protocol_version.is_empty(), "{server:?}");
    Ok(())
}

pub(crate) async fn identify_without_login(session: &Session, _: &Target) -> Outcome {
    match session.identify().anonymous().await {
        Ok(server) => assert!(!server.protocol_version.is_empty(), "{server:?}"),
        // OMI does not respond to an unauthenticated client, and hangs up after a minute.
        Err(error @ (Error::Auth(_) | Error::Transport(_) | Error::Timeout(_))) => {
            return Err(Unable(format!(
                "it rejects unauthenticated clients: {error}"
            )));
        }
        Err(error) => panic!("{error:?}"),
    }
    Ok(())
}
