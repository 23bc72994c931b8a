//! `wsman whoami`: how the program is logged in.

use clap::Args;
use serde_json::{Value as Json, json};
use wsman::auth::LoginState;
use wsman::cim::DateTime;

use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::write;

/// No options of its own.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {}

impl HostCommand for WhoamiArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        // The cheapest message with a login, which is sealed if the login can seal.
        host.session.identify().await.map_err(Failure::Read)?;
        out.result(to_json(host.session.login()))?;
        Ok(Exit::Done)
    }
}

fn to_json(login: Option<LoginState>) -> Json {
    let end = login.as_ref().and_then(|login| login.tickets_end);
    let end = end.and_then(|end| DateTime::try_from(end).ok());
    json!({
        "scheme": login.as_ref().map_or("none", |login| login.scheme).to_ascii_lowercase(),
        "account": login.as_ref().and_then(|login| login.account.as_deref()),
        "sealed": login.is_some_and(|login| login.sealed),
        "tickets_end": end.as_ref().map(write::datetime),
    })
}
