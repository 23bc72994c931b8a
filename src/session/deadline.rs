//! The total time limit of an operation, from its start, over all its messages.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Session;
use super::options::CallOptions;
use super::progress::Progress;
use crate::error::{Error, Failure};

/// Returns the total time limit of a request: its own, or what is left of its session's.
pub(super) fn limit(session: &Session, options: &CallOptions) -> Option<Duration> {
    let until = session.settings().until;
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    match (options.deadline, left) {
        (Some(own), Some(left)) => Some(own.min(left)),
        (own, left) => own.or(left),
    }
}

/// The moment at which an operation ends with [`Error::Timeout`]; a moment beyond the clock never comes.
pub(super) fn moment(limit: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}

/// A timer of an operation, which costs nothing without a deadline.
#[derive(Debug, Default)]
pub(super) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Starts a timer for a moment.
    pub(super) fn until(moment: Option<Instant>) -> Result<Self, Error> {
        let Some(moment) = moment else {
            return Ok(Self(None));
        };
        match Handle::try_current() {
            Ok(_) => Ok(Self(Some(Box::pin(sleep_until(moment))))),
            Err(error) => Err(Error::Config(
                Failure::new("a deadline needs a tokio runtime").source(error),
            )),
        }
    }

    /// Polls for the deadline; always pending without one.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

/// Runs the work of an operation within its deadline.
///
/// Work that is late is dropped: its message is aborted, and its cleanup on the server runs in separate
/// tasks, as for a cancelled operation.
pub(super) async fn within<T>(
    limit: Duration,
    progress: Arc<Progress>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    if limit.is_zero() {
        return Err(progress.late());
    }
    let mut timer = Timer::until(moment(Some(limit)))?;
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Pending => timer.poll(context).map(|()| Err(progress.late())),
        ready => ready,
    })
    .await
}
