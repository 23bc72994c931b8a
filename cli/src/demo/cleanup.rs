//! The last step: the server is left as it was found.

use std::io;

use wsman::{Error, InstancePath};

use super::stage::Stage;
use super::subject::Which;
use crate::failure::Failure;

/// Deletes what the steps before created, and makes sure that it is gone.
pub(super) async fn clean_up(stage: &mut Stage) -> Result<(), Failure> {
    stage.narrator.step("clean up: delete what was created")?;
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
        None => stage.succeed("the server is as it was found")?,
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

async fn delete(stage: &mut Stage, path: &InstancePath) -> io::Result<()> {
    stage.narrator.fact("delete", path)?;
    let deleted = stage.session.delete_instance(path).await;
    stage.tell_sent()?;
    match deleted {
        Ok(()) => stage.narrator.fact("outcome", "Deleted"),
        Err(Error::NotFound(_)) => stage.narrator.fact("outcome", "it was not there"),
        Err(error) => stage.narrator.error(&error),
    }
}
