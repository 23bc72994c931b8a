//! Named sets of options, in `$XDG_CONFIG_HOME/wsman/config.toml`.
//!
//! A profile is a table `[profile.NAME]` whose keys are the long names of options. It stands between the
//! command line, which overrides it, and the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};
use toml::{Table, Value};

use crate::args::source_of;
use crate::exit::Exit;
use crate::failure::Failure;

/// The options that a profile cannot have.
const EXCLUDED: [&str; 4] = ["profile", "hosts", "password_stdin", "verbose"];

/// The file of profiles.
pub(crate) struct Profiles {
    path: PathBuf,
    all: Table,
}

impl Profiles {
    /// Reads the file; a missing one has no profiles.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = path().ok_or_else(|| {
            Failure::Usage("profiles need XDG_CONFIG_HOME or HOME to be set".into())
        })?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(invalid(&path, &error)),
        };
        let all = text
            .parse()
            .map_err(|error: toml::de::Error| invalid(&path, &error))?;
        Ok(Self { path, all })
    }

    /// Returns the profiles by name.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&String, &Table)> {
        let profiles = self.all.get("profile").and_then(Value::as_table);
        let named = profiles.into_iter().flatten();
        named.filter_map(|(name, value)| Some((name, value.as_table()?)))
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Table, Failure> {
        let found = self.named().find(|(known, _)| *known == name);
        found.map(|(_, table)| table).ok_or_else(|| {
            let text = format!("there is no profile {name} in {}", self.path.display());
            Failure::found(Exit::Usage, "usage", text)
        })
    }

    /// Adds a profile, or replaces it.
    pub(crate) fn add(&mut self, name: &str, options: Table) -> Result<(), Failure> {
        let profiles = self
            .all
            .entry("profile")
            .or_insert_with(|| Table::new().into());
        let Some(profiles) = profiles.as_table_mut() else {
            return Err(Failure::Usage(format!(
                "{}: profile is not a table",
                self.path.display()
            )));
        };
        profiles.insert(name.to_owned(), options.into());
        self.write()
    }

    /// Removes a profile; returns whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> Result<bool, Failure> {
        let profiles = self.all.get_mut("profile").and_then(Value::as_table_mut);
        let removed = profiles
            .and_then(|profiles| profiles.remove(name))
            .is_some();
        if removed {
            self.write()?;
        }
        Ok(removed)
    }

    fn write(&self) -> Result<(), Failure> {
        let text = self.all.to_string();
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let new = self.path.with_extension("toml.new");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&new, text))
            .and_then(|()| fs::rename(&new, &self.path))
            .map_err(|error| {
                let text = format!("{} cannot be written: {error}", self.path.display());
                Failure::found(Exit::Failed, "profile", text)
            })
    }
}

fn path() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")))?;
    Some(base.join("wsman").join("config.toml"))
}

fn invalid(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::usage(path.display(), error)
}

/// Returns the options on the command line as a profile keeps them.
pub(crate) fn options_of(command: &Command, matches: &ArgMatches) -> Result<Table, Failure> {
    let mut options = Table::new();
    for argument in command
        .get_arguments()
        .filter(|argument| argument.is_global_set())
    {
        let id = argument.get_id().as_str();
        if source_of(matches, id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let name = argument.get_long().unwrap_or(id).to_owned();
        if EXCLUDED.contains(&id) {
            return Err(Failure::Usage(format!("a profile cannot keep --{name}")));
        }
        let raw = raw_values(matches, id);
        if ["url", "proxy"].contains(&id) && raw.iter().any(|value| value.contains('@')) {
            // What stands before the sign can be a password, also where the URL is malformed.
            return Err(Failure::Usage(
                "a profile never keeps a password: leave it out of the URL".into(),
            ));
        }
        let value = match (argument.get_action(), raw.as_slice()) {
            (ArgAction::SetTrue, _) => Value::Boolean(true),
            (ArgAction::Append, many) => {
                Value::Array(many.iter().cloned().map(Value::from).collect())
            }
            (_, [one]) => Value::from(one.clone()),
            (_, many) => Value::Array(many.iter().cloned().map(Value::from).collect()),
        };
        options.insert(name, value);
    }
    Ok(options)
}

fn raw_values(matches: &ArgMatches, id: &str) -> Vec<String> {
    let deepest = deepest_with(matches, id);
    let raw = deepest.get_raw(id).into_iter().flatten();
    raw.map(|value| value.to_string_lossy().into_owned())
        .collect()
}

/// Returns the innermost command that was given an option.
fn deepest_with<'a>(matches: &'a ArgMatches, id: &str) -> &'a ArgMatches {
    match matches.subcommand() {
        Some((_, inner)) if inner.value_source(id) == Some(ValueSource::CommandLine) => {
            deepest_with(inner, id)
        }
        _ => matches,
    }
}

/// Returns the arguments with the options of a profile that the caller did not give.
pub(crate) fn expand(
    arguments: &[OsString],
    command: &Command,
    matches: &ArgMatches,
    profile: &Table,
    name: &str,
) -> Result<Vec<OsString>, Failure> {
    let mut expanded: Vec<OsString> = arguments.first().cloned().into_iter().collect();
    for (key, value) in profile {
        let argument = command
            .get_arguments()
            .find(|argument| argument.is_global_set() && argument.get_long() == Some(key.as_str()));
        let argument = argument.filter(|argument| !EXCLUDED.contains(&argument.get_id().as_str()));
        let Some(argument) = argument else {
            return Err(Failure::Usage(format!(
                "profile {name}: there is no option {key}"
            )));
        };
        if source_of(matches, argument.get_id().as_str()) == Some(ValueSource::CommandLine) {
            continue;
        }
        let values = match value {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        for value in values {
            match value {
                Value::Boolean(true) => expanded.push(format!("--{key}").into()),
                Value::Boolean(false) => {}
                Value::String(text) => expanded.push(format!("--{key}={text}").into()),
                Value::Integer(number) => expanded.push(format!("--{key}={number}").into()),
                _ => {
                    return Err(Failure::Usage(format!(
                        "profile {name}: invalid {key}: expected a text, a whole number, true, false or a \
                         list of these"
                    )));
                }
            }
        }
    }
    expanded.extend(arguments.iter().skip(1).cloned());
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    fn matches(words: &[&str]) -> (Command, ArgMatches, Vec<OsString>) {
        let mut command = args::command();
        let words: Vec<OsString> = words.iter().map(|word| (*word).into()).collect();
        let matches = command.try_get_matches_from_mut(&words).unwrap();
        (command, matches, words)
    }

    #[test]
    fn keeps_options_and_puts_them_back() {
        let add = [
            "wsman",
            "--user",
            "ops",
            "profile",
            "add",
            "x",
            "--url",
            "a",
            "--url",
            "b",
            "--insecure",
        ];
        let (command, given, _) = matches(&add);
        let options = options_of(&command, &given).unwrap();
        assert_eq!(
            options.to_string(),
            "url = [\"a\", \"b\"]\nuser = \"ops\"\ninsecure = true\n"
        );
        let (command, given, words) = matches(&["wsman", "count", "A", "--user", "me"]);
        let expanded = expand(&words, &command, &given, &options, "x").unwrap();
        assert_eq!(
            expanded,
            [
                "wsman",
                "--url=a",
                "--url=b",
                "--insecure",
                "count",
                "A",
                "--user",
                "me"
            ]
        );
    }

    #[test]
    fn never_keeps_a_password() {
        for words in [
            ["wsman", "profile", "add", "x", "--password-stdin"].as_slice(),
            &[
                "wsman",
                "profile",
                "add",
                "x",
                "--url",
                "https://u:p@host/wsman",
            ],
            &[
                "wsman",
                "profile",
                "add",
                "x",
                "--proxy",
                "http://u:p@proxy:3128",
            ],
        ] {
            let (command, given, _) = matches(words);
            assert!(options_of(&command, &given).is_err(), "{words:?}");
        }
    }

    #[test]
    fn rejects_an_unknown_option() {
        let (command, given, words) = matches(&["wsman", "count", "A"]);
        let profile: Table = "colour = \"red\"".parse().unwrap();
        let failure = expand(&words, &command, &given, &profile, "x").unwrap_err();
        assert!(failure.text().contains("colour"));
    }
}
