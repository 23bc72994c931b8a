//! `wsman count`: how many instances a class has.

use clap::Args;
use serde_json::json;

use super::rows;
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::target::Target;

/// The class.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// The class
    #[arg(value_name = "CLASS")]
    class: String,
}

impl HostCommand for CountArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.class)?;
        let mut request = host.session.enumerate_paths(target.class().clone());
        if let Some(namespace) = target.path().and_then(|path| path.namespace()) {
            request = request.namespace(namespace);
        }
        let count = rows::count(app, request.stream(), out).await?;
        if out.names_hosts() {
            out.result(json!({ "count": count }))?;
        } else {
            out.value(&json!(count))?;
        }
        Ok(Exit::Done)
    }
}
