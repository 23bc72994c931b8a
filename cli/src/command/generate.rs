//! `wsman generate`: Rust types from classes.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;

/// The classes, and the output.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// The classes
    #[arg(value_name = "CLASS")]
    classes: Vec<String>,
    /// Generate the derived classes as well
    #[arg(long)]
    derived: bool,
    /// Read the classes from MOF
    #[arg(long, value_name = "FILE|DIR")]
    mof: Option<PathBuf>,
    /// Read the classes from the JSON of `wsman class -o json`
    #[arg(long = "classes", value_name = "FILE")]
    classes_file: Option<PathBuf>,
    /// Write to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Fails: this command is not there yet.
pub(crate) fn run(_: &GenerateArgs) -> Result<Exit, Failure> {
    Err(Failure::Usage("generate is not supported yet".into()))
}
