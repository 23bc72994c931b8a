//! The output of the demo: plain text, with colors on a terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

use wsman::Error;

use super::watch::Exchange;
use crate::args::OutputArgs;
use crate::failure::{one_line, printable};
use crate::render::Style;

/// Prints the progress on stdout.
#[derive(Debug)]
pub(super) struct Narrator {
    out: io::Stdout,
    style: Style,
    steps: usize,
}

impl Narrator {
    pub(super) fn new(args: &OutputArgs) -> Self {
        let out = io::stdout();
        let style = Style::of(args, &out);
        Self {
            out,
            style,
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
        let title = self.style.bold(title);
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
        let verdict = self.style.green("ok");
        self.verdict(&verdict, "ok", text)
    }

    /// Prints the result of a step that did not.
    pub(super) fn not_as_expected(&mut self, text: &str) -> io::Result<()> {
        let verdict = self.style.red("FAILED");
        self.verdict(&verdict, "FAILED", text)
    }

    /// Prints a line between the steps.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", printable(text))
    }

    /// Prints an empty line.
    pub(super) fn pause(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Prints a marked word where the names of facts stand; its width is that of the plain word.
    fn verdict(&mut self, marked: &str, plain: &str, text: &str) -> io::Result<()> {
        let gap = " ".repeat(9 - plain.len());
        writeln!(self.out, "    {marked}{gap} {}", printable(text))
    }
}
