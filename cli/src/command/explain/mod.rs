//! `wsman explain`: the content of saved SOAP messages, one line of JSON each.
//!
//! | part | file |
//! |---|---|
//! | input files | `files` |
//! | the line, its header, body and fault | `line`, `header`, `body`, `fault` |
//! | elements without a form of their own, and the parts that a form leaves out | `element`, `said` |
//! | printing | `table` |
//! | the check for omissions | `strict` |

mod body;
mod element;
mod fault;
mod files;
mod header;
mod line;
mod said;
mod strict;
mod table;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use wsman::protocol::Message;
use wsman::xml::XmlElement;

use crate::app::is_stdin;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::json as print;
use files::Files;
use line::Line;

/// The input files, and the output format.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A saved request or answer, a folder with *.xml files at any depth, or - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    paths: Vec<PathBuf>,
    /// Fail if the output leaves out a text or an attribute of a message
    #[arg(long)]
    strict: bool,
    /// Print a table for people instead of one line of JSON for each message
    #[arg(long)]
    table: bool,
}

impl ExplainArgs {
    /// Returns whether a message comes from standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| is_stdin(path))
    }
}

/// The limit of a message's size: no message of this protocol is larger.
const LARGEST: u64 = 64 << 20;

/// The number of missing texts that a problem names.
const NAMED: usize = 3;

/// Prints a line for each message; fails if one of them could not be read.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    if args.paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Failure::Usage(
            "standard input can be read once only".into(),
        ));
    }
    let mut out = io::stdout().lock();
    let mut exit = Exit::Done;
    for (path, found) in Files::named(&args.paths) {
        let bytes = found.and_then(|()| read(&path));
        let root = bytes.as_deref().ok().map(XmlElement::read);
        let root = root.and_then(Result::ok);
        let mut line = match (bytes.and_then(|bytes| explain(&bytes)), &root) {
            (Ok(message), Some(root)) => Line::of(&path, message, root),
            (Ok(_), None) => Line::problem(&path, "it cannot be read twice", None),
            (Err(problem), root) => Line::problem(&path, &problem, root.as_ref()),
        };
        if args.strict
            && let Some(root) = &root
        {
            check(&mut line, root)?;
        }
        if line.is_problem() {
            exit = Exit::Failed;
        }
        let text = print::line(&line)?;
        let text = if args.table { table::of(&text)? } else { text };
        writeln!(out, "{text}")?;
    }
    Ok(exit)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let all = if is_stdin(path) {
        read_all(io::stdin().lock())
    } else {
        File::open(path).and_then(read_all)
    };
    let bytes = all.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("larger than {} MiB", LARGEST >> 20));
    }
    Ok(bytes)
}

/// Reads all bytes, up to one more than the limit.
fn read_all(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn explain(bytes: &[u8]) -> Result<Message, String> {
    Message::read(bytes).map_err(|error| error.to_string())
}

/// Reports the texts that the line leaves out as a problem.
fn check(line: &mut Line<'_>, root: &XmlElement) -> Result<(), Failure> {
    let problem = match strict::missing(root.raw(), &print::line(line)?) {
        Ok(missing) if missing.is_empty() => return Ok(()),
        Ok(missing) => {
            let named = missing.get(..NAMED.min(missing.len())).unwrap_or_default();
            format!(
                "{} texts are missing from the output: {}",
                missing.len(),
                named.join(", ")
            )
        }
        Err(error) => format!("the output cannot be checked: {error}"),
    };
    if !line.is_problem() {
        line.set_problem(&problem);
    }
    Ok(())
}
