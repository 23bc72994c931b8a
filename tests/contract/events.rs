//! Checks subscriptions to a class of events that happen by themselves.

use std::time::Duration;

use wsman::subscribe::Subscribe;
use wsman::{Error, Event, Request, Session, Subscription};

use crate::target::{Outcome, Target, Unable, Wrong, able};

/// The time limit for an event.
const PATIENCE: Duration = Duration::from_secs(20);

fn all(session: &Session, target: &Target) -> Result<Request<Subscribe>, Unable> {
    let query = format!("SELECT * FROM {}", target.event()?);
    let request = session.subscribe(query).expires(Duration::from_secs(60));
    Ok(request.max_latency(Duration::from_millis(100)))
}

async fn next(events: &mut Subscription) -> Event {
    let event = tokio::time::timeout(PATIENCE, events.next()).await;
    event.expect("an event in time").expect("an event").unwrap()
}

pub(crate) async fn events_arrive_until_the_end(session: &Session, target: &Target) -> Outcome {
    let mut events = able("subscribe", all(session, target)?.await)?;
    for _ in 0..3 {
        let event = next(&mut events).await;
        assert_eq!(*event.instance.class(), target.event()?);
    }
    events.close().await.unwrap();
    Ok(())
}

pub(crate) async fn subscriptions_side_by_side(session: &Session, target: &Target) -> Outcome {
    let mut one = able("subscribe", all(session, target)?.await)?;
    let mut other = able("subscribe", all(session, target)?.await)?;
    drop(able("subscribe", all(session, target)?.await)?);
    next(&mut one).await;
    next(&mut other).await;
    one.close().await.unwrap();
    next(&mut other).await;
    other.close().await.unwrap();
    Ok(())
}

pub(crate) async fn bookmarks(session: &Session, target: &Target) -> Outcome {
    let marked = all(session, target)?.send_bookmarks().max_elements(1);
    let mut events = able("subscribe", marked.await)?;
    let bookmark = next(&mut events).await.bookmark;
    events.close().await.unwrap();
    if let Some(expected) = target.manners().sends_bookmarks {
        assert_eq!(bookmark.is_some(), expected);
    }
    if let Some(bookmark) = bookmark {
        let again = all(session, target)?.bookmark(bookmark);
        let mut again = able("subscribe", again.await)?;
        next(&mut again).await;
        again.close().await.unwrap();
    }
    Ok(())
}

pub(crate) async fn events_that_are_not_wanted(session: &Session, target: &Target) -> Outcome {
    let query = format!(
        "SELECT * FROM {} WHERE __CLASS = 'Nothing'",
        target.event()?
    );
    let request = session.subscribe(query);
    let request = request.max_latency(Duration::from_millis(100));
    let mut events = match request.await {
        Err(Error::InvalidParameter(_)) => return Ok(()),
        subscribed => able("subscribe", subscribed)?,
    };
    let nothing = tokio::time::timeout(Duration::from_millis(300), events.next()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    events.close().await.unwrap();
    Ok(())
}

pub(crate) async fn wrong_query_of_events(session: &Session, target: &Target) -> Outcome {
    target.event()?;
    target.answers(Wrong::Query, session.subscribe("SELEKT").await);
    Ok(())
}

pub(crate) async fn wrong_class_of_events(session: &Session, target: &Target) -> Outcome {
    target.event()?;
    let request = session.subscribe("SELECT * FROM Wsman_NoSuchEvent");
    target.answers(Wrong::ClassOfEvents, request.await);
    Ok(())
}
