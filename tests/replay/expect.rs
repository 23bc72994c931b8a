//! What a call gave, held against `[expect]`.

use libtest_mimic::Failed;
use toml::{Table, Value as Toml};
use wsman::cim::{Instance, InstancePath, Value};
use wsman::{Delivery, Error, PutOutcome};

use crate::case::{Case, Outcome};
use crate::values;

/// Compares an outcome with `[expect]`; every key there must be known.
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
        "messages" => equal(
            &wanted.as_integer().unwrap_or_default(),
            &count(outcome, messages),
        ),
        "instance" => match outcome {
            Outcome::Property(found) => property(table(wanted)?, found),
            _ => instance(table(wanted)?, returned(outcome)?),
        },
        "instance_properties" => {
            let count = match outcome {
                Outcome::Property(_) => 1,
                _ => returned(outcome)?.properties().len(),
            };
            equal(
                &wanted.as_integer().unwrap_or_default(),
                &i64::try_from(count).unwrap_or(-1),
            )
        }
        "path_keys" => keys(table(wanted)?, path(outcome)?),
        "identity" => identity(table(wanted)?, outcome),
        _ => error(key, wanted, outcome),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(wanted: &T, found: &T) -> Result<(), String> {
    match wanted == found {
        true => Ok(()),
        false => Err(format!("wanted {wanted:?}, found {found:?}")),
    }
}

fn table(toml: &Toml) -> Result<&Table, String> {
    toml.as_table().ok_or_else(|| "no table".to_owned())
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Read(_) | Outcome::Property(_) => "read",
        Outcome::Put(put) if put.outcome == PutOutcome::Created => "created",
        Outcome::Put(_) => "updated",
        Outcome::Created(_) => "created",
        Outcome::Deleted => "deleted",
        Outcome::Identified(_) => "identified",
        Outcome::Failed(_) => "failed",
    }
}

fn count(outcome: &Outcome, messages: usize) -> i64 {
    match outcome {
        Outcome::Put(put) => i64::from(put.messages),
        _ => i64::try_from(messages).unwrap_or(-1),
    }
}

fn returned(outcome: &Outcome) -> Result<&Instance, String> {
    match outcome {
        Outcome::Read(instance) => Ok(instance),
        Outcome::Put(put) => put
            .instance
            .as_ref()
            .ok_or_else(|| "no instance".to_owned()),
        _ => Err("no instance".to_owned()),
    }
}

fn path(outcome: &Outcome) -> Result<&InstancePath, String> {
    match outcome {
        Outcome::Put(put) => Ok(&put.path),
        Outcome::Created(path) => Ok(path),
        Outcome::Failed(error) => error.path().ok_or_else(|| "no path".to_owned()),
        _ => Err("no path".to_owned()),
    }
}

fn instance(wanted: &Table, found: &Instance) -> Result<(), String> {
    wanted.iter().try_for_each(|(name, toml)| {
        let wanted = values::value(toml)?;
        let found = found.value(name);
        match found == Some(&wanted) {
            true => Ok(()),
            false => Err(format!("{name}: wanted {wanted:?}, found {found:?}")),
        }
    })
}

/// A fragment is expected as an instance of one property.
fn property(wanted: &Table, found: &Value) -> Result<(), String> {
    let mut values = wanted.values();
    let only = values.next().ok_or("no property")?;
    match values.next() {
        None => equal(&values::value(only)?, found),
        Some(_) => Err("a fragment is one property".to_owned()),
    }
}

fn keys(wanted: &Table, found: &InstancePath) -> Result<(), String> {
    let mut path = InstancePath::new(found.class());
    for (name, toml) in wanted {
        path = path.with_key(name.as_str(), values::value(toml)?);
    }
    equal(&path.keys(), &found.keys())
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

fn error(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Failed(error) = outcome else {
        return Err("no error".to_owned());
    };
    let text = wanted.as_str().unwrap_or_default();
    let number =
        || u32::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|e| e.to_string());
    let fault = || error.fault().ok_or_else(|| "no fault".to_owned());
    match key {
        "error" => equal(&text, &error.name()),
        "ambiguous" => equal(&wanted.as_bool(), &Some(error.is_ambiguous())),
        "delivery" => equal(&text, &delivery(error)),
        "wbem" => equal(&number()?, &error.wbem().0),
        "cim_status" => {
            let found = fault()?.cim_status().map(|status| i64::from(status.code()));
            equal(&wanted.as_integer(), &found)
        }
        "wsman_code" => equal(&Some(number()?), &fault()?.wsman_code.map(|code| code.0)),
        "subcode" => equal(&Some(text), &fault()?.subcode.as_deref()),
        "fault_detail" => equal(&Some(text), &fault()?.fault_detail.as_deref()),
        "cim_error" => instance(
            table(wanted)?,
            error.cim_instance().ok_or("no error instance")?,
        ),
        other => Err(format!("nothing called {other}")),
    }
}

fn delivery(error: &Error) -> &'static str {
    match error.delivery() {
        Delivery::NotSent => "not-sent",
        Delivery::Answered => "answered",
        Delivery::Unknown => "unknown",
    }
}
