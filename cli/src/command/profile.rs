//! `wsman profile`: named sets of options.

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json};
use toml::Table;

use crate::app::App;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::Profiles;
use crate::render::{Content, Printer, Shape};

/// What to do.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Keep the given options under a name; never passwords
    Add {
        /// The name
        #[arg(value_parser = parse_name)]
        name: String,
    },
    /// List the names and their options
    List,
    /// Remove a name
    Remove {
        /// The name
        name: String,
    },
}

/// Checks the name of a profile, which is a word in a file of hosts.
fn parse_name(text: &str) -> Result<String, &'static str> {
    let is_word = |c: char| !c.is_whitespace() && !c.is_control() && c != '#';
    if !text.is_empty() && text.chars().all(is_word) {
        Ok(text.to_owned())
    } else {
        Err("invalid name: expected a word without spaces and #")
    }
}

/// Runs the action.
pub(crate) fn run(app: &App, args: &ProfileArgs) -> Result<Exit, Failure> {
    let mut profiles = Profiles::read()?;
    match &args.action {
        Action::Add { name } => profiles.add(name, app.parsed.options()?)?,
        Action::List => {
            let output = &app.settings.output;
            let mut printer = Printer::new(output, Shape::Many, Content::Results)?;
            for (name, options) in profiles.named() {
                printer.result(None, to_json(name, options))?;
            }
            printer.finish()?;
        }
        Action::Remove { name } => {
            if !profiles.remove(name)? {
                let text = format!("there is no profile {name}");
                return Err(Failure::found(Exit::NotFound, "not-found", text));
            }
        }
    }
    Ok(Exit::Done)
}

fn to_json(name: &str, options: &Table) -> Map<String, Json> {
    let mut record = Map::from_iter([("profile".to_owned(), Json::from(name))]);
    for (option, value) in options {
        let value = serde_json::to_value(value).unwrap_or_default();
        record.insert(option.clone(), value);
    }
    record
}
