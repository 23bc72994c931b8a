//! `wsman serve`: the simulator as a server.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::app::App;
use crate::exit::Exit;
use crate::failure::Failure;

/// The server.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; defaults to a free port of the loopback interface
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The server to behave like
    #[arg(long, value_name = "NAME", default_value = "windows")]
    dialect: String,
    /// Answer from the recordings in this folder
    #[arg(long, value_name = "DIR")]
    load: Option<PathBuf>,
    /// Declare the classes in this folder
    #[arg(long, value_name = "DIR")]
    mof: Option<PathBuf>,
    /// Inject a fault
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
}

/// Runs the server until it is interrupted.
pub(crate) async fn run(_: &App, _: &ServeArgs) -> Result<Exit, Failure> {
    Err(Failure::Usage("serve is not supported yet".into()))
}
