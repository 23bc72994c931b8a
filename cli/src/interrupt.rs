//! Ctrl-C: the first one ends the work in order, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use std::{io, process};

use futures_util::FutureExt as _;
use tokio::sync::watch;

use crate::exit::Exit;
use crate::failure::Failure;

/// How long a command may take to tidy up. The program then ends, even if it waits for the reader of
/// its output.
const GRACE: Duration = Duration::from_secs(5);

/// How long a command may take to notice Ctrl-C, if it watches for it.
const NOTICE: Duration = Duration::from_millis(50);

/// Whether the user pressed Ctrl-C.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    receiver: watch::Receiver<bool>,
    /// Whether a command noticed it, and tidies up.
    is_noticed: Arc<AtomicBool>,
}

/// Runs a command until it is done, or until the user interrupts it.
///
/// A command that holds something on the server watches the [`Interrupt`], and releases it. Any other
/// command is dropped.
pub(crate) async fn run<F>(command: impl FnOnce(Interrupt) -> F) -> Result<Exit, Failure>
where
    F: Future<Output = Result<Exit, Failure>>,
{
    let interrupt = Interrupt {
        receiver: watch()?,
        is_noticed: Arc::default(),
    };
    let command = command(interrupt.clone());
    tokio::pin!(command);
    tokio::select! {
        biased;
        done = &mut command => return done,
        () = interrupt.wait() => {}
    }
    let mut done = tokio::time::timeout(NOTICE, &mut command).await;
    if done.is_err() && interrupt.is_noticed.load(Ordering::Relaxed) {
        done = tokio::time::timeout(GRACE, command).await;
    }
    match done {
        Ok(Err(failure @ Failure::Output(_))) => Err(failure),
        Ok(_) | Err(_) => Err(Failure::Interrupted),
    }
}

/// Waits for Ctrl-C in a thread of its own, because writing to a pipe that is not read blocks the
/// command's.
fn watch() -> io::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut pressed = Box::pin(tokio::signal::ctrl_c());
    {
        // The first poll sets the handler. Without it Ctrl-C would kill a program whose thread has not
        // started yet.
        let _context = runtime.enter();
        if let Some(Err(error)) = pressed.as_mut().now_or_never() {
            return Err(error);
        }
    }
    thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            if pressed.await.is_err() {
                return;
            }
            sender.send_replace(true);
            let second = tokio::signal::ctrl_c();
            let _ = tokio::time::timeout(GRACE + Duration::from_secs(1), second).await;
            process::exit(Exit::Interrupted as i32);
        });
    })?;
    Ok(receiver)
}

impl Interrupt {
    /// Waits until the user presses Ctrl-C. The program then waits for the command to tidy up.
    pub(crate) async fn pressed(&self) {
        self.wait().await;
        self.is_noticed.store(true, Ordering::Relaxed);
    }

    async fn wait(&self) {
        let mut receiver = self.receiver.clone();
        // Without a sender there is no handler for Ctrl-C.
        if receiver.wait_for(|pressed| *pressed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
