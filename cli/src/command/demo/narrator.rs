//! The output of the demo: plain text, with colours on a terminal.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use wsman::Error;

use super::watch::Exchange;
use crate::failure::{one_line, printable};

/// Prints the progress on stdout.
#[derive(Debug)]
pub(super) struct Narrator {
    out: io::Stdout,
    colours: bool,
    steps: usize,
}

const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

impl Narrator {
    pub(super) fn new() -> Self {
        let out = io::stdout();
        let colours = out.is_terminal() && env::var_os("NO_COLOR").is_none();
        Self {
            out,
            colours,
            steps: 0,
        }
    }

    /// The number of steps so far.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Prints the title of a step.
    pub(super) fn step(&mut self, title: &str) -> io::Result<()> {
        self.steps += 1;
        writeln!(self.out, "\n{:>2}. {title}", self.steps)
    }

    /// Prints a fact on one line; a server's text in it is escaped.
    pub(super) fn fact(&mut self, name: &str, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "    {name:<9} {}", printable(&text.to_string()))
    }

    /// Prints the messages that were sent.
    pub(super) fn sent(&mut self, exchanges: &[Exchange]) -> io::Result<()> {
        if exchanges.is_empty() {
            return self.fact("sent", "nothing");
        }
        exchanges
            .iter()
            .try_for_each(|exchange| self.fact("sent", exchange))
    }

    /// Prints an error: the fields for programs first, then its text.
    pub(super) fn error(&mut self, error: &Error) -> io::Result<()> {
        let (name, wbem, delivery) = (error.name(), error.wbem(), error.delivery());
        self.fact("error", format!("{name}, {wbem}, delivery {delivery:?}"))?;
        self.fact("", one_line(error))
    }

    /// Prints the result of a step that met its expectation.
    pub(super) fn as_expected(&mut self, text: &str) -> io::Result<()> {
        self.verdict(GREEN, "ok", text)
    }

    /// Prints the result of a step that did not.
    pub(super) fn not_as_expected(&mut self, text: &str) -> io::Result<()> {
        self.verdict(RED, "FAILED", text)
    }

    /// Prints a line between the steps.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", printable(text))
    }

    /// Prints an empty line.
    pub(super) fn pause(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn verdict(&mut self, colour: &str, verdict: &str, text: &str) -> io::Result<()> {
        let (colour, plain) = if self.colours {
            (colour, PLAIN)
        } else {
            ("", "")
        };
        writeln!(
            self.out,
            "    {colour}{verdict:<9}{plain} {}",
            printable(text)
        )
    }
}
