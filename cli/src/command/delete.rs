//! `wsman delete`: deletes an instance, or all that a query or a file names.

use clap::Args;
use serde_json::Value as Json;
use wsman::InstancePath;

use super::from::FromArgs;
use super::selected::{self, SelectedArgs};
use super::{subject, what_if, writes};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Content, Shape, Sink};
use crate::value::json::PATH;
use crate::value::target::{Target, instance_path};

/// The instances.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH", required_unless_present_any = ["file", "query"],
          conflicts_with_all = ["file", "query"])]
    target: Option<String>,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    #[command(flatten)]
    pub(super) from: FromArgs,
    #[command(flatten)]
    selected: SelectedArgs,
}

impl HostCommand for DeleteArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    fn shape(&self) -> Shape {
        if self.target.is_some() {
            Shape::One
        } else {
            Shape::Many
        }
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        if let Some(target) = &self.target {
            let target = Target::parse(target)?;
            let path = instance_path(host, &target, &self.keys).await?;
            self.delete(host, &path, out).await?;
            return Ok(Exit::Done);
        }
        let one = |path: InstancePath| async move { self.delete(host, &path, out).await };
        if let Some(file) = &self.from.file {
            let lines = writes::lines_of(file, out)?;
            let paths = lines.map(|line| path_of_line(&line?));
            return writes::each(app, host, paths, Progress::of_instances(), out, one).await;
        }
        let query = self.selected.query.as_deref().unwrap_or_default();
        let paths = selected::paths(app, host, query).await?;
        if !self.selected.what_if {
            selected::confirm(&self.selected, "delete", paths.len(), out)?;
        }
        let paths = paths.into_iter().map(Ok);
        writes::each(app, host, paths, Progress::of_instances(), out, one).await
    }
}

impl DeleteArgs {
    async fn delete(&self, host: &Host, path: &InstancePath, out: &Sink) -> Result<(), Failure> {
        if self.selected.what_if {
            return what_if::delete(host, path, out).await;
        }
        let deleted = host.write(host.session.delete_instance(path)).await;
        deleted.map_err(writes::failed)?;
        writes::print("deleted", &host.whole(path), 1, None, out)
    }
}

/// Reads a line: an instance as JSON, a JSON string, or an object path.
fn path_of_line(line: &str) -> Result<InstancePath, Failure> {
    let json = match line.trim_start().chars().next() {
        Some('{' | '"') => serde_json::from_str::<Json>(line),
        _ => Ok(Json::from(line.trim())),
    };
    let json = json.map_err(|error| Failure::usage("--from is not JSON", &error))?;
    let text = match &json {
        Json::String(text) => Some(text.as_str()),
        other => other.get(PATH).and_then(Json::as_str),
    };
    let text = text.ok_or_else(|| Failure::parameter(format!("the object has no {PATH}")))?;
    subject::parse_path(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_path_or_an_instance() {
        for line in [
            r#"A.Name="x""#,
            r#""A.Name=\"x\"""#,
            r#"{"__CLASS":"A","__PATH":"A.Name=\"x\"","Name":"x"}"#,
        ] {
            assert_eq!(path_of_line(line).unwrap().to_string(), r#"A.Name="x""#);
        }
        for line in ["{", r#"{"Name":"x"}"#, "=", "\"A"] {
            assert!(path_of_line(line).is_err(), "{line}");
        }
    }
}
