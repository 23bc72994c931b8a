//! The operations of a run, and the conditions that must hold afterwards.

use std::time::Duration;

use wsman::put::PutInstance;
use wsman::simulator::{Knob, SeenRequest, Simulator};
use wsman::{Delivery, Error, Instance, InstancePath, PutMode, Request, Session};

use crate::plan::Plan;

/// An operation on a lamp of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A lamp that does not exist: the second message creates it.
    CreateOrUpdate,
    Create,
    /// Created, unless the caller cancels after this time.
    CreateCancelled(Duration),
    Update,
    Delete,
    Get,
}

use Action::{Create, CreateCancelled, CreateOrUpdate, Delete, Get, Update};

/// The brightness before an update and after a write.
const DIM: u32 = 1;
const BRIGHT: u32 = 9;

fn lamp(name: &str, level: u32) -> Instance {
    Instance::new("Acme_Lamp")
        .with_key("Name", name)
        .with("Level", level)
}

fn path(name: &str) -> InstancePath {
    InstancePath::new("Acme_Lamp").with_key("Name", name)
}

impl Action {
    /// Creates the lamp if the operation needs one.
    pub(crate) fn prepare(self, simulator: &Simulator, name: &str) {
        if matches!(self, Update | Delete | Get) {
            simulator.insert(lamp(name, DIM)).unwrap();
        }
    }

    /// The put of a lamp in the mode of this operation.
    pub(crate) fn put(self, session: &Session, name: &str) -> Request<PutInstance> {
        let put = session.put_instance(&lamp(name, BRIGHT));
        match self {
            Create | CreateCancelled(_) => put.mode(PutMode::CreateOnly),
            Update => put.mode(PutMode::UpdateOnly),
            CreateOrUpdate | Delete | Get => put,
        }
    }

    pub(crate) async fn perform(self, session: &Session, name: &str) -> Result<(), Error> {
        match self {
            CreateOrUpdate | Create | Update => self.put(session, name).await.map(drop),
            CreateCancelled(after) => {
                let mut operation = self.put(session, name).start();
                match operation.wait(after).await {
                    Some(done) => done.map(drop),
                    None => operation.cancel().await.map(drop),
                }
            }
            Delete => session.delete_instance(path(name)).await,
            Get => {
                let lamp = session.get_instance(path(name)).await?;
                assert_eq!(lamp.get::<u32>("Level"), Ok(DIM), "another answer");
                Ok(())
            }
        }
    }

    fn is_done(self, simulator: &Simulator, name: &str) -> bool {
        let level = simulator.instance(&path(name));
        let level = level.map(|lamp| lamp.get::<u32>("Level").unwrap());
        match self {
            Delete => level.is_none(),
            Get => true,
            CreateOrUpdate | Create | CreateCancelled(_) | Update => level == Some(BRIGHT),
        }
    }

    /// The allowed number of requests to the server, by the last word of the action.
    fn most_times(self, action: &str) -> usize {
        match (self, action) {
            (CreateOrUpdate | Create | CreateCancelled(_), "Create") => 1,
            (CreateOrUpdate | Update, "Put") => 1,
            (Delete, "Delete") => 1,
            // The Get is a read, but the session does not repeat it by itself.
            (Get, "Get") => 1,
            _ => 0,
        }
    }

    /// Compares the reported outcome with what the server did.
    pub(crate) fn judge(
        self,
        name: &str,
        told: &Result<(), Error>,
        (simulator, requests): (&Simulator, &[SeenRequest]),
        plan: &Plan,
    ) -> Result<(), String> {
        let asked = performed(requests, name);
        if let Some((action, times)) = asked
            .iter()
            .find(|(action, times)| *times > self.most_times(action))
        {
            return Err(format!("{action} was performed {times} times"));
        }
        let is_done = self.is_done(simulator, name);
        let Err(error) = told else {
            return verdict(is_done, "it succeeded, and is not done");
        };
        verdict(self.may_fail_with(error, plan), "this error does not fit")?;
        match error.delivery() {
            Delivery::NotSent => verdict(asked.is_empty(), "it was not sent, and performed"),
            Delivery::Answered if self != Get => {
                verdict(!is_done, "the answer was an error, and it is done")
            }
            Delivery::Answered | Delivery::Unknown => Ok(()),
        }
    }

    fn may_fail_with(self, error: &Error, plan: &Plan) -> bool {
        match error {
            Error::Transport(_) => true,
            // A login of several messages needs one connection for all of them.
            Error::Auth(_) if error.to_string().contains("between the steps of the login") => plan
                .has(|knob| {
                    !matches!(
                        knob,
                        Knob::Pass | Knob::Delay(_) | Knob::Fault(_) | Knob::Answer(_)
                    )
                }),
            // Errors that look like a rejected login.
            Error::Auth(_) => plan.has(|knob| {
                matches!(
                    knob,
                    Knob::Unauthorized | Knob::RepeatAnswer | Knob::OldAnswer
                )
            }),
            Error::Timeout(_) => plan.has_long_delay(),
            Error::Fault(_) => plan.has(|knob| matches!(knob, Knob::Fault(_))),
            Error::ShuttingDown(_) => plan.has(|knob| matches!(knob, Knob::Answer(_))),
            Error::Cancelled(_) => matches!(self, CreateCancelled(_)),
            _ => false,
        }
    }
}

fn verdict(holds: bool, otherwise: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| otherwise.to_owned())
}

/// The last words of the actions that were performed on a lamp, with their number.
fn performed(requests: &[SeenRequest], name: &str) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let named = format!(">{name}<");
    for request in requests.iter().filter(|request| request.performed) {
        if !String::from_utf8_lossy(&request.body).contains(&named) {
            continue;
        }
        let action = request.action.as_deref().unwrap_or_default();
        let action = action.rsplit('/').next().unwrap_or_default();
        match counts.iter_mut().find(|(known, _)| known == action) {
            Some((_, count)) => *count += 1,
            None => counts.push((action.to_owned(), 1)),
        }
    }
    counts
}
