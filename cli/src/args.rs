//! The command-line arguments.

use clap::{Parser, Subcommand};

use crate::demo::DemoArgs;
use crate::explain::ExplainArgs;

/// Manage CIM/WMI instances over WS-Management
#[derive(Debug, Parser)]
#[command(name = "wsman", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Each command has a module of its name, with its options and its `run`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create, update and cancel, step by step, each step checked
    Demo(Box<DemoArgs>),
    /// Print the content of saved SOAP messages, one line of JSON each
    Explain(ExplainArgs),
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 other failure, 2 usage, 3 not found, 4 already \
    exists, 5 denied or login failed, 6 cannot reach, 7 timed out, 8 invalid class, namespace, \
    parameter or value, 9 the outcome of a write is unknown.";
