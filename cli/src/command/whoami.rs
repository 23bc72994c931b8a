//! `wsman whoami`: who is logged in, and how.

use clap::Args;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {}

impl HostCommand for WhoamiArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, _: &Host, _: &Sink) -> Result<Exit, Failure> {
        Err(Failure::Usage("whoami is not supported yet".into()))
    }
}
