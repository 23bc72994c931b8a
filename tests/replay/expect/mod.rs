//! Compares the outcome of a call with `[expect]`, with a file for each kind of outcome.

mod class;
mod error;
mod events;
mod instance;
mod invoke;
mod rows;

use libtest_mimic::Failed;
use toml::{Table, Value as Toml};
use wsman::PutOutcome;

use crate::call::Outcome;
use crate::case::Case;

/// Compares an outcome with `[expect]`; fails on an unknown key.
pub(crate) fn outcome(case: &Case, outcome: Outcome, messages: usize) -> Result<(), Failed> {
    let expect = case
        .0
        .get("expect")
        .and_then(Toml::as_table)
        .ok_or("no [expect]")?;
    for key in expect.keys() {
        check(expect, key, &outcome, messages)
            .map_err(|text| format!("{key}: {text}: {outcome:?}"))?;
    }
    match (expect.contains_key("error"), expect.contains_key("outcome")) {
        (true, false) | (false, true) => Ok(()),
        _ => Err("[expect] needs either an outcome or an error".into()),
    }
}

fn check(expect: &Table, key: &str, outcome: &Outcome, messages: usize) -> Result<(), String> {
    let wanted = expect.get(key).ok_or("gone")?;
    match key {
        "outcome" => equal(&wanted.as_str().unwrap_or_default(), &name(outcome)),
        "messages" => match outcome {
            Outcome::Put(put) => equal(&wanted.as_integer(), &Some(i64::from(put.messages))),
            _ => count(wanted, messages),
        },
        "instance" | "instance_properties" | "path_keys" => instance::check(key, wanted, outcome),
        "class" => class::check(wanted, outcome),
        "rows" | "row" => rows::check(key, wanted, outcome),
        "return_value" | "outputs" | "outputs_count" => invoke::check(key, wanted, outcome),
        "events" | "event" | "missed" | "closed" => events::check(key, wanted, outcome),
        "identity" => identity(table(wanted)?, outcome),
        _ => error::check(key, wanted, outcome),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(wanted: &T, found: &T) -> Result<(), String> {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("wanted {wanted:?}, found {found:?}"))
    }
}

fn count(wanted: &Toml, found: usize) -> Result<(), String> {
    equal(&wanted.as_integer(), &i64::try_from(found).ok())
}

fn table(toml: &Toml) -> Result<&Table, String> {
    toml.as_table().ok_or_else(|| "no table".to_owned())
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Read(_) | Outcome::Property(_) | Outcome::Class(_) => "read",
        Outcome::Put(put) if put.outcome == PutOutcome::Created => "created",
        Outcome::Put(_) => "updated",
        Outcome::Created(_) => "created",
        Outcome::Deleted => "deleted",
        Outcome::Invoked(_) => "invoked",
        Outcome::Identified(_) => "identified",
        Outcome::Rows(rows) if rows.error.is_none() => "enumerated",
        Outcome::Events(events) if events.end.is_none() => "subscribed",
        Outcome::Rows(_) | Outcome::Events(_) | Outcome::Failed(_) => "failed",
    }
}

fn identity(wanted: &Table, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Identified(found) = outcome else {
        return Err("no identity".to_owned());
    };
    wanted.iter().try_for_each(|(name, toml)| {
        let found = match name.as_str() {
            "protocol_version" => &found.protocol_version,
            "product_vendor" => &found.product_vendor,
            "product_version" => &found.product_version,
            other => return Err(format!("nothing called {other}")),
        };
        equal(&toml.as_str().unwrap_or_default(), &found.as_str())
    })
}
