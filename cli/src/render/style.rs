//! Colors: on a terminal only, unless the caller asks for them.

use std::env;
use std::io::IsTerminal;

use crate::args::{Color, OutputArgs};

/// Whether and how to mark text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    is_on: bool,
}

impl Style {
    /// Decides for a stream: `--color` first, then `NO_COLOR`, then whether it is a terminal.
    pub(crate) fn of(args: &OutputArgs, stream: &impl IsTerminal) -> Self {
        let refused = || env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_on = match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && !refused(),
        };
        Self { is_on }
    }

    pub(crate) fn is_on(self) -> bool {
        self.is_on
    }

    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { is_on: false }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.marked("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.marked("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.marked("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.marked("32", text)
    }

    fn marked(self, code: &str, text: &str) -> String {
        if self.is_on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
