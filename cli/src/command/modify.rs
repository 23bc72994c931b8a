//! `wsman modify`: changes properties of an instance, or of all that a query selects.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value as Json;

use super::subject::{Subject, SubjectArgs};
use super::writes;
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::read::Flat;

/// The instance, and its new values.
#[derive(Debug, Args)]
pub(crate) struct ModifyArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Read the instances from JSON or NDJSON
    #[arg(long, value_name = "FILE|-", conflicts_with = "properties")]
    from: Option<PathBuf>,
}

impl HostCommand for ModifyArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    fn shape(&self) -> Shape {
        if self.from.is_some() {
            Shape::Many
        } else {
            Shape::One
        }
    }

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let Some(path) = &self.from else {
            modify(host, &self.subject.subject(host).await?, out).await?;
            return Ok(Exit::Done);
        };
        let class = self.subject.default_class()?;
        let flats = writes::values_of(path)?.map(|value| match value? {
            Json::Object(map) => Flat::read(&map, class.as_ref()),
            _ => Err(Failure::parameter("an instance is a JSON object")),
        });
        let one = |flat: Flat| async move {
            modify(host, &self.subject.of_flat(host, &flat).await?, out).await
        };
        writes::each(app, flats, out, one).await
    }
}

async fn modify(host: &Host, subject: &Subject, out: &Sink) -> Result<(), Failure> {
    let request = host.session.modify_instance(&subject.instance);
    let request = match &subject.at {
        Some(path) => request.at(path),
        None => request,
    };
    let request = match subject.class {
        Some(_) => request.checked(),
        None => request,
    };
    writes::print_put(host, request.await.map_err(writes::failed)?, out).await
}
