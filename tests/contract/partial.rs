//! Checks partial updates.

use wsman::PutMode::UpdateOnly;
use wsman::put::PutExtensions;
use wsman::{Error, Instance, PartialUpdate, Put, PutOutcome, Session};

use crate::target::{Outcome, TEXT, Target, Wrong, able};

async fn update(
    session: &Session,
    instance: &Instance,
    partial: PartialUpdate,
) -> Result<Put, Error> {
    let put = session.put_instance(instance).mode(UpdateOnly);
    put.partial(partial).await
}

/// Works on every server: it is a Get and a Put of the whole instance.
pub(crate) async fn merge(session: &Session, target: &Target) -> Outcome {
    let counters = target.counters(session).await?;
    target.create(session, 1).await?;
    let before = target.read(session).await;
    let part = target.bare().with(target.property.as_str(), 2u32);
    let done = able("put", update(session, &part, PartialUpdate::Merge).await)?;
    target.assert_put(&done, PutOutcome::Updated, 2);
    let after = target.read(session).await;
    assert_eq!(after.get::<u32>(&target.property).unwrap(), 2);
    target.assert_number_alone_changed(&before, &after, &counters);
    Ok(())
}

/// Changes one property of an instance that was read, after another property has changed on the server.
/// Only the list preserves that change.
pub(crate) async fn modified_properties(session: &Session, target: &Target) -> Outcome {
    let other = target.other()?;
    target.create(session, 1).await?;
    let mut stale = target.read(session).await;
    let newer = target.instance(1).with(other, "newer");
    able("put", update(session, &newer, PartialUpdate::Whole).await)?;
    stale.set(target.property.as_str(), 2u32);
    able(
        "put",
        update(session, &stale, PartialUpdate::ModifiedProperties).await,
    )?;
    assert_eq!(target.number(session).await, 2);
    let kept = if target.manners().honours_lists {
        "newer"
    } else {
        TEXT
    };
    assert_eq!(target.text(session).await?.as_deref(), Some(kept));
    Ok(())
}

pub(crate) async fn put_extensions(session: &Session, target: &Target) -> Outcome {
    let other = target.other()?;
    target.create(session, 1).await?;
    let instance = target.instance(2).with(other, "not listed");
    let only = PutExtensions::new([target.property.as_str()]).atomic();
    let put = update(session, &instance, PartialUpdate::PutExtensions(only)).await;
    able("put with __PUT_EXTENSIONS", put)?;
    assert_eq!(target.number(session).await, 2);
    let kept = if target.manners().honours_lists {
        TEXT
    } else {
        "not listed"
    };
    assert_eq!(target.text(session).await?.as_deref(), Some(kept));
    Ok(())
}

/// NULL in a listed property is written only in strict mode. Where servers ignore lists, it is the NULL
/// of any put.
pub(crate) async fn strict_nulls(session: &Session, target: &Target) -> Outcome {
    let other = target.other()?;
    let manners = target.manners();
    target.create(session, 1).await?;
    let instance = target.instance(1).with_null(other);
    let plain = PutExtensions::new([other]);
    for (extensions, writes_null) in [
        (plain.clone(), !manners.honours_lists && manners.writes_null),
        (plain.strict_nulls(), manners.writes_null),
    ] {
        let put = update(session, &instance, PartialUpdate::PutExtensions(extensions)).await;
        able("put with __PUT_EXTENSIONS", put)?;
        let kept = (!writes_null).then(|| TEXT.to_owned());
        assert_eq!(target.text(session).await?, kept);
    }
    Ok(())
}

/// Checks a WS-Management fragment.
pub(crate) async fn fragment(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let part = target.bare().with(target.property.as_str(), 2u32);
    let fragment = PartialUpdate::Fragment(target.property.as_str().into());
    let put = update(session, &part, fragment).await;
    let number = target.answers(Wrong::Fragment, put).map_or(1, |put| {
        target.assert_put(&put, PutOutcome::Updated, 1);
        2
    });
    let read = target.read(session).await;
    assert_eq!(read.get::<u32>(&target.property).unwrap(), number);
    if let Some(other) = &target.other {
        let text: Option<String> = read.get(other).unwrap();
        let known = target.manners().after_fragment;
        assert!(known.contains(&text.as_deref()), "{text:?}");
    }
    Ok(())
}

/// Reads one property by itself.
pub(crate) async fn property(session: &Session, target: &Target) -> Outcome {
    target.create(session, 6).await?;
    let read = session.get_property(target.path(), target.property.as_str());
    if let Some(value) = target.answers(Wrong::Fragment, read.await) {
        assert_eq!(value.to::<u32>().unwrap(), 6);
    }
    Ok(())
}
