//! The commands, one file each: its options, and what it does.
//!
//! | file | content |
//! |---|---|
//! | `rows` | streams instances to the output, for every command that reads many |
//! | `from` | the file of many instances |
//! | `subject` | the instance that a write sends |
//! | `writes` | the results of writes, and many writes from a file |
//! | `what_if` | what a write would change |
//! | `selected` | the instances of `--query`, before they are changed or deleted |
//! | the others | the command of their name |

pub(crate) mod associators;
pub(crate) mod class;
pub(crate) mod classes;
pub(crate) mod completions;
pub(crate) mod count;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod enumerate;
pub(crate) mod explain;
mod from;
pub(crate) mod generate;
pub(crate) mod get;
pub(crate) mod identify;
pub(crate) mod invoke;
mod man;
pub(crate) mod modify;
pub(crate) mod profile;
pub(crate) mod put;
pub(crate) mod query;
mod rows;
mod selected;
pub(crate) mod serve;
mod subject;
pub(crate) mod subscribe;
pub(crate) mod wait;
mod what_if;
pub(crate) mod whoami;
mod writes;

use crate::app::{App, is_stdin};
use crate::args::Command;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs a command.
pub(crate) async fn run(app: App, command: Command) -> Result<Exit, Failure> {
    check_stdin(&app, &command)?;
    match command {
        Command::Identify(args) => app.on_hosts(args).await,
        Command::Doctor(args) => app.on_hosts(args).await,
        Command::Whoami(args) => app.on_hosts(args).await,
        Command::Get(args) => app.on_hosts(args).await,
        Command::Put(args) => app.on_hosts(args).await,
        Command::Create(args) => app.on_hosts(args).await,
        Command::Modify(args) => app.on_hosts(args).await,
        Command::Delete(args) => app.on_hosts(args).await,
        Command::Wait(args) => app.on_hosts(args).await,
        Command::Count(args) => app.on_hosts(args).await,
        Command::Enumerate(args) => app.on_hosts(args).await,
        Command::Query(args) => app.on_hosts(args).await,
        Command::Associators(args) => app.on_hosts(args).await,
        Command::References(args) => app.on_hosts(args).await,
        Command::Invoke(args) => app.on_hosts(args).await,
        Command::Class(args) => app.on_hosts(args).await,
        Command::Classes(args) => app.on_hosts(args).await,
        Command::Subscribe(args) => app.on_hosts(args).await,
        Command::Serve(args) => serve::run(&app, &args).await,
        Command::Generate(args) => generate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Profile(args) => profile::run(&app, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
        Command::Demo(args) => demo::run(&app.settings, args).await,
    }
}

/// Rejects a command that reads two things from standard input.
fn check_stdin(app: &App, command: &Command) -> Result<(), Failure> {
    let reads = match command {
        Command::Put(args) => args.from.reads_stdin(),
        Command::Create(args) => args.from.reads_stdin(),
        Command::Modify(args) => args.from.reads_stdin(),
        Command::Delete(args) => args.from.reads_stdin(),
        Command::Explain(args) => args.reads_stdin(),
        _ => false,
    };
    let hosts = app.settings.server.hosts.as_deref().is_some_and(is_stdin);
    let readers = [reads, hosts, app.settings.login.password_stdin];
    if readers.into_iter().filter(|reads| *reads).count() > 1 {
        return Err(Failure::Usage(
            "standard input can be read once: by --hosts -, --from -, --password-stdin or explain -".into(),
        ));
    }
    Ok(())
}
