//! `wsman wait`: waits until a property has a value.

use std::time::Duration;

use clap::Args;
use wsman::cim::{Name, PropertyDecl};
use wsman::{Instance, Value};

use crate::app::{App, HostCommand};
use crate::args::Time;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::assignment::Assignment;
use crate::value::target::{Target, instance_path};
use crate::value::typing::{Declared, values};

/// The instance, and the values to wait for.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// The class, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// The property and its value
    #[arg(long = "for", value_name = "P=V", required = true)]
    wanted: Vec<String>,
    /// The time between two reads
    #[arg(long, value_name = "TIME", default_value = "1s")]
    interval: Time,
}

impl HostCommand for WaitArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let given = Assignment::parse_all(&self.wanted)?;
        let path = instance_path(host, &target, &self.keys).await?;
        let class = host.schema.class(path.namespace(), path.class()).await;
        let class = class.map_err(Failure::Read)?;
        let wanted = values(&given, &Declared::Properties(class.as_deref()))?;
        loop {
            let instance = host.session.get_instance(&path).await;
            let instance = host.schema.typed(instance.map_err(Failure::Read)?).await;
            let instance = instance.map_err(Failure::Read)?;
            if wanted.iter().all(|wanted| has(&instance, wanted)) {
                out.instance(&instance)?;
                return Ok(Exit::Done);
            }
            tokio::time::sleep(Duration::max(self.interval.0, Duration::from_millis(10))).await;
        }
    }
}

/// Returns whether a property has a value; text is compared with its exact case.
fn has(instance: &Instance, (name, wanted): &(Name, Value)) -> bool {
    instance.value(name.as_str()).is_some_and(|value| {
        let same_type = wanted
            .cim_type()
            .map(|cim_type| PropertyDecl::new(name.clone(), cim_type));
        let typed = same_type.and_then(|declared| declared.declared(value).ok());
        typed.as_ref().unwrap_or(value) == wanted
    })
}
