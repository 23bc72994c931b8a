//! The stream of rows.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::budget::Budget;
use super::paging::ReadRow;
use super::puller::{PageEnd, Puller};
use super::{Enumerates, Plan};
use crate::error::{Error, Failure};
use crate::protocol::{DecodeError, Page};
use crate::session::call::Call;
use crate::session::operation::Canceller;
use crate::session::progress::Progress;
use crate::session::request::Request;
use crate::session::schema::Typing;
use crate::session::target::Target;

/// The rows of an enumeration, a query or an association, one by one.
///
/// A row is decoded when it is asked for, while the next page is already on its way. However many rows
/// there are, only the pages ahead and the one that is being read are kept.
///
/// Dropping it tells the server, in the background, that no more rows are wanted;
/// [`release`](Rows::release) waits for that. A Pull on its way is given up. An Enumerate is not: what
/// it opens is known only from its answer, which is waited for, in the background and no longer than
/// its time limit, and then released. If that answer is lost, nobody can release what was opened.
///
/// After an error there are no more rows, unless it is an [`Error::Value`], which is of one row that
/// does not fit its struct and names the row (counted from 0) and the property. Which rows may be lost where a page was too large says [`Error::lost_rows`].
///
/// It is a [`Stream`], too.
#[must_use = "rows are read when they are asked for"]
pub struct Rows<R> {
    state: State<R>,
    progress: Arc<Progress>,
    count: u64,
}

enum State<R> {
    NotStarted(Box<dyn FnOnce() -> Result<Running<R>, Error> + Send + Sync>),
    Running(Running<R>),
    /// There are no more rows; the task may still be telling the server.
    Over(Option<Pulling>),
}

/// The task that pulls, and releases in the end.
type Pulling = JoinHandle<Result<(), Error>>;

/// The two ends of the task that pulls, and the page that is being read.
struct Running<R> {
    task: Pulling,
    pages: mpsc::UnboundedReceiver<Result<Box<Page>, Error>>,
    ends: mpsc::UnboundedSender<PageEnd>,
    page: Option<Box<Page>>,
    target: Target,
    read: ReadRow<R>,
    typing: Option<Box<Typing<R>>>,
    /// What may still be collected; a stream has no limit.
    budget: Option<Budget>,
}

/// What asking for a row gives.
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
        let start = move || {
            let call = Call::new(request.session, request.options, of_call)?;
            let plan = request.operation.plan(&call)?;
            Running::start(call, plan)
        };
        Self {
            state: State::NotStarted(Box::new(start)),
            progress,
            count: 0,
        }
    }

    /// The rows of an operation that is already under way, and no more than fit the budget.
    pub(super) fn start(call: Call, plan: Plan<R>, budget: Budget) -> Result<Self, Error> {
        let progress = Arc::clone(call.progress());
        let mut running = Running::start(call, plan)?;
        running.budget = Some(budget);
        Ok(Self {
            progress,
            state: State::Running(running),
            count: 0,
        })
    }

    /// The next row; `None` after the last, and after an error.
    ///
    /// # Errors
    /// Those of the operation, and of the page that the row is in.
    pub async fn next(&mut self) -> Option<Result<R, Error>> {
        poll_fn(|context| self.poll_row(context)).await
    }

    /// Wants no more rows, and waits until the server was told so (DSP0226 8.5); after an error, too.
    ///
    /// # Errors
    /// Those of the message; the server then forgets the enumeration by itself after a while, except
    /// for OMI, which does not.
    pub async fn release(mut self) -> Result<(), Error> {
        self.stop();
        let State::Over(Some(task)) = &mut self.state else {
            return Ok(());
        };
        let released = task.await;
        released.unwrap_or_else(|_| Err(self.progress.ended("the task that pulls is gone")))
    }

    /// A handle that ends the rows from any task, with [`Error::Cancelled`].
    pub fn canceller(&self) -> Canceller {
        Canceller::new(Arc::clone(&self.progress))
    }

    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<R, Error>>> {
        if let State::NotStarted(_) = self.state
            && let State::NotStarted(start) = std::mem::replace(&mut self.state, State::Over(None))
        {
            match start() {
                Ok(running) => self.state = State::Running(running),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let State::Running(running) = &mut self.state else {
            return Poll::Ready(None);
        };
        let step = match self.progress.is_stopped() {
            true => Step::Failed(self.progress.cancelled()),
            false => ready!(running.poll_row(context, &self.progress)),
        };
        if !matches!(step, Step::Row(_)) {
            self.stop();
        }
        Poll::Ready(match step {
            Step::Row(row) => {
                let number = self.count;
                self.count += 1;
                Some(row.map_err(|error| error.in_row(number)))
            }
            Step::Failed(error) => Some(Err(error.after_rows(self.count))),
            Step::End => None,
        })
    }
}

impl<R> Rows<R> {
    /// Wants no more rows. The task goes on by itself until the server was told.
    fn stop(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Over(None)) {
            State::Running(running) => State::Over(Some(running.stop())),
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

    /// The next row with the types of its class, if they are wanted.
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

    /// The next row as it was read.
    fn poll_read(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<Step<R>> {
        loop {
            while let Some(page) = &mut self.page {
                match page.next_row() {
                    Ok(Some(row)) => {
                        if let Some(row) = (self.read)(row, &self.target) {
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

    /// Tells the task what the end of the page said; whether it was the last.
    fn page_was_read(&mut self) -> bool {
        let Some(page) = self.page.take() else {
            return false;
        };
        let end = PageEnd::of(page);
        let ended = end.ended;
        // A task that is gone needs no telling; that it is shows at the next page.
        let _told = self.ends.send(end);
        ended
    }

    /// Ends the task, which then tells the server; some say only after the rows of a page with which
    /// context they are to be pulled.
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

/// The task ended without an end of the rows: the server gave nothing to go on with, or the runtime
/// was shut down.
fn without_end(progress: &Progress) -> Error {
    match progress.is_stopped() {
        true => progress.cancelled(),
        false => Error::from(DecodeError::Missing("n:EnumerationContext")).of_read(),
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
        self.stop();
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
