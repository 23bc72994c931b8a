//! `wsman explain`: what saved SOAP messages say, one line of JSON for each.

mod files;
mod line;

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use wsman::Message;

use crate::exit::Exit;
use crate::failure::Failure;
use files::Files;
use line::Line;

/// Which messages.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A saved request or answer, or a folder, which means every *.xml below it
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,
}

/// What one message may be at most: anything larger was not saved from this protocol.
const LARGEST: u64 = 64 << 20;

/// Prints a line for each message; a failure if one of them could not be read.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut exit = Exit::Done;
    for (path, found) in Files::named(&args.paths) {
        let line = match found.and_then(|()| read(&path)).and_then(explain) {
            Ok(message) => Line::of(&path, message),
            Err(problem) => Line::problem(&path, problem),
        };
        if line.is_problem() {
            exit = Exit::Failed;
        }
        serde_json::to_writer(&mut out, &line).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
    }
    Ok(exit)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    match bytes.len() as u64 > LARGEST {
        true => Err(format!("larger than {} MiB", LARGEST >> 20)),
        false => Ok(bytes),
    }
}

fn explain(bytes: Vec<u8>) -> Result<Message, String> {
    Message::read(&bytes).map_err(|error| error.to_string())
}
