//! The runtime of blocking calls, in a thread that lives as long as the process.

use std::future::{Future, pending};
use std::io;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};

use crate::error::{Error, Failure};

/// The runtime of all blocking calls, which the first of them starts.
static RUNTIME: OnceLock<Option<Handle>> = OnceLock::new();

/// Returns the runtime; fails inside an async runtime, whose thread must not block.
pub(super) fn handle() -> Result<&'static Handle, Error> {
    if Handle::try_current().is_ok() {
        let text =
            "a blocking call inside an async runtime would stop its thread: await the request";
        return Err(Error::Config(Failure::new(text)));
    }
    let runtime = RUNTIME.get_or_init(|| start().ok());
    runtime.as_ref().ok_or_else(|| {
        Error::Config(Failure::new(
            "the runtime of blocking calls cannot be started",
        ))
    })
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("wsman-blocking".to_owned())
        .spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}

/// Runs a future and blocks the thread until its result.
pub(super) fn run<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Error> {
    let (sender, result) = mpsc::sync_channel(1);
    let task = handle()?.spawn(async move {
        // The caller waits for it.
        let _sent = sender.send(work.await);
    });
    result.recv().map_err(|_| {
        task.abort();
        Error::Cancelled(Failure::new("the work of a blocking call panicked"))
    })
}
