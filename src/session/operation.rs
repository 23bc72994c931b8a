//! An operation in the background: the semisynchronous form.
//!
//! [`Request::start`](crate::Request::start) returns an [`Operation`].

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;

use super::callback::{Callback, CallbackStream};
use super::ending;
use super::origin::Origin;
use super::progress::Progress;
use crate::error::{Error, Failure};

/// A running operation, like `IWbemCallResult` and `MI_Operation`.
///
/// It is a future of the result. Dropping it cancels the operation; [`detach`](Operation::detach) lets
/// the operation continue in the background.
///
/// ```
/// # wsman::doc_examples::run(async |session, _| {
/// # use std::time::Duration;
/// # use wsman::operation::OperationStatus;
/// let mut operation = session.identify().start();
/// let canceller = operation.canceller();          // any task may cancel
/// while operation.wait(Duration::from_millis(100)).await.is_none() {}
/// assert_eq!(operation.status(), OperationStatus::Taken);
/// canceller.cancel();                             // too late to matter
/// # Ok(()) });
/// ```
#[must_use = "dropping an operation cancels it"]
pub struct Operation<T> {
    state: State<T>,
    origin: Origin,
    progress: Arc<Progress>,
    /// The callbacks of the server, if requested.
    callbacks: Option<mpsc::Receiver<Callback>>,
    cancels_on_drop: bool,
}

enum State<T> {
    Running(JoinHandle<Result<T, Error>>),
    NotStarted(Error),
    Taken,
}

/// The status of an operation.
///
/// Complete: no other status exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationStatus {
    /// The operation is running.
    Running,
    /// The operation has ended, and its result is available.
    Finished,
    /// The result was taken.
    Taken,
}

/// Cancels an operation from any task.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<Progress>);

impl Canceller {
    pub(super) fn new(progress: Arc<Progress>) -> Self {
        Self(progress)
    }

    /// Cancels the operation. Unless it is already over, it ends with [`Error::Cancelled`] once the
    /// cleanup on the server is done.
    pub fn cancel(&self) {
        self.0.stop();
    }
}

impl<T: Send + 'static> Operation<T> {
    /// Starts work that ends by itself once its progress is stopped.
    pub(super) fn start(
        origin: Origin,
        progress: Arc<Progress>,
        callbacks: Option<mpsc::Receiver<Callback>>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        let state = match Handle::try_current() {
            Ok(runtime) => State::Running(runtime.spawn(work)),
            Err(error) => State::NotStarted(Error::Config(
                Failure::new("an operation can only be started inside a tokio runtime")
                    .source(error),
            )),
        };
        Self {
            state,
            origin,
            progress,
            callbacks,
            cancels_on_drop: true,
        }
    }

    /// Returns the status of the operation.
    pub fn status(&self) -> OperationStatus {
        match &self.state {
            State::Running(task) if !task.is_finished() => OperationStatus::Running,
            State::Running(_) | State::NotStarted(_) => OperationStatus::Finished,
            State::Taken => OperationStatus::Taken,
        }
    }

    /// Returns the callbacks of the server while the operation runs, if
    /// [`Request::callbacks`](crate::Request::callbacks) requested them.
    ///
    /// Read the stream to its end, then take the result. Waiting for the result drops the callbacks that
    /// arrive meanwhile, and answers prompts with No. An operation pauses while several callbacks are
    /// unread.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, simulator| {
    /// use wsman::simulator::{Knob, Script};
    /// use wsman::{Callback, Callbacks, Instance};
    /// simulator.next(Knob::Callbacks(Script::new().warning("the disk is nearly full")));
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// let mut operation = session.create_instance(&share).callbacks(Callbacks::all()).start();
    /// let mut callbacks = operation.callbacks();
    /// while let Some(callback) = callbacks.next().await {
    ///     if let Callback::Message { channel, text } = callback {
    ///         println!("{channel:?}: {text}");
    ///     }
    /// }
    /// println!("{}", operation.await?);
    /// # Ok(()) });
    /// ```
    pub fn callbacks(&mut self) -> CallbackStream<'_> {
        CallbackStream::new(self.callbacks.as_mut())
    }

    /// Waits at most `limit` for the result (`IWbemCallResult::GetCallStatus`). Returns `None` if the
    /// operation is still running; the caller may wait again.
    ///
    /// # Errors
    /// Those of the operation; [`Error::Config`] if the result was already taken.
    pub async fn wait(&mut self, limit: Duration) -> Option<Result<T, Error>> {
        tokio::select! {
            biased;
            result = self.take() => Some(result),
            () = sleep(limit) => None,
        }
    }

    /// Cancels the operation and waits for its end. Returns the result if it was faster, else
    /// [`Error::Cancelled`], whose [`delivery`](Error::delivery) says whether the server may have
    /// performed the operation. A message in flight cannot be recalled; the client closes its connection.
    ///
    /// Waits at most 5 seconds for the cleanup on the server: the release of an enumeration, a
    /// subscription or a provider that waits for an answer.
    ///
    /// # Errors
    /// Those of the operation, including [`Error::Cancelled`].
    pub async fn cancel(&mut self) -> Result<T, Error> {
        self.progress.stop();
        self.take().await
    }

    /// Returns a handle that cancels the operation from any task.
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.progress))
    }

    /// Waits until the operation is over and drops its result (`MI_Operation_Close`).
    pub async fn close(mut self) {
        if self.status() != OperationStatus::Taken {
            let _result = self.take().await;
        }
    }

    /// Lets the operation continue in the background; its result and callbacks are dropped.
    pub fn detach(mut self) {
        self.cancels_on_drop = false;
    }

    async fn take(&mut self) -> Result<T, Error> {
        Pin::new(self).await
    }
}

impl<T: Send + 'static> Future for Operation<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match &mut this.state {
            State::Running(task) => {
                let ended = Pin::new(task).poll(context);
                if let (Poll::Pending, Some(callbacks)) = (&ended, &mut this.callbacks) {
                    // The caller waits for the result and reads no callbacks: drop them, so that the
                    // operation does not wait for the caller.
                    while let Poll::Ready(Some(_)) = callbacks.poll_recv(context) {}
                }
                let ended = ready!(ended);
                this.state = State::Taken;
                Poll::Ready(ended.unwrap_or_else(|error| {
                    let error = without_result(error, &this.progress);
                    Err(this.origin.explain(error))
                }))
            }
            State::NotStarted(_) | State::Taken => {
                let error = match std::mem::replace(&mut this.state, State::Taken) {
                    State::NotStarted(error) => error,
                    _ => Error::Config(Failure::new("the result was already taken")),
                };
                Poll::Ready(Err(this.origin.explain(error)))
            }
        }
    }
}

impl<T> Unpin for Operation<T> {}

impl<T> Drop for Operation<T> {
    fn drop(&mut self) {
        if self.cancels_on_drop {
            self.progress.stop();
        }
    }
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Running(_) => "running",
            State::NotStarted(_) => "not started",
            State::Taken => "taken",
        };
        f.debug_struct("Operation")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

/// Runs the work until the caller cancels it; an available result takes precedence.
///
/// A cancelled work is dropped. Its cleanup on the server runs in separate tasks, which are awaited.
pub(super) async fn until_cancelled<T>(
    work: impl Future<Output = Result<T, Error>>,
    progress: Arc<Progress>,
) -> Result<T, Error> {
    let result = tokio::select! {
        biased;
        result = work => result,
        () = progress.stopped() => Err(progress.cancelled()),
    };
    if matches!(result, Err(Error::Cancelled(_))) {
        // A server that does not answer delays the cancellation no longer.
        let _told = timeout(ending::PATIENCE, progress.cleaned_up()).await;
    }
    result
}

/// Makes the error of a task that ended because its runtime was shut down; resumes its panic.
pub(super) fn without_result(error: JoinError, progress: &Progress) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => progress.ended("the runtime of the operation was shut down"),
    }
}

/// Waits for `limit`; returns at once outside a runtime.
async fn sleep(limit: Duration) {
    match Handle::try_current() {
        Ok(_) => tokio::time::sleep(limit).await,
        Err(_) => std::future::ready(()).await,
    }
}
