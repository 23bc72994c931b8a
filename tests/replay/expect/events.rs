//! Compares the events that a case lists.

use toml::{Table, Value as Toml};
use wsman::Event;
use wsman::subscribe::Bookmark;

use super::instance::properties;
use super::{count, equal, table};
use crate::call::Outcome;

pub(super) fn check(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Events(found) = outcome else {
        return Err("no events".to_owned());
    };
    match key {
        "events" => count(wanted, found.events.len()),
        "missed" => count(wanted, found.missed.len()),
        "closed" => {
            let closed = found
                .closed
                .as_ref()
                .err()
                .map_or("ok", |error| error.name());
            equal(&wanted.as_str(), &Some(closed))
        }
        _ => {
            let wanted = wanted.as_array().ok_or("no [[expect.event]]")?;
            wanted.iter().try_for_each(|wanted| {
                let wanted = table(wanted)?;
                let at = wanted.get("at").and_then(Toml::as_integer).unwrap_or(-1);
                let event = usize::try_from(at).ok().and_then(|at| found.events.get(at));
                let event = event.ok_or("no such event")?;
                check_event(wanted, event).map_err(|text| format!("at {at}: {text}"))
            })
        }
    }
}

fn check_event(wanted: &Table, found: &Event) -> Result<(), String> {
    let bookmark = match &found.bookmark {
        Some(Bookmark::At(text)) => Some(text.as_str()),
        _ => None,
    };
    // An event without a bookmark has none in the case, either.
    equal(&wanted.get("bookmark").and_then(Toml::as_str), &bookmark)?;
    wanted
        .iter()
        .try_for_each(|(key, wanted)| match key.as_str() {
            "at" | "bookmark" => Ok(()),
            "class" => equal(&wanted.as_str(), &Some(found.instance.class().as_str())),
            "properties" => count(wanted, found.instance.properties().len()),
            "instance" => properties(table(wanted)?, &found.instance),
            other => Err(format!("nothing called {other}")),
        })
}
