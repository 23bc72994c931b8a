//! Compares a class: some of its attributes and some of its members.

use toml::{Table, Value as Toml};
use wsman::cim::{Class, MethodDecl, Name, PropertyDecl, Qualifier};

use super::{count, equal, table};
use crate::call::Outcome;
use crate::values;

pub(super) fn check(wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Class(class) = outcome else {
        return Err("no class".to_owned());
    };
    declaration(table(wanted)?, class)
}

pub(super) fn declaration(wanted: &Table, class: &Class) -> Result<(), String> {
    wanted
        .iter()
        .try_for_each(|(key, toml)| one(class, key, toml).map_err(|text| format!("{key}: {text}")))
}

fn one(class: &Class, key: &str, wanted: &Toml) -> Result<(), String> {
    match key {
        "name" => text(wanted, Some(class.name())),
        "superclass" => text(wanted, class.superclass()),
        "derivation" => names(wanted, class.derivation().iter()),
        "qualifiers" => names(wanted, class.qualifiers().iter().map(name_of)),
        "keys" => names(wanted, class.keys().map(|key| &key.name)),
        "properties" => count(wanted, class.properties().len()),
        "methods" => count(wanted, class.methods().len()),
        "methods_with_parameters" => methods(class, table(wanted)?),
        name => {
            let found = class.property(name).ok_or("no such property")?;
            table(wanted)?
                .iter()
                .try_for_each(|(key, toml)| property(found, key, toml))
        }
    }
}

fn property(found: &PropertyDecl, key: &str, wanted: &Toml) -> Result<(), String> {
    let flag = |found| equal(&wanted.as_bool(), &Some(found));
    match key {
        "type" => equal(&wanted.as_str(), &Some(found.cim_type.as_str())),
        "array" => flag(found.array),
        "key" => flag(found.key),
        "not_null" => flag(found.not_null),
        "read_only" => flag(found.read_only),
        "propagated" => flag(found.propagated),
        "class" => text(wanted, found.class.as_ref()),
        "origin" => text(wanted, found.origin.as_ref()),
        "default" => equal(&values::value(wanted)?, &found.default),
        "qualifiers" => names(wanted, found.qualifiers.iter().map(name_of)),
        other => Err(format!("nothing called {other}")),
    }
}

/// Compares a method by its parameters; `out` stands before an output-only parameter.
fn methods(class: &Class, wanted: &Table) -> Result<(), String> {
    equal(&wanted.len(), &class.methods().len())?;
    wanted.iter().try_for_each(|(name, toml)| {
        let method = class.method(name).ok_or(format!("no method {name}"))?;
        equal(&list(toml)?, &shown(method))
    })
}

fn shown(method: &MethodDecl) -> Vec<String> {
    let parameters = method.parameters.iter().map(|parameter| {
        let way = if parameter.input { "" } else { "out " };
        format!("{way}{}", parameter.name)
    });
    let is_static = method.is_static.then(|| "static".to_owned());
    is_static.into_iter().chain(parameters).collect()
}

fn name_of(qualifier: &Qualifier) -> &Name {
    &qualifier.name
}

fn text(wanted: &Toml, found: Option<&Name>) -> Result<(), String> {
    equal(&wanted.as_str(), &found.map(Name::as_str))
}

fn names<'a>(wanted: &Toml, found: impl Iterator<Item = &'a Name>) -> Result<(), String> {
    let found: Vec<String> = found.map(|name| name.as_str().to_owned()).collect();
    equal(&list(wanted)?, &found)
}

fn list(toml: &Toml) -> Result<Vec<String>, String> {
    let items = toml.as_array().ok_or("no list")?;
    let text = |item: &Toml| item.as_str().map(str::to_owned);
    items
        .iter()
        .map(|item| text(item).ok_or("no text".to_owned()))
        .collect()
}
