//! `wsman subscribe`: events as they come.

use std::path::PathBuf;

use clap::Args;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// Which events.
#[derive(Debug, Args)]
pub(crate) struct SubscribeArgs {
    /// The query, such as "SELECT * FROM Win32_ProcessStartTrace"
    #[arg(value_name = "WQL")]
    query: String,
    /// Stop after this many events
    #[arg(long, value_name = "N")]
    max_events: Option<u64>,
    /// Keep the place in a file, and go on from it
    #[arg(long, value_name = "FILE")]
    bookmark: Option<PathBuf>,
}

impl HostCommand for SubscribeArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, _: &Host, _: &Sink) -> Result<Exit, Failure> {
        Err(Failure::Usage("subscribe is not supported yet".into()))
    }
}
