//! An operation that was started: the semisynchronous form.

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
use super::progress::Progress;
use crate::error::{Error, Failure};

/// An operation that is already running: what `IWbemCallResult` and `MI_Operation` are.
///
/// It is a future of its result. Dropping it cancels the operation; [`detach`](Operation::detach) lets
/// it run on alone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::time::Duration;
/// # use wsman::OperationStatus;
/// # let simulator = wsman::simulator::sample().start().await?;
/// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
/// #     .allow_unencrypted().build()?;
/// let mut operation = session.identify().start();
/// let canceller = operation.canceller();          // any task may cancel
/// while operation.wait(Duration::from_millis(100)).await.is_none() {}
/// assert_eq!(operation.status(), OperationStatus::Taken);
/// canceller.cancel();                             // too late to matter
/// # Ok(()) }
/// ```
#[must_use = "dropping an operation cancels it"]
pub struct Operation<T> {
    state: State<T>,
    progress: Arc<Progress>,
    /// What the server told and asked, if it was to.
    callbacks: Option<mpsc::Receiver<Callback>>,
    cancels_on_drop: bool,
}

enum State<T> {
    Running(JoinHandle<Result<T, Error>>),
    NotStarted(Error),
    Taken,
}

/// Where an operation stands.
///
/// Complete: it runs, or its result waits to be taken, or it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationStatus {
    /// It runs.
    Running,
    /// It has ended, and its result can be taken without waiting.
    Finished,
    /// Its result was taken.
    Taken,
}

/// Cancels an operation from any task.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<Progress>);

impl Canceller {
    pub(super) fn new(progress: Arc<Progress>) -> Self {
        Self(progress)
    }

    /// Asks the operation to stop. It ends with [`Error::Cancelled`] unless it is over already, once the
    /// server was told.
    pub fn cancel(&self) {
        self.0.stop();
    }
}

impl<T: Send + 'static> Operation<T> {
    pub(super) fn start(
        progress: Arc<Progress>,
        callbacks: Option<mpsc::Receiver<Callback>>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        let state = match Handle::try_current() {
            Ok(runtime) => {
                State::Running(runtime.spawn(until_cancelled(work, Arc::clone(&progress))))
            }
            Err(error) => State::NotStarted(Error::Config(
                Failure::new("an operation can only be started inside a tokio runtime")
                    .source(error),
            )),
        };
        Self {
            state,
            progress,
            callbacks,
            cancels_on_drop: true,
        }
    }

    /// Where the operation stands.
    pub fn status(&self) -> OperationStatus {
        match &self.state {
            State::Running(task) if !task.is_finished() => OperationStatus::Running,
            State::Running(_) | State::NotStarted(_) => OperationStatus::Finished,
            State::Taken => OperationStatus::Taken,
        }
    }

    /// What the server tells and asks while the operation runs, if
    /// [`Request::callbacks`](crate::Request::callbacks) asked for it.
    ///
    /// Read it to its end, then take the result. Waiting for the result is not listening: what the
    /// server says meanwhile is dropped, and its questions are answered with No. An operation that is
    /// neither waited for nor listened to waits itself once a few callbacks are unread.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wsman::simulator::{Knob, Script, sample};
    /// use wsman::{Callback, Callbacks, Instance};
    /// # let simulator = sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// simulator.next(Knob::Callbacks(Script::new().warning("the disk is nearly full")));
    /// let share = Instance::new("Win32_Share").key("Name", "logs").with("Path", r"C:\logs");
    /// let mut operation = session.create_instance(&share).callbacks(Callbacks::all()).start();
    /// let mut callbacks = operation.callbacks();
    /// while let Some(callback) = callbacks.next().await {
    ///     if let Callback::Message { channel, text } = callback {
    ///         println!("{channel:?}: {text}");
    ///     }
    /// }
    /// println!("{}", operation.await?);
    /// # Ok(()) }
    /// ```
    pub fn callbacks(&mut self) -> CallbackStream<'_> {
        CallbackStream::new(self.callbacks.as_mut())
    }

    /// Waits for the result for at most so long (`IWbemCallResult::GetCallStatus`); `None` if the
    /// operation still runs, and one can wait again.
    ///
    /// # Errors
    /// Those of the operation; [`Error::Config`] if the result was taken before.
    pub async fn wait(&mut self, limit: Duration) -> Option<Result<T, Error>> {
        tokio::select! {
            biased;
            result = self.take() => Some(result),
            () = sleep(limit) => None,
        }
    }

    /// Asks the operation to stop and waits until it has: its result if it was faster, else
    /// [`Error::Cancelled`], whose [`delivery`](Error::delivery) tells whether the server may have done
    /// it all the same. A message that was already on its way cannot be called back; its connection is
    /// closed.
    ///
    /// Waits until the server was told to give up what it holds for the operation, such as an enumeration,
    /// a subscription or a provider that asks; at most 5 seconds.
    ///
    /// # Errors
    /// Those of the operation, [`Error::Cancelled`] among them.
    pub async fn cancel(&mut self) -> Result<T, Error> {
        self.progress.stop();
        self.take().await
    }

    /// A handle that cancels the operation from any task.
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.progress))
    }

    /// Waits until the operation is over and drops its result (`MI_Operation_Close`).
    pub async fn close(mut self) {
        if self.status() != OperationStatus::Taken {
            let _result = self.take().await;
        }
    }

    /// Lets the operation run on without anybody waiting for it or listening to it.
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
                    // Who waits for the result does not listen, and must not wait for himself.
                    while let Poll::Ready(Some(_)) = callbacks.poll_recv(context) {}
                }
                let ended = ready!(ended);
                this.state = State::Taken;
                Poll::Ready(
                    ended.unwrap_or_else(|error| Err(without_result(error, &this.progress))),
                )
            }
            State::NotStarted(_) | State::Taken => {
                Poll::Ready(match std::mem::replace(&mut this.state, State::Taken) {
                    State::NotStarted(error) => Err(error),
                    _ => Err(Error::Config(Failure::new("the result was taken before"))),
                })
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

/// Does the work unless the caller cancels it first; a result that is there wins.
///
/// The work is dropped when it is cancelled. What the server has to be told then is told by tasks of its
/// own, which are waited for.
async fn until_cancelled<T>(
    work: impl Future<Output = Result<T, Error>>,
    progress: Arc<Progress>,
) -> Result<T, Error> {
    let result = tokio::select! {
        biased;
        result = work => result,
        () = progress.stopped() => Err(progress.cancelled()),
    };
    if matches!(result, Err(Error::Cancelled(_))) {
        // A server that does not answer is not waited for any longer.
        let _told = timeout(ending::PATIENCE, progress.cleaned_up()).await;
    }
    result
}

/// The task is gone without a result: it panicked, which goes on here, or its runtime was shut down.
pub(super) fn without_result(error: JoinError, progress: &Progress) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => progress.ended("the runtime of the operation was shut down"),
    }
}

/// Waits; without a runtime there is nothing to wait for.
async fn sleep(limit: Duration) {
    match Handle::try_current() {
        Ok(_) => tokio::time::sleep(limit).await,
        Err(_) => std::future::ready(()).await,
    }
}
