//! The rules of CIM, without a protocol: get, create, put and delete on the repository.
//!
//! [`Rules`] holds the differences between servers; the dialect selects them.

mod failure;
mod invoke;
mod selectors;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

pub(in crate::simulator) use failure::CimFailure;
pub(in crate::simulator) use invoke::invoke;
use value::as_declared;

use crate::cim::{Instance, InstancePath, Key, Name, Namespace, PropertyDecl, Value};
use crate::simulator::model::repository::{InstanceId, Repository, Schema, Space};

/// The differences between servers.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Rules {
    /// What a Put does to a property that its body omits.
    pub(in crate::simulator) missing: Missing,
    /// Whether a Put writes a NULL.
    pub(in crate::simulator) writes_null: bool,
    /// Whether an unknown property is an error; otherwise it is ignored.
    pub(in crate::simulator) refuses_unknown: bool,
    pub(in crate::simulator) bad_value: BadValue,
    /// Whether a selector may name a property that is not a key.
    pub(in crate::simulator) takes_any_selector: bool,
    /// Whether a body must have the class of the URI; otherwise the URI's class is used.
    pub(in crate::simulator) checks_class: bool,
    /// Whether keys in a body must match the selectors; otherwise the selectors win.
    pub(in crate::simulator) checks_keys: bool,
}

/// What a Put does to a property that its body omits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Missing {
    Keep,
    SetNull,
}

/// What happens to a value of the wrong type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum BadValue {
    Refuse,
    /// An integer is cut to its width, any other value rejected.
    Wrap,
    /// A number becomes 0, any other value NULL.
    Zero,
}

/// The instance that a request addresses.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct RequestTarget<'a> {
    pub(in crate::simulator) namespace: &'a Namespace,
    pub(in crate::simulator) class: &'a Name,
    pub(in crate::simulator) keys: &'a [Key],
}

/// The properties of its body that a Put writes.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum Scope {
    /// All: the body is the complete instance.
    Whole,
    /// Only these; NULL values only if `nulls` is set.
    Only { names: Vec<Name>, nulls: bool },
}

/// The current state of an instance, and its class.
#[derive(Debug)]
pub(in crate::simulator) struct Found {
    pub(in crate::simulator) schema: Arc<Schema>,
    pub(in crate::simulator) instance: Instance,
}

/// Reads an instance.
pub(in crate::simulator) fn get(
    repo: &Repository,
    target: RequestTarget<'_>,
    rules: Rules,
) -> Result<Found, CimFailure> {
    within(repo, target.namespace, |space| {
        let (schema, id) = find(space, target, rules)?;
        match space.get(&id) {
            Some(instance) => Ok(Found {
                schema: Arc::new(schema),
                instance: instance.clone(),
            }),
            None => Err(no_instance(target)),
        }
    })
}

/// Deletes an instance.
pub(in crate::simulator) fn delete(
    repo: &Repository,
    target: RequestTarget<'_>,
    rules: Rules,
) -> Result<(), CimFailure> {
    within(repo, target.namespace, |space| {
        let (_, id) = find(space, target, rules)?;
        space
            .remove(&id)
            .map(|_| ())
            .ok_or_else(|| no_instance(target))
    })
}

/// Creates an instance and returns its path.
pub(in crate::simulator) fn create(
    repo: &Repository,
    namespace: &Namespace,
    class: &Name,
    body: &Instance,
    rules: Rules,
) -> Result<InstancePath, CimFailure> {
    within(repo, namespace, |space| {
        let schema = concrete(space, class)?;
        check_body(&schema, body, rules)?;
        let mut instance = Instance::new(schema.name.clone());
        for decl in &schema.properties {
            if let Some(value) = created_value(space, &schema, decl, body, rules)? {
                instance.set(decl.name.clone(), value);
            }
        }
        let path = schema.path_of(namespace, &instance);
        let id = schema.id_of(&instance);
        if space.contains(&id) {
            return Err(CimFailure::AlreadyExists(path));
        }
        space.set(id, instance);
        Ok(path)
    })
}

/// Changes an existing instance, and returns its new state.
pub(in crate::simulator) fn put(
    repo: &Repository,
    target: RequestTarget<'_>,
    body: &Instance,
    scope: &Scope,
    rules: Rules,
) -> Result<Found, CimFailure> {
    within(repo, target.namespace, |space| {
        let schema = concrete(space, target.class)?;
        let id = selectors::identify(&schema, target.keys, rules)?;
        let mut instance = space.get(&id).cloned().ok_or_else(|| no_instance(target))?;
        if matches!(scope, Scope::Whole) {
            check_body(&schema, body, rules)?;
        }
        check_keys(&schema, &id, &instance, body, rules)?;
        for decl in schema
            .properties
            .iter()
            .filter(|decl| !decl.key && !decl.read_only)
        {
            if let Some(value) = put_value(decl, body, scope, rules)? {
                instance.set(decl.name.clone(), value);
            }
        }
        space.set(id, instance.clone());
        Ok(Found {
            schema: Arc::new(schema),
            instance,
        })
    })
}

pub(in crate::simulator) fn within<T>(
    repo: &Repository,
    namespace: &Namespace,
    work: impl FnOnce(&mut Space) -> Result<T, CimFailure>,
) -> Result<T, CimFailure> {
    repo.within(namespace, work)
        .unwrap_or_else(|| Err(CimFailure::NoNamespace(namespace.clone())))
}

/// Returns the class and the identity that a request names. The class must match exactly: an
/// instance of a subclass is addressed only by its own class.
fn find(
    space: &Space,
    target: RequestTarget<'_>,
    rules: Rules,
) -> Result<(Schema, InstanceId), CimFailure> {
    let schema = class(space, target.class)?;
    let id = selectors::identify(&schema, target.keys, rules)?;
    Ok((schema, id))
}

fn class(space: &Space, class: &Name) -> Result<Schema, CimFailure> {
    space
        .schema(class)
        .ok_or_else(|| CimFailure::NoClass(class.clone()))
}

fn concrete(space: &Space, name: &Name) -> Result<Schema, CimFailure> {
    let schema = class(space, name)?;
    if schema.is_abstract {
        return Err(CimFailure::AbstractClass(schema.name));
    }
    Ok(schema)
}

pub(in crate::simulator) fn no_instance(target: RequestTarget<'_>) -> CimFailure {
    let path = InstancePath::singleton(target.class.clone());
    let path = target.keys.iter().fold(path, |path, key| {
        path.with_key(key.name.clone(), key.value.clone())
    });
    CimFailure::NoInstance(path.in_namespace(target.namespace.clone()))
}

fn check_body(schema: &Schema, body: &Instance, rules: Rules) -> Result<(), CimFailure> {
    if rules.checks_class && schema.name != *body.class() {
        let (wanted, found) = (schema.name.clone(), body.class().clone());
        return Err(CimFailure::OtherClass { wanted, found });
    }
    let unknown = body
        .properties()
        .iter()
        .find(|p| schema.property(p.name()).is_none());
    match unknown {
        Some(unknown) if rules.refuses_unknown => {
            Err(CimFailure::NoProperty(unknown.name().clone()))
        }
        _ => Ok(()),
    }
}

/// Checks the keys in a body: it may omit them, and must not change them.
fn check_keys(
    schema: &Schema,
    id: &InstanceId,
    instance: &Instance,
    body: &Instance,
    rules: Rules,
) -> Result<(), CimFailure> {
    if !rules.checks_keys {
        return Ok(());
    }
    for key in schema.keys() {
        let Some(value) = body
            .value(key.name.as_str())
            .filter(|value| !value.is_null())
        else {
            continue;
        };
        let mut renamed = instance.clone();
        renamed.set(key.name.clone(), as_declared(key, value, rules.bad_value)?);
        if schema.id_of(&renamed) != *id {
            return Err(CimFailure::KeyChanged(key.name.clone()));
        }
    }
    Ok(())
}

/// Returns the value of a property in a new instance, if it has one.
fn created_value(
    space: &mut Space,
    schema: &Schema,
    decl: &PropertyDecl,
    body: &Instance,
    rules: Rules,
) -> Result<Option<Value>, CimFailure> {
    let given = body.value(decl.name.as_str());
    let value = given
        .map(|value| as_declared(decl, value, rules.bad_value))
        .transpose()?;
    match value {
        Some(value) if !value.is_null() => Ok(Some(value)),
        _ if decl.key => {
            let made_up = space.next_key(&schema.name, &decl.name);
            let made_up = made_up.and_then(|key| key.typed_as(decl.cim_type).ok());
            made_up
                .map(Some)
                .ok_or_else(|| CimFailure::MissingKey(decl.name.clone()))
        }
        None if !decl.default.is_null() => Ok(Some(decl.default.clone())),
        _ if decl.not_null => Err(CimFailure::IllegalNull(decl.name.clone())),
        null => Ok(null),
    }
}

/// Returns the value that a Put gives a property; `None` if it stays unchanged.
fn put_value(
    decl: &PropertyDecl,
    body: &Instance,
    scope: &Scope,
    rules: Rules,
) -> Result<Option<Value>, CimFailure> {
    let writes_null = match scope {
        Scope::Whole => rules.writes_null,
        Scope::Only { names, .. } if !names.contains(&decl.name) => return Ok(None),
        Scope::Only { nulls, .. } => *nulls,
    };
    let value = match body.value(decl.name.as_str()) {
        Some(value) => as_declared(decl, value, rules.bad_value)?,
        None => return missing_value(decl, scope, rules),
    };
    match value {
        Value::Null if !writes_null => Ok(None),
        Value::Null if decl.not_null => Err(CimFailure::IllegalNull(decl.name.clone())),
        value => Ok(Some(value)),
    }
}

/// Returns the value of a property that the body omits. A property that must have a value is reset
/// to its default, as WS-Management 4.7 requires for an omitted element.
fn missing_value(
    decl: &PropertyDecl,
    scope: &Scope,
    rules: Rules,
) -> Result<Option<Value>, CimFailure> {
    match (scope, rules.missing) {
        (Scope::Only { .. }, _) | (Scope::Whole, Missing::Keep) => Ok(None),
        (Scope::Whole, Missing::SetNull) if decl.not_null && decl.default.is_null() => {
            Err(CimFailure::MissingValue(decl.name.clone()))
        }
        (Scope::Whole, Missing::SetNull) if decl.not_null => Ok(Some(decl.default.clone())),
        (Scope::Whole, Missing::SetNull) => Ok(Some(Value::Null)),
    }
}
