//! The operations of a session, each of which checks what it gets.

use std::time::Duration;

use tokio::time::timeout;
use wsman::cim::wql::{Query, property};
use wsman::{Error, Instance, PutMode, Session};

use crate::Outcome;
use crate::faults::Dice;
use crate::ledger::Ledger;
use crate::server::{BLINK, LAMP, Server, lamp, text};

/// The time in which an event arrives if the subscription holds.
const EVENT: Duration = Duration::from_secs(3);

/// Writes a lamp in one of six ways, and compares the report with the repository.
pub(crate) async fn write(
    session: &Session,
    server: &Server,
    ledger: &mut Ledger,
    dice: &mut Dice,
) -> Outcome<()> {
    let place = usize::try_from(dice.below(ledger.lamps.len() as u64)).map_err(text)?;
    let level = ledger.next_level();
    let known = ledger.lamps.get(place).ok_or("there is no such lamp")?;
    let (name, before) = (known.name.clone(), known.level);
    let one = Instance::new(LAMP)
        .with_key("Name", name.as_str())
        .with("Owner", ledger.owner.as_str())
        .with("Level", level);
    // A deadline cuts some writes at any point.
    let deadline = if dice.percent(5) {
        dice.millis(20)
    } else {
        Duration::from_secs(60)
    };
    let put = |mode| session.put_instance(&one).mode(mode).deadline(deadline);
    let (after, told, needs) = match dice.below(6) {
        0 => (
            Some(level),
            put(PutMode::CreateOnly).await.map(drop),
            Some(false),
        ),
        1 => (
            Some(level),
            put(PutMode::UpdateOnly).await.map(drop),
            Some(true),
        ),
        2 => (
            Some(level),
            put(PutMode::CreateOrUpdate).await.map(drop),
            None,
        ),
        3 => {
            let create = session.create_instance(&one).deadline(deadline);
            (Some(level), create.await.map(drop), Some(false))
        }
        4 => {
            let modify = session.modify_instance(&one).deadline(deadline);
            (Some(level), modify.await.map(drop), Some(true))
        }
        _ => {
            let delete = session.delete_instance(lamp(&name)).deadline(deadline);
            (None, delete.await, Some(true))
        }
    };
    if told.is_ok() && needs.is_some_and(|needs| needs != before.is_some()) {
        return Err(format!(
            "{name}: the level was {before:?}, and the write succeeded"
        ));
    }
    ledger.wrote(place, after, &told, server)
}

/// Reads in one of four ways, and compares an answer with what is known. A read may fail.
pub(crate) async fn read(
    session: &Session,
    server: &Server,
    ledger: &mut Ledger,
    dice: &mut Dice,
) -> Outcome<()> {
    let (is_done, events) = match dice.below(8) {
        0..3 => (get(session, ledger, dice).await?, 0),
        3 | 4 => (query(session, ledger).await?, 0),
        5 | 6 => (invoke(session, dice).await?, 0),
        _ => {
            let received = subscribe(session, server, ledger, dice).await?;
            (received.is_some(), u64::from(received.unwrap_or_default()))
        }
    };
    ledger.counts.read(is_done, events);
    Ok(())
}

async fn get(session: &Session, ledger: &Ledger, dice: &mut Dice) -> Outcome<bool> {
    let place = usize::try_from(dice.below(ledger.lamps.len() as u64)).map_err(text)?;
    let known = ledger.lamps.get(place).ok_or("there is no such lamp")?;
    let found = match session.get_instance(lamp(&known.name)).optional().await {
        Ok(found) => found,
        Err(_) => return Ok(false),
    };
    let level = found.map(|lamp| lamp.get::<u32>("Level").map_err(text));
    same("get", known.level, level.transpose()?)?;
    Ok(true)
}

/// Reads all lamps of the session, two in each page.
async fn query(session: &Session, ledger: &Ledger) -> Outcome<bool> {
    let own = Query::new(LAMP).matching(property("Owner").eq(ledger.owner.as_str()));
    let Ok(rows) = session.query_instances(own).max_elements(2).await else {
        return Ok(false);
    };
    for known in &ledger.lamps {
        let row = rows
            .iter()
            .find(|row| row.get::<String>("Name").as_deref() == Ok(known.name.as_str()));
        let level = row.map(|row| row.get::<u32>("Level").map_err(text));
        same("query", known.level, level.transpose()?)?;
    }
    Ok(true)
}

async fn invoke(session: &Session, dice: &mut Dice) -> Outcome<bool> {
    let number = u32::try_from(dice.below(1_000_000)).map_err(text)?;
    let called = session.invoke_method(LAMP, "Echo").arg("Number", number);
    let Ok(returned) = called.await else {
        return Ok(false);
    };
    same("invoke", number, returned.return_code().map_err(text)?)?;
    Ok(true)
}

/// Subscribes, emits an event, and waits for it; `None` if the subscription failed, else whether the event
/// came. A restart forgets it.
async fn subscribe(
    session: &Session,
    server: &Server,
    ledger: &Ledger,
    dice: &mut Dice,
) -> Outcome<Option<bool>> {
    let events = Query::new(BLINK).matching(property("Owner").eq(ledger.owner.as_str()));
    let Ok(mut events) = session.subscribe(events).patience(EVENT).await else {
        return Ok(None);
    };
    let number = u32::try_from(dice.below(1_000_000)).map_err(text)?;
    server.blink(&ledger.owner, number)?;
    let received = timeout(EVENT, events.next()).await;
    let came = match received {
        Ok(Some(Ok(event))) => {
            let received = event.instance.get::<u32>("Number").map_err(text)?;
            same("subscribe", number, received)?;
            true
        }
        Ok(Some(Err(_)) | None) | Err(_) => false,
    };
    // The server may have forgotten it.
    let _ended: Result<(), Error> = events.close().await;
    Ok(Some(came))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, got: T) -> Outcome<()> {
    if expected == got {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}"))
    }
}
