//! Ctrl-C: the first one ends the work in order, the second one at once.

use std::process;
use std::time::Duration;

use tokio::sync::watch;

use crate::exit::Exit;
use crate::failure::Failure;

/// How long the program waits for a command that tidies up.
const GRACE: Duration = Duration::from_secs(5);

/// Whether the user pressed Ctrl-C.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

/// Runs a command until it is done, or until the user interrupts it.
///
/// A command that holds something on the server watches the [`Interrupt`], and releases it.
pub(crate) async fn run<F>(command: impl FnOnce(Interrupt) -> F) -> Result<Exit, Failure>
where
    F: Future<Output = Result<Exit, Failure>>,
{
    let (sender, receiver) = watch::channel(false);
    let command = command(Interrupt(receiver));
    tokio::pin!(command);
    tokio::select! {
        done = &mut command => return done,
        pressed = tokio::signal::ctrl_c() => {
            if pressed.is_err() {
                return command.await;
            }
        }
    }
    let is_watched = sender.receiver_count() > 1;
    // Without a receiver the command has no need of the message.
    let _ = sender.send(true);
    if is_watched {
        tokio::spawn(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                process::exit(Exit::Interrupted as i32);
            }
        });
        // The command reports its own end; if it takes too long, it is dropped.
        let _ = tokio::time::timeout(GRACE, command).await;
    }
    Err(Failure::Interrupted)
}

impl Interrupt {
    /// Waits until the user presses Ctrl-C.
    pub(crate) async fn pressed(&self) {
        let mut receiver = self.0.clone();
        // The sender lives as long as the program.
        if receiver.wait_for(|pressed| *pressed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
