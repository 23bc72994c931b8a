//! The stream of results.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "rustls")]
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::error::{Delivery, Error, Failure, TimeoutKind};
use crate::session::{Session, SessionBuilder};
#[cfg(feature = "rustls")]
use crate::transport::TlsConfig;

/// What the work on one host returned.
#[derive(Debug)]
#[non_exhaustive]
pub struct HostResult<T> {
    /// The number of the host, from 0 in the order in which the caller gave them.
    pub index: usize,
    /// The address of the host; empty if it is invalid.
    pub endpoint: String,
    /// The result of the work.
    pub result: Result<T, Error>,
}

type Work<T> = Arc<
    dyn Fn(usize, Session) -> Pin<Box<dyn Future<Output = Result<T, Error>> + Send>> + Send + Sync,
>;

/// The results of [`Hosts::run`](super::Hosts::run), in the order in which they come.
///
/// Implements [`Stream`]. Dropping it ends the work on all hosts.
#[must_use = "the work begins when the results are polled"]
pub struct HostResults<T> {
    waiting: std::iter::Enumerate<std::vec::IntoIter<SessionBuilder>>,
    running: JoinSet<HostResult<T>>,
    concurrency: usize,
    deadline: Option<Duration>,
    work: Work<T>,
    #[cfg(feature = "rustls")]
    tls: Arc<OnceLock<Option<TlsConfig>>>,
}

/// How long work may go on after its deadline: its operations end by themselves, with their delivery.
const GRACE: Duration = Duration::from_millis(500);

impl<T: Send + 'static> HostResults<T> {
    pub(super) fn new<W>(
        builders: Vec<SessionBuilder>,
        concurrency: usize,
        deadline: Option<Duration>,
        work: impl Fn(usize, Session) -> W + Send + Sync + 'static,
    ) -> Self
    where
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self {
            waiting: builders.into_iter().enumerate(),
            running: JoinSet::new(),
            concurrency,
            deadline,
            work: Arc::new(move |index, session| Box::pin(work(index, session))),
            #[cfg(feature = "rustls")]
            tls: Arc::default(),
        }
    }

    /// Returns the next result; `None` after that of the last host.
    pub async fn next(&mut self) -> Option<HostResult<T>> {
        poll_fn(|context| self.poll_result(context)).await
    }

    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Option<HostResult<T>>> {
        while self.running.len() < self.concurrency {
            let Some((index, builder)) = self.waiting.next() else {
                break;
            };
            if let Err(result) = self.start(index, builder) {
                return Poll::Ready(Some(result));
            }
        }
        match ready!(self.running.poll_join_next(context)) {
            None => Poll::Ready(None),
            Some(Ok(result)) => Poll::Ready(Some(result)),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and takes the others as well.
                Err(_) => Poll::Ready(None),
            },
        }
    }

    /// Starts the work on a host, or returns why it cannot be started.
    fn start(&mut self, index: usize, builder: SessionBuilder) -> Result<(), HostResult<T>> {
        let endpoint = builder.endpoint();
        let failed = |endpoint, error| HostResult {
            index,
            endpoint,
            result: Err(error),
        };
        let runtime = match Handle::try_current() {
            Ok(runtime) => runtime,
            Err(error) => {
                let text = "work on hosts needs a tokio runtime";
                let error = Error::Config(Failure::new(text).source(error));
                return Err(failed(endpoint, error));
            }
        };
        let until = self
            .deadline
            .and_then(|limit| Instant::now().checked_add(limit));
        #[cfg(feature = "rustls")]
        let builder = builder.share_tls(&self.tls);
        let session = match builder.until(until).build() {
            Ok(session) => session,
            Err(error) => return Err(failed(endpoint, error)),
        };
        let work = (self.work)(index, session);
        let work = async move {
            let result = within(until, work).await;
            HostResult {
                index,
                endpoint,
                result,
            }
        };
        self.running.spawn_on(work, &runtime);
        Ok(())
    }
}

/// Ends work that goes on after the deadline, such as work of the caller's own.
async fn within<T>(
    until: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(end) = until.and_then(|until| until.checked_add(GRACE)) else {
        return work.await;
    };
    timeout_at(end, work).await.unwrap_or_else(|_| {
        let failure = Failure::new("the deadline of the host has passed");
        let failure = failure.timeout(TimeoutKind::Deadline);
        Err(Error::Timeout(failure.delivery(Delivery::Unknown)))
    })
}

impl<T: Send + 'static> Stream for HostResults<T> {
    type Item = HostResult<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_result(context)
    }
}

impl<T> fmt::Debug for HostResults<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostResults")
            .field("waiting", &self.waiting.len())
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}
