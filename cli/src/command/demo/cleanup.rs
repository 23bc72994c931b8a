//! The last step: restores the state of the server.

use std::io;

use wsman::{Error, InstancePath};

use super::stage::Script;
use super::subject::Which;
use crate::failure::Failure;

/// Deletes the instances of the earlier steps, and checks that they are gone.
pub(super) async fn clean_up(stage: &mut Script) -> Result<(), Failure> {
    stage
        .narrator
        .step("clean up: delete the created instances")?;
    if let Some(simulator) = &stage.simulator {
        simulator.clear_knobs();
    }
    let own = [Which::First, Which::Second].map(|which| stage.subject.path(which));
    let strays = std::mem::take(&mut stage.strays);
    let mut left = None;
    for path in own.into_iter().chain(strays) {
        delete(stage, &path).await?;
        match stage.read(&path).await {
            Ok(None) => {}
            Ok(Some(_)) => left = Some((path, None)),
            Err(error) => left = Some((path, Some(error))),
        }
    }
    match left {
        None => stage.succeed("the server is in its original state")?,
        Some((path, None)) => stage.fail(&format!("{path} is still there: delete it by hand"))?,
        Some((path, Some(error))) => {
            stage.narrator.error(&error)?;
            stage.fail_by(
                &error,
                &format!("{path} may still be there: delete it by hand"),
            )?;
        }
    }
    Ok(())
}

async fn delete(stage: &mut Script, path: &InstancePath) -> io::Result<()> {
    stage.narrator.fact("delete", path)?;
    let deleted = stage.session.delete_instance(path).await;
    stage.tell_sent()?;
    match deleted {
        Ok(()) => stage.narrator.fact("outcome", "Deleted"),
        Err(Error::NotFound(_)) => stage.narrator.fact("outcome", "it did not exist"),
        Err(error) => stage.narrator.error(&error),
    }
}
