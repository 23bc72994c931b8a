//! `wsman whoami`: how the program is logged in.

use clap::Args;
use serde_json::json;
use wsman::diagnose::{CheckKind, CheckOutcome, Diagnosis};

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {}

impl HostCommand for WhoamiArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let diagnosis = host.session.diagnose().await;
        if let Some(failure) = refused(&diagnosis) {
            return Err(failure);
        }
        let sealing = diagnosis.check(CheckKind::Sealing);
        let is_sealed =
            sealing.is_some_and(|check| matches!(check.outcome, CheckOutcome::Passed(_)));
        let scheme = diagnosis.logged_in_by.unwrap_or("none");
        let account = app.settings.login.user.as_deref();
        out.result(json!({
            "scheme": scheme.to_ascii_lowercase(),
            "account": account.filter(|_| diagnosis.logged_in_by.is_some()),
            "sealed": is_sealed,
            // The library does not tell it yet.
            "tickets_end": null,
        }))?;
        Ok(Exit::Done)
    }
}

/// Returns the failure of the first check that failed, but for the right to read.
fn refused(diagnosis: &Diagnosis) -> Option<Failure> {
    let check = diagnosis
        .failed()
        .filter(|check| check.kind != CheckKind::Read)?;
    let CheckOutcome::Failed { what, next_steps } = &check.outcome else {
        return None;
    };
    let next = next_steps.first().map(|step| format!("; {step}"));
    let text = format!("{}: {what}{}", check.kind, next.unwrap_or_default());
    let error = check.error.as_ref();
    let exit = error.map_or(Exit::Failed, Exit::of_read);
    Some(Failure::found(
        exit,
        error.map_or("fault", |error| error.kind()),
        text,
    ))
}
