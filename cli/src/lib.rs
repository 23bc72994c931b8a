//! The command line `wsman`, which uses only the public API of the library.
//!
//! It is a library so that the fuzz targets of `fuzz/` reach its parsers; it has no API.
//!
//! | part | content |
//! |---|---|
//! | `args` | the options, and the list of commands |
//! | `parsed`, `profile` | the command line as it was parsed, and named sets of options |
//! | `command` | what each command does |
//! | `app`, `connect` | the hosts, and the session with each |
//! | `value` | values, instances and paths in the forms of the command line |
//! | `render` | the forms of the output |
//! | `failure`, `wording`, `exit`, `interrupt` | errors and their words, exit codes and Ctrl-C |
//! | `progress`, `trace` | the progress line, and the trace of `-v` |

mod app;
mod args;
mod command;
mod connect;
mod exit;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod interrupt;
mod parsed;
mod profile;
mod progress;
mod render;
mod trace;
mod value;
mod wording;

use std::process::ExitCode;

use app::App;
use args::{Cli, Format};
use exit::Exit;
use failure::Failure;
use parsed::Parsed;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let is_json = parsed::asks_for_json(&arguments);
    let (parsed, cli) = match Parsed::new(arguments) {
        Ok(parsed) => parsed,
        Err(failure) => return failure.report(is_json).into(),
    };
    // A profile may name the form as well.
    let is_json = match cli.settings.output.output {
        None => is_json,
        Some(format) => matches!(format, Format::Json | Format::Ndjson),
    };
    trace::start(&cli.settings.output);
    let done = run(parsed, cli);
    let exit = done.unwrap_or_else(|failure| failure.report(is_json));
    exit.into()
}

/// Runs the command in a runtime of one thread, which starts fast and needs little memory.
fn run(parsed: Parsed, cli: Cli) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(interrupt::run(|interrupt| {
        let app = App {
            settings: cli.settings,
            interrupt,
            parsed,
        };
        command::run(app, cli.command)
    }))
}
