//! The stream of rows.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::budget::Budget;
use super::paging::ReadRow;
use super::puller::{PageEnd, Puller};
use super::{Enumerates, Plan};
use crate::error::{Error, Failure, OperationKind};
use crate::protocol::{DecodeError, Page};
use crate::session::call::Call;
use crate::session::deadline::{Timer, limit, moment};
use crate::session::operation::Canceller;
use crate::session::origin::Origin;
use crate::session::progress::Progress;
use crate::session::request::Request;
use crate::session::schema::Typing;
use crate::session::target::Target;
use crate::session::trace::{DROPPED, Trace};

/// The stream of rows of an enumeration, a query or an association.
///
/// A row is decoded when it is polled, while the session already requests the next page. The stream
/// keeps only the current page and the pages ahead, however many rows the server sends.
///
/// Dropping the stream releases the enumeration in the background; [`release`](Rows::release) waits for
/// that. A Pull in flight is aborted. An Enumerate in flight is not, because only its answer names what
/// to release: the background task waits for that answer until its time limit. If the answer is lost,
/// the client cannot release the enumeration.
///
/// An error ends the stream, except an [`Error::Value`], which concerns a single row that does not fit
/// its struct and names the row (counted from 0) and the property. [`Error::lost_rows`] returns which
/// rows may be lost because a page was too large.
///
/// Implements [`Stream`].
#[must_use = "rows are read when they are polled"]
pub struct Rows<R> {
    origin: Option<Origin>,
    state: State<R>,
    /// The total time limit of a stream.
    deadline: Option<Duration>,
    timer: Timer,
    progress: Arc<Progress>,
    count: u64,
    bytes: u64,
}

enum State<R> {
    NotStarted(Box<dyn FnOnce() -> Result<Running<R>, Error> + Send + Sync>),
    Running(Box<Running<R>>),
    /// There are no more rows; the task may still release the enumeration.
    Over(Option<Pulling>),
}

/// The task that pulls pages and finally releases the enumeration.
type Pulling = JoinHandle<Result<(), Error>>;

/// The channels to the pulling task, and the current page.
struct Running<R> {
    task: Pulling,
    pages: mpsc::UnboundedReceiver<Result<Box<Page>, Error>>,
    ends: mpsc::UnboundedSender<PageEnd>,
    page: Option<Box<Page>>,
    target: Target,
    read: ReadRow<R>,
    typing: Option<Box<Typing<R>>>,
    /// The rest of what may be collected; a stream has no limit.
    budget: Option<Budget>,
    /// The size of the pages so far.
    bytes: u64,
    trace: Trace,
}

/// The result of polling for a row.
enum Step<R> {
    /// A row, or an error of this row alone.
    Row(Result<R, Error>),
    /// There will be no more rows.
    Failed(Error),
    End,
}

impl<R: 'static> Rows<R> {
    pub(super) fn new<O: Enumerates<Row = R>>(request: Request<O>) -> Self {
        let progress = Arc::new(Progress::default());
        let of_call = Arc::clone(&progress);
        let Request {
            session,
            options,
            mut operation,
        } = request;
        let deadline = limit(&session, &options);
        let origin = Origin::new(&session, options.own_namespace(), operation.subject());
        let start = move || {
            let trace = Trace::of::<O>(&session);
            let call = Call::new(session, options, of_call)?.traced(trace);
            let plan = operation.plan(&call)?;
            Running::start(call, plan)
        };
        Self {
            origin: Some(origin),
            state: State::NotStarted(Box::new(start)),
            deadline,
            timer: Timer::default(),
            progress,
            count: 0,
            bytes: 0,
        }
    }

    /// Starts the rows of a running operation, within a budget.
    pub(super) fn start(call: Call, plan: Plan<R>, budget: Budget) -> Result<Self, Error> {
        let progress = Arc::clone(call.progress());
        let mut running = Running::start(call, plan)?;
        running.budget = Some(budget);
        Ok(Self {
            // The request that is awaited says what it concerns.
            origin: None,
            progress,
            state: State::Running(Box::new(running)),
            // The request that collects the rows has the deadline.
            deadline: None,
            timer: Timer::default(),
            count: 0,
            bytes: 0,
        })
    }

    /// Returns the next row; `None` after the last, and after an error that ends the stream.
    ///
    /// # Errors
    /// Those of the operation, and of the page of the row.
    pub async fn next(&mut self) -> Option<Result<R, Error>> {
        poll_fn(|context| self.poll_row(context)).await
    }

    /// Releases the enumeration and waits for the answer of the server (DSP0226 8.5), also after an error.
    ///
    /// # Errors
    /// Those of the message. The enumeration then expires on the server after a while, except on OMI,
    /// which keeps it.
    pub async fn release(mut self) -> Result<(), Error> {
        self.stop(DROPPED);
        let State::Over(Some(task)) = &mut self.state else {
            return Ok(());
        };
        let released = task.await;
        let released = released.unwrap_or_else(|_| {
            Err(self
                .progress
                .ended("the task that reads the rows ended unexpectedly"))
        });
        released.map_err(|error| match &self.origin {
            Some(origin) => origin.during(OperationKind::Release).explain(error),
            None => error,
        })
    }

    /// Returns the size of the pages whose rows were read so far, in bytes of XML.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let mut shares = session.enumerate_instances("Win32_Share").stream();
    /// assert_eq!(shares.bytes(), 0);
    /// shares.next().await.unwrap()?;
    /// assert!(shares.bytes() > 500);
    /// # Ok(()) });
    /// ```
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns a handle that ends the rows from any task, with [`Error::Cancelled`].
    pub fn canceller(&self) -> Canceller {
        Canceller::new(Arc::clone(&self.progress))
    }

    /// Adds the operation and the endpoint to an error.
    #[cold]
    fn explain(&self, error: Error) -> Error {
        match &self.origin {
            Some(origin) => origin.explain(error),
            None => error,
        }
    }

    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<R, Error>>> {
        if let State::NotStarted(_) = self.state
            && let State::NotStarted(start) = std::mem::replace(&mut self.state, State::Over(None))
        {
            if self.deadline == Some(Duration::ZERO) {
                return Poll::Ready(Some(Err(self.explain(self.progress.late()))));
            }
            let timer = Timer::until(moment(self.deadline));
            match timer.and_then(|timer| Ok((timer, start()?))) {
                Ok((timer, running)) => {
                    self.timer = timer;
                    self.state = State::Running(Box::new(running));
                }
                Err(error) => return Poll::Ready(Some(Err(self.explain(error)))),
            }
        }
        let State::Running(running) = &mut self.state else {
            return Poll::Ready(None);
        };
        let step = if self.progress.is_stopped() {
            Step::Failed(self.progress.cancelled())
        } else if self.timer.poll(context).is_ready() {
            Step::Failed(self.progress.late())
        } else {
            let step = running.poll_row(context, &self.progress);
            self.bytes = running.bytes;
            ready!(step)
        };
        match &step {
            Step::Row(_) => {}
            Step::Failed(error) => self.stop(error.name()),
            Step::End => self.stop("ok"),
        }
        Poll::Ready(match step {
            Step::Row(row) => {
                let number = self.count;
                self.count += 1;
                Some(row.map_err(|error| self.explain(error.in_row(number))))
            }
            Step::Failed(error) => Some(Err(self.explain(error.after_rows(self.count)))),
            Step::End => None,
        })
    }
}

impl<R> Rows<R> {
    /// Stops the rows with this outcome. The task continues by itself until the enumeration is released.
    fn stop(&mut self, outcome: &'static str) {
        self.state = match std::mem::replace(&mut self.state, State::Over(None)) {
            State::Running(running) => {
                let is_stream = self.origin.is_some();
                running.trace.end_rows(self.count, outcome, is_stream);
                State::Over(Some(running.stop()))
            }
            State::NotStarted(_) => State::Over(None),
            State::Over(task) => State::Over(task),
        };
    }
}

impl<R> Running<R> {
    fn start(call: Call, mut plan: Plan<R>) -> Result<Self, Error> {
        let runtime = Handle::try_current().map_err(|error| {
            let text = "rows can only be read inside a tokio runtime";
            Error::Config(Failure::new(text).source(error))
        })?;
        let (page_sender, pages) = mpsc::unbounded_channel();
        let (ends, end_receiver) = mpsc::unbounded_channel();
        let target = plan.target.clone();
        let typing = plan.typing.take().map(Box::new);
        let cleanup = call.progress().cleanup();
        let trace = call.trace().clone();
        let (puller, read) = Puller::new(call, plan);
        let pulling = async move {
            let released = puller.run(page_sender, end_receiver).await;
            drop(cleanup);
            released
        };
        Ok(Self {
            task: runtime.spawn(pulling),
            pages,
            ends,
            page: None,
            target,
            read,
            typing,
            budget: None,
            bytes: 0,
            trace,
        })
    }

    fn poll_row(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<Step<R>> {
        let step = ready!(self.poll_typed(context, progress));
        let taken = match (&mut self.budget, &step) {
            (Some(budget), Step::Row(_)) => budget.take_row(),
            _ => Ok(()),
        };
        Poll::Ready(match taken {
            Ok(()) => step,
            Err(error) => Step::Failed(error),
        })
    }

    /// Polls for the next row, converted to the types of its class if requested.
    fn poll_typed(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<Step<R>> {
        if !self
            .typing
            .as_ref()
            .is_some_and(|typing| typing.is_waiting())
        {
            let step = ready!(self.poll_read(context, progress));
            match (&mut self.typing, step) {
                (Some(typing), Step::Row(Ok(row))) => typing.take(row),
                (_, step) => return Poll::Ready(step),
            }
        }
        let Some(typing) = &mut self.typing else {
            return Poll::Ready(Step::End);
        };
        Poll::Ready(match ready!(typing.poll(context)) {
            Some(Ok(row)) => Step::Row(Ok(row)),
            Some(Err(error)) => Step::Failed(error),
            None => Step::End,
        })
    }

    /// Polls for the next row as decoded.
    fn poll_read(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<Step<R>> {
        loop {
            while let Some(page) = &mut self.page {
                match page.next_row() {
                    Ok(Some(mut row)) => {
                        let read = (self.read)(&mut row, &self.target);
                        page.reuse(row);
                        if let Some(row) = read {
                            return Poll::Ready(Step::Row(row));
                        }
                    }
                    Ok(None) => {
                        if self.page_was_read() {
                            return Poll::Ready(Step::End);
                        }
                    }
                    Err(error) => {
                        return Poll::Ready(Step::Failed(Error::from(error).of_read()));
                    }
                }
            }
            match ready!(self.pages.poll_recv(context)) {
                Some(Ok(page)) => {
                    self.bytes = self.bytes.saturating_add(page.bytes() as u64);
                    let budget = self.budget.as_mut();
                    let taken = budget.map_or(Ok(()), |budget| budget.take_page(page.bytes()));
                    self.page = Some(page);
                    if let Err(error) = taken {
                        return Poll::Ready(Step::Failed(error));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Step::Failed(error)),
                None => return Poll::Ready(Step::Failed(without_end(progress))),
            }
        }
    }

    /// Reports the end of the page to the task; returns whether it was the last page.
    fn page_was_read(&mut self) -> bool {
        let Some(page) = self.page.take() else {
            return false;
        };
        let end = PageEnd::of(page);
        let ended = end.ended;
        // If the task has ended, receiving the next page shows it.
        let _told = self.ends.send(end);
        ended
    }

    /// Ends the task, which then releases the enumeration. Some servers send the context for that only
    /// after the rows of a page.
    fn stop(mut self) -> Pulling {
        self.pages.close();
        self.page_was_read();
        while let Ok(Ok(page)) = self.pages.try_recv() {
            self.page = Some(page);
            self.page_was_read();
        }
        self.task
    }
}

/// Makes the error of a task that ended before the last row: the server sent no context to continue
/// with, or the runtime was shut down.
fn without_end(progress: &Progress) -> Error {
    if progress.is_stopped() {
        progress.cancelled()
    } else {
        Error::from(DecodeError::Missing("n:EnumerationContext")).of_read()
    }
}

impl<R: 'static> Stream for Rows<R> {
    type Item = Result<R, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(context)
    }
}

impl<R> Unpin for Rows<R> {}

impl<R> Drop for Rows<R> {
    fn drop(&mut self) {
        self.stop(DROPPED);
    }
}

impl<R> fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::NotStarted(_) => "not started",
            State::Running(_) => "running",
            State::Over(_) => "over",
        };
        f.debug_struct("Rows")
            .field("state", &state)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
