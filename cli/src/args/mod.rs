//! The command-line arguments.

mod pair;
mod settings;
mod units;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, Parser, Subcommand};

pub(crate) use settings::{Color, Format, OutputArgs, Scheme, Settings};
pub(crate) use settings::{LoginArgs, TransportArgs};
pub(crate) use units::Time;
#[cfg(fuzzing)]
pub(crate) use {pair::Pair, units::Size};

use crate::command::{
    associators, class, classes, completions, count, create, delete, demo, doctor, enumerate,
    explain, generate, get, identify, invoke, modify, profile, put, query, serve, subscribe, wait,
    whoami,
};

/// Manage CIM/WMI instances over WS-Management
#[derive(Debug, Parser)]
#[command(name = "wsman", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Each command has a module of its name, with its options and what it does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print who answers, without and with login
    Identify(identify::IdentifyArgs),
    /// Check name, port, TLS, login and rights one by one, and print next steps
    Doctor(doctor::DoctorArgs),
    /// Print the scheme and the account of the login
    Whoami(whoami::WhoamiArgs),
    /// Read one instance
    Get(get::GetArgs),
    /// Update an instance, or create it if it does not exist
    Put(put::PutArgs),
    /// Create an instance
    Create(create::CreateArgs),
    /// Change properties of an instance
    Modify(modify::ModifyArgs),
    /// Delete an instance
    Delete(delete::DeleteArgs),
    /// Wait until a property has a value
    Wait(wait::WaitArgs),
    /// Count the instances of a class
    Count(count::CountArgs),
    /// Read the instances of a class
    #[command(name = "enum", alias = "enumerate")]
    Enumerate(enumerate::EnumerateArgs),
    /// Read the instances that a query selects
    Query(query::QueryArgs),
    /// Read the instances that are associated with an instance
    Associators(associators::AssociatorsArgs),
    /// Read the associations of an instance
    References(associators::ReferencesArgs),
    /// Call a method
    Invoke(invoke::InvokeArgs),
    /// Print the declaration of a class
    Class(class::ClassArgs),
    /// List the classes of a namespace
    Classes(classes::ClassesArgs),
    /// Print events as they come, until Ctrl-C
    Subscribe(subscribe::SubscribeArgs),
    /// Run a simulated server
    Serve(serve::ServeArgs),
    /// Generate Rust types from classes
    Generate(generate::GenerateArgs),
    /// Print the content of saved SOAP messages, one line of JSON each
    Explain(explain::ExplainArgs),
    /// Add, list and remove named sets of options
    Profile(profile::ProfileArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man,
    /// Create, update and cancel, step by step, each step checked
    Demo(demo::DemoArgs),
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 other failure, 2 usage, 3 not found, 4 already \
    exists, 5 denied or login failed, 6 cannot reach, 7 timed out, 8 invalid class, namespace, \
    parameter or value, 9 the outcome of a write is unknown, 10 some hosts or some rows failed, \
    130 interrupted.";

/// The commands that print no records: they have no form of the output unless the caller names one.
pub(crate) const WITHOUT_RECORDS: [&str; 6] =
    ["serve", "generate", "explain", "completions", "man", "demo"];

/// The commands that talk to no host: they do not list the options for one.
const LOCAL: [&str; 4] = ["explain", "completions", "man", "generate"];

/// Returns the parser.
pub(crate) fn command() -> clap::Command {
    let command = Cli::command();
    let globals: Vec<clap::Arg> = command
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .map(|argument| argument.clone().hide(true))
        .collect();
    LOCAL.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |local| local.args(globals.clone()))
    })
}

/// Returns where the value of an option for hosts comes from, before or after the command.
pub(crate) fn source_of(matches: &clap::ArgMatches, option: &str) -> Option<ValueSource> {
    let of_command = matches
        .subcommand()
        .and_then(|(_, command)| command.value_source(option));
    of_command.or_else(|| matches.value_source(option))
}
