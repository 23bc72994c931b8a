//! Runs the call of a case, with a file for each kind of operation.

mod class;
mod events;
mod instance;
mod invoke;
mod rows;

use wsman::cim::{Class, Instance, InstancePath, Value};
use wsman::protocol::Identity;
use wsman::{Error, MethodResult, Put, Session};

use crate::case::Case;

pub(crate) use events::Events;
pub(crate) use rows::{Row, Rows};

/// The outcome of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    Read(Instance),
    Class(Class),
    Property(Value),
    Put(Put),
    Created(InstancePath),
    Deleted,
    Invoked(MethodResult),
    Identified(Identity),
    Rows(Rows),
    Events(Events),
    Failed(Error),
}

impl Outcome {
    /// The error.
    pub(crate) fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Failed(error) => Some(error),
            Outcome::Rows(rows) => rows.error.as_ref(),
            Outcome::Events(events) => events.end.as_ref(),
            _ => None,
        }
    }
}

/// Runs the call of `[call]`.
pub(crate) async fn call(case: &Case, session: &Session) -> Result<Outcome, String> {
    match case.text("operation").ok_or("[call] has no operation")? {
        "get-class" => Ok(class::call(case, session).await),
        "identify" => Ok(identify(case, session).await),
        "get" | "put" | "create" | "modify" | "delete" => instance::call(case, session).await,
        "enumerate" | "enumerate-paths" | "enumerate-classes" | "query" | "associators"
        | "references" => rows::call(case, session).await,
        "invoke" => invoke::call(case, session).await,
        "subscribe" => events::call(case, session).await,
        other => Err(format!("no operation {other}")),
    }
}

async fn identify(case: &Case, session: &Session) -> Outcome {
    let request = if case.flag("anonymous") {
        session.identify().anonymous()
    } else {
        session.identify()
    };
    match request.await {
        Ok(identity) => Outcome::Identified(identity),
        Err(error) => Outcome::Failed(error),
    }
}
