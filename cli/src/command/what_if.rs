//! `--what-if`: what a write would change. Only reads are sent.

use serde_json::{Value as Json, json};
use wsman::put::PutInstance;
use wsman::{Error, Instance, InstancePath, PutMode, Request, Value};

use super::subject::Subject;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Sink, Style};
use crate::value::json::write;

/// A property that would change.
struct Change {
    property: String,
    from: Json,
    to: Json,
}

/// Reads the instance, and prints what a put in this mode would change.
pub(super) async fn run(
    host: &Host,
    subject: &Subject,
    mode: PutMode,
    out: &Sink,
) -> Result<(), Failure> {
    let path = subject.at.clone().or_else(|| subject.instance.path());
    let found = match &path {
        Some(path) => read(host, path).await?,
        None => None,
    };
    if let (None, None, Some(path)) = (&found, &subject.class, &path)
        && host.schema.is_missing(path.namespace(), path.class()).await
    {
        return Err(Failure::no_class(path.class()));
    }
    let read = found.as_ref().and_then(Instance::path);
    let path = read.or_else(|| path.map(|path| host.whole(&path)));
    let path = path.map(|path| path.to_string()).unwrap_or_default();
    let outcome = match (&found, mode) {
        (Some(_), PutMode::CreateOnly) => {
            let text = format!("{path} already exists; use put or modify to change it");
            return Err(Failure::found(Exit::AlreadyExists, "already-exists", text));
        }
        (None, PutMode::UpdateOnly) => {
            let text = format!("{path} does not exist; use put or create to create it");
            return Err(Failure::found(Exit::NotFound, "not-found", text));
        }
        (None, _) => "would-create",
        (Some(_), _) => "would-update",
    };
    let changes = changes(subject, found.as_ref());
    let outcome = if found.is_some() && changes.is_empty() {
        "unchanged"
    } else {
        outcome
    };
    print(outcome, &path, &changes, out)
}

/// Prints that an instance would be deleted, if it exists.
pub(super) async fn delete(host: &Host, path: &InstancePath, out: &Sink) -> Result<(), Failure> {
    let found = host
        .session
        .get_instance(path)
        .await
        .map_err(Failure::Read)?;
    let path = found.path().unwrap_or_else(|| path.clone());
    print("would-delete", &path.to_string(), &[], out)
}

/// Returns whether an instance already has the values that a write would set.
pub(super) async fn is_done(host: &Host, subject: &Subject) -> Result<Option<Instance>, Failure> {
    let path = subject.at.clone().or_else(|| subject.instance.path());
    let Some(path) = path else {
        return Ok(None);
    };
    let found = read(host, &path).await?;
    Ok(found.filter(|found| changes(subject, Some(found)).is_empty()))
}

async fn read(host: &Host, path: &InstancePath) -> Result<Option<Instance>, Failure> {
    match host.session.get_instance(path).await {
        Ok(instance) => Ok(Some(
            host.schema.typed(instance).await.map_err(Failure::Read)?,
        )),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(Failure::Read(error)),
    }
}

/// Compares the given properties with those that were read.
fn changes(subject: &Subject, found: Option<&Instance>) -> Vec<Change> {
    let given = subject.instance.properties().iter();
    given
        .filter_map(|property| {
            let before = found.and_then(|found| found.value(property.name().as_str()));
            let is_same = before.is_some_and(|before| same(before, property.value()));
            (!is_same).then(|| Change {
                property: property.name().to_string(),
                from: before.map_or(Json::Null, write::value),
                to: write::value(property.value()),
            })
        })
        .collect()
}

/// Returns whether two values are the same; a single value is an array of one, as on the wire.
fn same(before: &Value, after: &Value) -> bool {
    before == after
        || (before.elements() == after.elements() && !before.is_null() && !after.is_null())
}

fn print(outcome: &str, path: &str, changes: &[Change], out: &Sink) -> Result<(), Failure> {
    let is_for_people = out.text(|style| diff(outcome, path, changes, style))?;
    if is_for_people {
        return Ok(());
    }
    let changes = changes
        .iter()
        .map(|change| json!({"property": change.property, "from": change.from, "to": change.to}));
    out.result(json!({
        "outcome": outcome, "path": path, "changes": changes.collect::<Vec<_>>(),
    }))
}

fn diff(outcome: &str, path: &str, changes: &[Change], style: Style) -> String {
    let mut text = format!("{} {path}", style.bold(outcome));
    for change in changes {
        let shown = |value: &Json| crate::render::json::line(value).unwrap_or_default();
        let name = &change.property;
        if !change.from.is_null() {
            let line = format!("- {name}: {}", shown(&change.from));
            text.push_str(&format!("\n  {}", style.red(&line)));
        }
        let line = format!("+ {name}: {}", shown(&change.to));
        text.push_str(&format!("\n  {}", style.green(&line)));
    }
    text
}

/// Prints the first message of a put on stderr, as it would be sent.
pub(super) fn show_message(request: &Request<PutInstance>) -> Result<(), Failure> {
    let message = request.to_message().map_err(Failure::Read)?;
    crate::app::note(&String::from_utf8_lossy(&message));
    Ok(())
}
