//! `wsman completions`: a script for a shell.

use std::io;

use clap::Args;
use clap_complete::Shell;

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

/// The shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    use io::Write as _;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "wsman", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
