//! The instances of `--query`, before they are changed or deleted.

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;
use wsman::cim::Class;
use wsman::{Instance, InstancePath};

use crate::app::App;
use crate::connect::Host;
use crate::failure::Failure;
use crate::render::Sink;

/// Which instances to change or delete, and whether to ask.
#[derive(Debug, Args)]
pub(crate) struct SelectedArgs {
    /// Take all instances that a query selects
    #[arg(long, value_name = "WQL", conflicts_with = "file")]
    pub(super) query: Option<String>,
    /// Print what would change, and send nothing
    #[arg(long)]
    pub(super) what_if: bool,
    /// Do not ask before the instances of --query are changed
    #[arg(long)]
    pub(super) yes: bool,
}

/// Reads the paths of the instances that a query selects.
pub(super) async fn paths(
    app: &App,
    host: &Host,
    query: &str,
) -> Result<Vec<InstancePath>, Failure> {
    let request = host.session.query_instances(query);
    let rows = tokio::select! {
        biased;
        () = app.interrupt.pressed() => return Err(Failure::Interrupted),
        rows = request => rows.map_err(Failure::Read)?,
    };
    let mut paths = Vec::with_capacity(rows.len());
    for row in rows {
        let class = host.schema.class(row.namespace(), row.class()).await;
        let class = class.map_err(Failure::Read)?;
        paths.push(path_of(row, class.as_deref())?);
    }
    Ok(paths)
}

/// Returns the path of a row: its own, else one of the keys of its class.
fn path_of(row: Instance, class: Option<&Class>) -> Result<InstancePath, Failure> {
    if let Some(path) = row.path() {
        return Ok(path);
    }
    let named = || row.class().clone();
    let unknown = || {
        let text = format!(
            "the rows of {} do not name their instance: select its keys",
            named()
        );
        Failure::Usage(text)
    };
    let class = class.ok_or_else(unknown)?;
    if class.is_singleton() {
        return Ok(InstancePath::singleton(named()));
    }
    let typed = row.clone().typed_by(class);
    let mut path = InstancePath::new(named());
    for key in class.keys() {
        let value = typed
            .value(key.name.as_str())
            .filter(|value| !value.is_null());
        path = path.with_key(key.name.clone(), value.ok_or_else(unknown)?.clone());
    }
    if class.keys().next().is_none() {
        return Err(unknown());
    }
    Ok(path)
}

/// Asks on a terminal whether to go on; elsewhere the caller must have said so.
pub(super) fn confirm(
    args: &SelectedArgs,
    verb: &str,
    count: usize,
    out: &Sink,
) -> Result<(), Failure> {
    if args.yes || count == 0 {
        return Ok(());
    }
    if out.names_hosts() || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::Usage(format!(
            "--query would {verb} {count} instances: look with --what-if, then add --yes"
        )));
    }
    let mut stderr = io::stderr();
    write!(stderr, "{verb} {count} instances? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failure::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use wsman::cim::CimType;

    use super::*;

    #[test]
    fn a_row_is_named_by_the_keys_of_its_class() {
        let class = Class::new("Pair")
            .with_key("Name", CimType::String)
            .with_key("Number", CimType::Uint32);
        let row = Instance::new("Pair")
            .with("Name", "left")
            .with("Number", "1");
        let path = path_of(row.clone(), Some(&class)).unwrap();
        assert_eq!(path.to_string(), r#"Pair.Name="left",Number="1""#);
        assert!(path_of(row.clone(), None).is_err());
        assert!(path_of(Instance::new("Pair").with("Name", "left"), Some(&class)).is_err());
        assert!(path_of(row, Some(&Class::new("Pair"))).is_err());
    }
}
