//! `wsman profile`: named sets of options.

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// What to do.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Keep the given options under a name
    Add {
        /// The name
        name: String,
    },
    /// List the names
    List,
    /// Remove a name
    Remove {
        /// The name
        name: String,
    },
}

/// Runs the action.
pub(crate) fn run(_: &ProfileArgs) -> Result<Exit, Failure> {
    Err(Failure::Usage("profile is not supported yet".into()))
}
