//! The step that starts a write and cancels it.

use std::io;
use std::time::Duration;

use wsman::simulator::Knob;
use wsman::{Delivery, Error, Instance, Operation, Put, PutMode};

use super::stage::Script;
use super::subject::Which;
use crate::failure::Failure;

const VALUE: u32 = 5;

/// How long the simulator delays its answer: longer than the demo waits.
const HELD_BACK: Duration = Duration::from_secs(60);

/// How often to check whether the message was sent.
const LOOKS: u32 = 100;

/// Starts a semisynchronous update, cancels it once it is sent, and reads back whether the server
/// did it anyway.
///
/// A real server cannot be delayed: it may answer before the cancellation, which is reported and is
/// no failure.
pub(super) async fn play(stage: &mut Script) -> Result<(), Failure> {
    let path = stage.subject.path(Which::First);
    stage
        .narrator
        .step("a semisynchronous update-only, cancelled in flight")?;
    stage.narrator.fact(
        "start put",
        format!("{path}, {}", stage.subject.assignment(VALUE)),
    )?;

    let before = stage.read(&path).await.ok().flatten();
    let mut changed = match &before {
        Some(before) => before.clone(),
        None => stage.subject.part(Which::First, VALUE),
    };
    changed.set(&stage.subject.property, VALUE);
    if let Some(simulator) = &stage.simulator {
        simulator.next(Knob::Delay(HELD_BACK));
    }
    let operation = stage
        .session
        .put_instance(&changed)
        .mode(PutMode::UpdateOnly)
        .start();
    let result = cancel_on_its_way(stage, operation).await;
    stage.tell_sent()?;
    Ok(check(stage, before, result).await?)
}

/// Waits until the message was sent, then cancels. Gives the simulator time to read it.
async fn cancel_on_its_way(stage: &Script, mut operation: Operation<Put>) -> Result<Put, Error> {
    let between_looks = Duration::from_millis(if stage.simulator.is_some() { 100 } else { 1 });
    for _ in 0..LOOKS {
        if let Some(result) = operation.wait(between_looks).await {
            return result;
        }
        if stage.watch.is_in_flight() {
            break;
        }
    }
    operation.cancel().await
}

async fn check(
    stage: &mut Script,
    before: Option<Instance>,
    result: Result<Put, Error>,
) -> io::Result<()> {
    match &result {
        Ok(put) => stage
            .narrator
            .fact("outcome", format!("{:?}", put.outcome))?,
        Err(error) => stage.narrator.error(error)?,
    }
    let now = match stage.read(&stage.subject.path(Which::First)).await {
        Ok(now) => now,
        Err(error) => {
            stage.narrator.error(&error)?;
            return stage.fail_by(&error, "the instance cannot be read back");
        }
    };
    stage
        .narrator
        .fact("read back", stage.subject.describe(now.as_ref()))?;
    let value = |instance: Option<Instance>| instance.and_then(|i| stage.subject.value_of(&i));
    let now = value(now);
    let is_done = now == Some(VALUE);
    let is_as_before = now == value(before);
    judge(stage, result, is_done, is_as_before)
}

fn judge(
    stage: &mut Script,
    result: Result<Put, Error>,
    is_done: bool,
    is_as_before: bool,
) -> io::Result<()> {
    let must_be_in_flight = stage.simulator.is_some();
    match result {
        Err(error @ Error::Cancelled(_)) => match error.delivery() {
            Delivery::Unknown if is_done => {
                stage.succeed("cancelled; the server updated the instance anyway")
            }
            Delivery::Unknown if is_as_before => {
                stage.succeed("cancelled; the server has not updated the instance so far")
            }
            Delivery::NotSent if is_as_before && !must_be_in_flight => {
                stage.succeed("cancelled before it was sent; the instance is unchanged")
            }
            _ => stage.fail("the error and the instance on the server disagree"),
        },
        Err(error) => stage.fail_by(&error, "expected a cancelled operation"),
        Ok(_) if is_done && !must_be_in_flight => {
            stage.succeed("the server answered before the cancellation")
        }
        Ok(_) => stage.fail("expected a cancelled operation"),
    }
}
