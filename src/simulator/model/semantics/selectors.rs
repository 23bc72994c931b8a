//! Converts selectors into the identity of an instance.

use crate::cim::{Key, PropertyDecl};
use crate::simulator::model::repository::{InstanceId, Schema};
use crate::simulator::model::semantics::{CimFailure, Rules};

/// Returns the identity that selectors name: every key once, by its name, as text of its type.
pub(super) fn identify(
    schema: &Schema,
    selectors: &[Key],
    rules: Rules,
) -> Result<InstanceId, CimFailure> {
    check_names(schema, selectors, rules)?;
    let typed = schema
        .keys()
        .map(|key| typed_key(key, selectors))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(schema.id_of_keys(&typed))
}

fn check_names(schema: &Schema, selectors: &[Key], rules: Rules) -> Result<(), CimFailure> {
    let mut rest = selectors;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| other.name == first.name) {
            return Err(CimFailure::DuplicateSelector(first.name.clone()));
        }
        rest = others;
    }
    let is_named = |key: &PropertyDecl| selectors.iter().any(|selector| selector.name == key.name);
    let complete = schema.keys().all(is_named);
    let stray = selectors
        .iter()
        .find(|selector| !schema.keys().any(|key| key.name == selector.name));
    match stray {
        Some(stray) if !complete && selectors.len() >= schema.keys().count() => {
            Err(CimFailure::WrongSelector(stray.name.clone()))
        }
        _ if !complete => Err(CimFailure::TooFewSelectors {
            any: !selectors.is_empty(),
        }),
        Some(stray) if rules.takes_any_selector && schema.property(&stray.name).is_some() => Ok(()),
        Some(stray) => Err(CimFailure::UnexpectedSelector(stray.name.clone())),
        None => Ok(()),
    }
}

fn typed_key(key: &PropertyDecl, selectors: &[Key]) -> Result<Key, CimFailure> {
    let selector = selectors.iter().find(|selector| selector.name == key.name);
    let value = selector.and_then(|selector| selector.value.typed_as(key.cim_type).ok());
    let value = value.ok_or_else(|| CimFailure::SelectorType(key.name.clone()))?;
    Ok(Key {
        name: key.name.clone(),
        value,
    })
}
