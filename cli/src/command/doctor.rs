//! `wsman doctor`: checks name, port, TLS, login and rights, with next steps.

use clap::Args;
use serde_json::{Value as Json, json};
use wsman::diagnose::{Check, CheckOutcome, Diagnosis};

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::wording::in_options;

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {}

impl HostCommand for DoctorArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let diagnosis = host.session.diagnose().await;
        let exit = exit_of(&diagnosis);
        let name = out.names_hosts().then_some(host.name.as_str());
        let is_for_people = out.text(|_| {
            in_options(&match name {
                Some(name) => format!("{name}\n{diagnosis}"),
                None => diagnosis.to_string(),
            })
        })?;
        if !is_for_people {
            for check in &diagnosis.checks {
                out.result(to_json(check))?;
            }
        }
        Ok(exit)
    }
}

/// Returns the code of the first failed check.
fn exit_of(diagnosis: &Diagnosis) -> Exit {
    match diagnosis.failed() {
        None => Exit::Done,
        Some(check) => check.error.as_ref().map_or(Exit::Failed, Exit::of_read),
    }
}

fn to_json(check: &Check) -> Json {
    let (outcome, text) = match &check.outcome {
        CheckOutcome::Passed(text) => ("ok", text),
        CheckOutcome::Noted(text) => ("warning", text),
        CheckOutcome::Failed { what, .. } => ("failed", what),
        CheckOutcome::Skipped(text) => ("skipped", text),
        _ => ("warning", &String::new()),
    };
    json!({
        "check": check.kind.to_string(),
        "outcome": outcome,
        "ms": check.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        "text": in_options(text),
        "next": check.next_steps().iter().map(|step| in_options(step)).collect::<Vec<_>>(),
    })
}
