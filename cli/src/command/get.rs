//! `wsman get`: reads one instance.

use clap::Args;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::target::{Target, instance_path};

/// The instance.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
}

impl HostCommand for GetArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let path = instance_path(host, &target, &self.keys).await?;
        let instance = host.session.get_instance(&path).await;
        let instance = host.schema.typed(instance.map_err(Failure::Read)?).await;
        out.instance(&instance.map_err(Failure::Read)?)?;
        Ok(Exit::Done)
    }
}
