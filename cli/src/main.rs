//! The command line `wsman`, which uses only the public API of the library.

mod args;
mod connect;
mod demo;
mod endpoint;
mod exit;
mod explain;
mod failure;
mod password;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use exit::Exit;
use failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = run(Cli::parse().command).await;
    exit.unwrap_or_else(Failure::report).into()
}

async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(args) => demo::run(*args).await,
        Command::Explain(args) => explain::run(&args),
    }
}
