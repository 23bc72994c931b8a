//! `wsman demo`: create, update and cancel, step by step, with a check of each step.
//!
//! | file | content |
//! |---|---|
//! | `subject` | the class and the two instances of the demo |
//! | `watch` | a transport that records the messages it sends |
//! | `stage` | session, watch and narrator: the shared state of the steps |
//! | `puts`, `cancel`, `cleanup` | the steps |
//! | `narrator` | the output |

mod cancel;
mod cleanup;
mod narrator;
mod puts;
mod stage;
mod subject;
mod watch;

use clap::Args;
use wsman::simulator::Dialect;

use crate::args::Settings;
use crate::connect::{Connection, Endpoint};
use crate::exit::Exit;
use crate::failure::Failure;
use stage::Script;
use subject::{Subject, SubjectArgs};

/// The server and the class of the demo.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    subject: SubjectArgs,
}

const AFTER_HELP: &str = "Without --url it plays on a simulator in this process. It creates two \
    instances, changes and deletes them, and ends with exit code 0 only if every step did what it \
    says.";

/// Runs all steps, and always deletes the instances that they created.
pub(crate) async fn run(settings: &Settings, args: DemoArgs) -> Result<Exit, Failure> {
    let endpoint = match settings.server.url.as_slice() {
        [] => Endpoint::Simulator(Dialect::Windows),
        [url] => Endpoint::parse(url)?,
        _ => return Err(Failure::Usage("the demo plays on one host".into())),
    };
    let subject = Subject::of(&args.subject, &endpoint)?;
    let connection = Connection::prepare(settings, endpoint).await?;
    let mut stage = Script::set(connection, subject, &settings.output)?;
    stage.introduce(&settings.operation.namespace).await?;
    stage.check_that_nothing_is_there().await?;

    let played = play(&mut stage).await;
    let cleaned = cleanup::clean_up(&mut stage).await;
    played.and(cleaned)?;
    Ok(stage.conclude()?)
}

/// Runs the steps until the server no longer answers.
async fn play(stage: &mut Script) -> Result<(), Failure> {
    for step in &puts::STEPS {
        step.play(stage).await?;
        if stage.is_over() {
            return Ok(());
        }
    }
    cancel::play(stage).await
}
