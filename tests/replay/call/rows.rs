//! Reads rows of a class, a query or an association.

use std::time::Duration;

use toml::Table;
use wsman::cim::{Class, Instance, InstancePath, Name};
use wsman::enumerate::{
    EnumerateInstances, Enumerates, PolymorphismMode, QueryDialect, QueryInstances,
};
use wsman::{Error, Request, Session};

use super::Outcome;
use crate::case::Case;
use crate::values;

/// The kind of a row.
#[derive(Debug)]
pub(crate) enum Row {
    Instance(Instance),
    Path(InstancePath),
    Class(Class),
    Name(Name),
}

impl From<Instance> for Row {
    fn from(instance: Instance) -> Self {
        Row::Instance(instance)
    }
}

impl From<InstancePath> for Row {
    fn from(path: InstancePath) -> Self {
        Row::Path(path)
    }
}

impl From<Class> for Row {
    fn from(class: Class) -> Self {
        Row::Class(class)
    }
}

impl From<Name> for Row {
    fn from(name: Name) -> Self {
        Row::Name(name)
    }
}

/// The rows received, and the error that ended them early.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) error: Option<Error>,
}

pub(super) async fn call(case: &Case, session: &Session) -> Result<Outcome, String> {
    let class = case.text("class").unwrap_or_default();
    let rows = match case.text("operation").unwrap_or_default() {
        "enumerate" => read(case, instances(case, session.enumerate_instances(class))?).await,
        "enumerate-paths" => read(case, session.enumerate_paths(class)).await,
        "enumerate-classes" => {
            let mut request = session.enumerate_classes(case.text("class"));
            if case.flag("shallow") {
                request = request.shallow();
            }
            if case.flag("names_only") {
                read(case, request.names_only()).await
            } else {
                read(case, request).await
            }
        }
        "query" => read(case, query(case, session)?).await,
        "associators" => {
            let mut request = session.associators(case.path()?);
            if let Some(class) = case.text("association_class") {
                request = request.association_class(class);
            }
            if let Some(class) = case.text("result_class") {
                request = request.result_class(class);
            }
            if let Some(role) = case.text("role") {
                request = request.role(role);
            }
            if let Some(role) = case.text("result_role") {
                request = request.result_role(role);
            }
            if case.flag("paths_only") {
                read(case, request.paths()).await
            } else {
                read(case, request).await
            }
        }
        _ => {
            let mut request = session.references(case.path()?);
            if let Some(class) = case.text("result_class") {
                request = request.result_class(class);
            }
            if let Some(role) = case.text("role") {
                request = request.role(role);
            }
            if case.flag("paths_only") {
                read(case, request.paths()).await
            } else {
                read(case, request).await
            }
        }
    };
    rows.map(Outcome::Rows)
}

fn instances(
    case: &Case,
    mut request: Request<EnumerateInstances>,
) -> Result<Request<EnumerateInstances>, String> {
    if case.flag("without_paths") {
        request = request.without_paths();
    }
    if let Some(mode) = case.text("polymorphism") {
        request = request.polymorphism(match mode {
            "deep" => PolymorphismMode::Deep,
            "shallow" => PolymorphismMode::Shallow,
            "deep-base-properties-only" => PolymorphismMode::DeepBasePropertiesOnly,
            other => return Err(format!("no polymorphism {other}")),
        });
    }
    let none = Table::new();
    let matching = case.call_table().get("matching");
    for (name, toml) in matching.and_then(toml::Value::as_table).unwrap_or(&none) {
        request = request.matching(name.as_str(), values::value(toml)?);
    }
    Ok(request)
}

fn query(case: &Case, session: &Session) -> Result<Request<QueryInstances>, String> {
    let request = session.query_instances(case.text("query").ok_or("no query")?);
    Ok(match case.text("dialect") {
        None | Some("wql") => request,
        Some("cql") => request.dialect(QueryDialect::Cql),
        Some(other) => return Err(format!("no dialect {other}")),
    })
}

/// Reads row by row, so that the rows before an error are known. Pages are not prefetched unless the
/// case requests it, so messages are in the recorded order.
async fn read<O>(case: &Case, mut request: Request<O>) -> Result<Rows, String>
where
    O: Enumerates,
    Row: From<O::Row>,
{
    if let Some(rows) = case.number("max_elements")? {
        request = request.max_elements(rows);
    }
    if let Some(characters) = case.number("max_characters")? {
        request = request.max_characters(characters);
    }
    if let Some(seconds) = case.number("max_time")? {
        request = request.max_time(Duration::from_secs(seconds.into()));
    }
    if case.call_table().get("optimized") == Some(&toml::Value::Boolean(false)) {
        request = request.unoptimized();
    }
    let ahead = case.number("pages_ahead")?.unwrap_or(0);
    let mut stream = request.pages_ahead(ahead as usize).stream();
    let stop_after = case.number("stop_after")?.map(|rows| rows as usize);
    let mut read = Rows::default();
    while stop_after != Some(read.rows.len()) {
        match stream.next().await {
            Some(Ok(row)) => read.rows.push(row.into()),
            Some(Err(error)) => {
                read.error = Some(error);
                break;
            }
            None => break,
        }
    }
    let released = stream.release().await;
    read.error = read.error.or(released.err());
    Ok(read)
}
