//! The command line `wsman`, which uses only the public API of the library.
//!
//! | part | content |
//! |---|---|
//! | `args` | the options, and the list of commands |
//! | `command` | what each command does |
//! | `app`, `connect` | the hosts, and the session with each |
//! | `value` | values, instances and paths in the forms of the command line |
//! | `render` | the forms of the output |
//! | `failure`, `exit`, `interrupt` | errors, exit codes and Ctrl-C |
//! | `progress` | the progress line |

mod app;
mod args;
mod command;
mod connect;
mod exit;
mod failure;
mod interrupt;
mod progress;
mod render;
mod value;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};

use app::App;
use args::{Cli, Format};
use failure::Failure;

fn main() -> ExitCode {
    let matches = args::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.format(&mut Cli::command()).exit(),
    };
    let has_url = args::source_of(&matches, "url") == Some(ValueSource::CommandLine);
    let output = cli.settings.output.output;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(interrupt::run(|interrupt| {
            let app = App {
                settings: cli.settings,
                interrupt,
                has_url,
            };
            command::run(app, cli.command)
        })),
        Err(error) => Err(Failure::Output(error)),
    };
    let exit = done.unwrap_or_else(|failure| {
        failure.report(matches!(output, Some(Format::Json | Format::Ndjson)))
    });
    exit.into()
}
