//! `wsman doctor`: checks name, port, TLS, login and rights.

use clap::Args;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {}

impl HostCommand for DoctorArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, _: &Host, _: &Sink) -> Result<Exit, Failure> {
        Err(Failure::Usage("doctor is not supported yet".into()))
    }
}
