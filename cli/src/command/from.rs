//! `--from`: the file of many instances.

use std::path::PathBuf;

use clap::Args;

use crate::app::is_stdin;
use crate::render::Shape;

/// The file, if the instances do not stand on the command line.
#[derive(Debug, Args)]
pub(crate) struct FromArgs {
    /// Read the instances from JSON or NDJSON; delete also takes paths, one a line
    #[arg(long = "from", value_name = "FILE|-")]
    pub(super) file: Option<PathBuf>,
}

impl FromArgs {
    /// Returns whether the instances come from standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.file.as_deref().is_some_and(is_stdin)
    }

    /// Returns how many results there are.
    pub(super) fn shape(&self) -> Shape {
        if self.file.is_some() {
            Shape::Many
        } else {
            Shape::One
        }
    }
}
