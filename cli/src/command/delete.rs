//! `wsman delete`: deletes an instance, or all that a query selects.

use clap::Args;

use super::writes;
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::target::{Target, instance_path};

/// The instance.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
}

impl HostCommand for DeleteArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let path = instance_path(host, &target, &self.keys).await?;
        let deleted = host.session.delete_instance(&path).await;
        deleted.map_err(writes::failed)?;
        writes::print("deleted", &path, 1, None, out)?;
        Ok(Exit::Done)
    }
}
