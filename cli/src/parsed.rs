//! The command line as it was parsed, with the options of a profile.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, FromArgMatches as _};

use crate::args::{self, Cli, Settings, WITHOUT_RECORDS};
use crate::failure::Failure;
use crate::profile::{self, Profiles};

/// The arguments, and where each value comes from.
#[derive(Clone)]
pub(crate) struct Parsed {
    command: Command,
    arguments: Vec<OsString>,
    matches: ArgMatches,
}

impl Parsed {
    /// Parses arguments, and adds the options of `--profile`. Arguments that are invalid end the
    /// program with a usage error.
    pub(crate) fn new(arguments: Vec<OsString>) -> Result<(Self, Cli), Failure> {
        let command = args::command();
        let matches = command.clone().try_get_matches_from(&arguments);
        let matches = matches.unwrap_or_else(|error| end(&error, &command, &arguments));
        let parsed = Self {
            command,
            arguments,
            matches,
        };
        let cli = parsed.cli(&parsed.matches)?;
        match &cli.settings.server.profile {
            Some(name) => Ok((parsed.clone(), parsed.with_profile(name)?)),
            None => Ok((parsed, cli)),
        }
    }

    /// Returns whether an option stands on the command line, and not in the environment.
    pub(crate) fn is_given(&self, option: &str) -> bool {
        args::source_of(&self.matches, option) == Some(ValueSource::CommandLine)
    }

    /// Returns the settings with the options of a profile.
    pub(crate) fn settings(&self, profile: &str) -> Result<Settings, Failure> {
        self.with_profile(profile).map(|cli| cli.settings)
    }

    /// Returns the options on the command line, for a profile to keep.
    pub(crate) fn options(&self) -> Result<toml::Table, Failure> {
        profile::options_of(&self.command, &self.matches)
    }

    fn with_profile(&self, name: &str) -> Result<Cli, Failure> {
        let profiles = Profiles::read()?;
        let table = profiles.get(name)?;
        let arguments =
            profile::expand(&self.arguments, &self.command, &self.matches, table, name)?;
        let matches = self.command.clone().try_get_matches_from(arguments);
        let matches = matches.map_err(|error| {
            Failure::Usage(format!("profile {name}: {}", said(&error.to_string())))
        })?;
        self.cli(&matches)
    }

    fn cli(&self, matches: &ArgMatches) -> Result<Cli, Failure> {
        Cli::from_arg_matches(matches).map_err(|error| Failure::usage("invalid arguments", &error))
    }
}

/// Returns whether JSON is the form of the output. The arguments are searched as they stand, because they
/// may be invalid. Without a form it is NDJSON, except on a terminal and for a command without records.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let mut formats = words.iter().enumerate().filter_map(|(index, word)| {
        if word == "-o" || word == "--output" {
            return words.get(index + 1).map(AsRef::as_ref);
        }
        let value = word.strip_prefix("--output=");
        value.or_else(|| {
            word.strip_prefix("-o")
                .map(|value| value.trim_start_matches('='))
        })
    });
    match formats.next_back() {
        Some(format) => matches!(format, "json" | "ndjson"),
        None => {
            let prints_none = |word: &Cow<'_, str>| WITHOUT_RECORDS.contains(&word.as_ref());
            !words.iter().any(prints_none) && !io::stdout().is_terminal()
        }
    }
}

/// Prints a usage error on one line, or the help that was asked for, and ends the program.
fn end(error: &clap::Error, command: &Command, arguments: &[OsString]) -> ! {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let named = arguments.iter().find_map(|word| {
        let word = word.to_str()?;
        command.find_subcommand(word).map(|_| format!(" {word}"))
    });
    let (text, named) = (said(&error.to_string()), named.unwrap_or_default());
    let failure = Failure::Usage(format!("{text}; see `wsman{named} --help`"));
    let exit = failure.report(asks_for_json(arguments));
    std::process::exit(exit as i32)
}

/// Returns what a usage error says, without the usage, on one line.
fn said(text: &str) -> String {
    let end = ["\n\nUsage:", "\n\nFor more information"]
        .into_iter()
        .filter_map(|part| text.find(part))
        .min();
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let parts = text.split("\n\n");
    let parts = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_error_is_one_line() {
        for (words, text) in [
            (
                ["wsman", "get"].as_slice(),
                "the following required arguments were not provided: <CLASS|PATH>",
            ),
            (
                &["wsman", "enum", "A", "--limt", "1"],
                "unexpected argument '--limt' found; tip: a similar argument exists: '--limit'",
            ),
            (
                &["wsman", "get", "A", "--color", "red"],
                "invalid value 'red' for '--color <WHEN>' [possible values: auto, always, never]",
            ),
        ] {
            let error = args::command().try_get_matches_from(words).unwrap_err();
            assert_eq!(said(&error.to_string()), text);
        }
    }
}
