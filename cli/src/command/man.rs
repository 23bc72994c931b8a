//! `wsman man`: the manual page.

use std::io::{self, Write as _};

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints the page of the program, and then that of each command.
pub(super) fn run() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let command = args::command().disable_help_subcommand(true);
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    let mut built = command;
    built.build();
    for command in built.get_subcommands() {
        let man = clap_mangen::Man::new(command.clone());
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
    }
    io::stdout().write_all(&page)?;
    Ok(Exit::Done)
}
