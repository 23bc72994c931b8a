//! Compares the rows that a case lists.

use toml::{Table, Value as Toml};
use wsman::cim::InstancePath;

use super::class::declaration;
use super::instance::{keys, properties};
use super::{count, equal, table};
use crate::call::{Outcome, Row};

pub(super) fn check(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Rows(found) = outcome else {
        return Err("no rows".to_owned());
    };
    if key == "rows" {
        return count(wanted, found.rows.len());
    }
    let wanted = wanted.as_array().ok_or("no [[expect.row]]")?;
    wanted.iter().try_for_each(|wanted| {
        let wanted = table(wanted)?;
        let at = wanted.get("at").and_then(Toml::as_integer).unwrap_or(-1);
        let found = usize::try_from(at).ok().and_then(|at| found.rows.get(at));
        row(wanted, found.ok_or("no such row")?).map_err(|text| format!("at {at}: {text}"))
    })
}

fn row(wanted: &Table, found: &Row) -> Result<(), String> {
    wanted
        .iter()
        .try_for_each(|(key, wanted)| match key.as_str() {
            "at" => Ok(()),
            "class" => equal(&wanted.as_str(), &Some(class(found))),
            "path_keys" => keys(table(wanted)?, &path(found)?),
            "path_namespace" => {
                let path = path(found)?;
                let namespace = path.namespace().map(|namespace| namespace.as_str());
                equal(&wanted.as_str(), &namespace)
            }
            "declaration" => match found {
                Row::Class(class) => declaration(table(wanted)?, class),
                _ => Err("no class".to_owned()),
            },
            "properties" | "instance" => match (key.as_str(), found) {
                ("instance", Row::Instance(instance)) => properties(table(wanted)?, instance),
                (_, Row::Instance(instance)) => count(wanted, instance.properties().len()),
                _ => Err("no instance".to_owned()),
            },
            other => Err(format!("nothing called {other}")),
        })
}

fn class(row: &Row) -> &str {
    match row {
        Row::Instance(instance) => instance.class().as_str(),
        Row::Path(path) => path.class().as_str(),
        Row::Class(class) => class.name().as_str(),
        Row::Name(name) => name.as_str(),
    }
}

fn path(row: &Row) -> Result<InstancePath, String> {
    match row {
        Row::Instance(instance) => instance.path().ok_or_else(|| "no path".to_owned()),
        Row::Path(path) => Ok(path.clone()),
        Row::Class(_) | Row::Name(_) => Err("a class has no path".to_owned()),
    }
}
