//! Runs operations on one instance: read, write, create and delete.

use toml::Value as Toml;
use wsman::cim::{Instance, InstancePath};
use wsman::put::{PutExtensions, PutInstance};
use wsman::{PartialUpdate, PutMode, Request, Session};

use super::Outcome;
use crate::case::Case;
use crate::values;

pub(super) async fn call(case: &Case, session: &Session) -> Result<Outcome, String> {
    let path = case.path()?;
    let result = match case.text("operation").unwrap_or_default() {
        "get" => match case.text("fragment") {
            Some(property) => session
                .get_property(&path, property)
                .await
                .map(Outcome::Property),
            None => session.get_instance(&path).await.map(Outcome::Read),
        },
        "delete" => session
            .delete_instance(&path)
            .await
            .map(|()| Outcome::Deleted),
        "create" => session
            .create_instance(&instance(case)?)
            .await
            .map(Outcome::Created),
        "modify" => session
            .modify_instance(&instance(case)?)
            .at(&path)
            .await
            .map(Outcome::Put),
        _ => put(case, session, &path)?.await.map(Outcome::Put),
    };
    Ok(result.unwrap_or_else(Outcome::Failed))
}

fn put(
    case: &Case,
    session: &Session,
    path: &InstancePath,
) -> Result<Request<PutInstance>, String> {
    let mode = match case.text("mode") {
        Some("update-only") => PutMode::UpdateOnly,
        Some("create-only") => PutMode::CreateOnly,
        Some("create-or-update") => PutMode::CreateOrUpdate,
        other => return Err(format!("no mode {other:?}")),
    };
    let request = session
        .put_instance(&instance(case)?)
        .mode(mode)
        .partial(partial(case)?);
    Ok(if case.call_table().contains_key("keys") {
        request.at(path)
    } else {
        request
    })
}

fn partial(case: &Case) -> Result<PartialUpdate, String> {
    Ok(match case.text("partial") {
        None => PartialUpdate::Whole,
        Some("merge") => PartialUpdate::Merge,
        Some("modified-properties") => PartialUpdate::ModifiedProperties,
        Some("fragment") => {
            let name = case
                .names("properties")
                .first()
                .copied()
                .or(case.text("fragment"));
            PartialUpdate::Fragment(name.ok_or("no property of the fragment")?.into())
        }
        Some("put-extensions") => {
            let mut extensions = PutExtensions::new(case.names("properties"));
            if case.flag("strict_nulls") {
                extensions = extensions.strict_nulls();
            }
            if case.flag("atomic") {
                extensions = extensions.atomic();
            }
            PartialUpdate::PutExtensions(extensions)
        }
        Some(other) => return Err(format!("no partial update {other}")),
    })
}

fn instance(case: &Case) -> Result<Instance, String> {
    let table = case.call_table().get("instance").and_then(Toml::as_table);
    let table = table.ok_or("no [call.instance]")?;
    let mut instance = values::instance(case.text("class").unwrap_or_default(), table)?;
    if case.text("partial") == Some("modified-properties") {
        instance.set_unmodified();
        for name in case.names("properties") {
            instance.set(
                name,
                values::value(table.get(name).ok_or("no such property")?)?,
            );
        }
    }
    Ok(instance)
}
