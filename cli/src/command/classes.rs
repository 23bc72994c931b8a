//! `wsman classes`: the classes of a namespace.

use clap::Args;
use serde_json::json;

use super::{class, rows};
use crate::app::{App, HostCommand};
use crate::args::Format;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Content, Shape, Sink, format_of};

/// Which classes.
#[derive(Debug, Args)]
pub(crate) struct ClassesArgs {
    /// List only the classes derived from this one
    #[arg(long, value_name = "CLASS")]
    below: Option<String>,
}

impl HostCommand for ClassesArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let is_table = format_of(&app.settings.output) == Format::Table;
        let mut classes = host
            .session
            .enumerate_classes(self.below.as_deref())
            .stream();
        let printed = tokio::select! {
            biased;
            () = app.interrupt.pressed() => Err(Failure::Interrupted),
            printed = async {
                let mut progress = Progress::of_rows(out);
                while let Some(class) = classes.next().await {
                    let class = class.map_err(Failure::Read)?;
                    if is_table {
                        out.result(json!({
                            "class": class.name().as_str(),
                            "superclass": class.superclass().map(|name| name.as_str()),
                        }))?;
                    } else {
                        out.result(class::to_json(&class))?;
                    }
                    progress.read(classes.bytes());
                }
                Ok(())
            } => printed,
        };
        rows::release(classes).await;
        printed.map(|()| Exit::Done)
    }
}
