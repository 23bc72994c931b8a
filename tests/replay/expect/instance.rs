//! Compares an instance, its property or its path.

use toml::{Table, Value as Toml};
use wsman::cim::{Instance, InstancePath, Value};

use super::{count, equal, table};
use crate::call::Outcome;
use crate::values;

pub(super) fn check(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    match key {
        "instance" => match outcome {
            Outcome::Property(found) => property(table(wanted)?, found),
            _ => properties(table(wanted)?, returned(outcome)?),
        },
        "instance_properties" => match outcome {
            Outcome::Property(_) => count(wanted, 1),
            _ => count(wanted, returned(outcome)?.properties().len()),
        },
        _ => keys(table(wanted)?, path(outcome)?),
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
        Outcome::Failed(error) => error.created_path().ok_or_else(|| "no path".to_owned()),
        _ => Err("no path".to_owned()),
    }
}

pub(super) fn properties(wanted: &Table, found: &Instance) -> Result<(), String> {
    wanted.iter().try_for_each(|(name, toml)| {
        let wanted = values::value(toml)?;
        let found = found.value(name);
        if found == Some(&wanted) {
            Ok(())
        } else {
            Err(format!("{name}: wanted {wanted:?}, found {found:?}"))
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

pub(super) fn keys(wanted: &Table, found: &InstancePath) -> Result<(), String> {
    let mut path = InstancePath::new(found.class());
    for (name, toml) in wanted {
        path = path.with_key(name.as_str(), values::value(toml)?);
    }
    equal(&path.keys(), &found.keys())
}
