//! The stream of events.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

use super::driver::{Driver, Handover};
use super::event::Event;
use super::source::Source;
use crate::error::{Error, Failure, OperationKind};
use crate::session::call::Call;
use crate::session::deadline::Timer;
use crate::session::origin::Origin;
use crate::session::progress::Progress;

/// A stream of events, from [`Session::subscribe`](crate::Session::subscribe).
///
/// A task pulls events from the server and renews the subscription. It reads at most one answer ahead;
/// further events stay on the server. A Pull that times out is not an error. Dropping the subscription
/// ends the task, which unsubscribes; [`close`](Subscription::close) waits for that.
///
/// # After a lost connection
/// The subscription reconnects by itself, for as long as its [`patience`](crate::Request::patience):
///
/// | state | reaction |
/// |---|---|
/// | the Pull was not sent | it is sent again; no event is missed |
/// | the last bookmark is known | a new subscription resumes from it; no event is missed, but those of a lost answer may be repeated |
/// | no bookmark is known | [`Error::EventsMissed`] once the subscription is restored, so that the caller can read the current state |
///
/// The same holds for a subscription that expired or that the server has forgotten. Every error except
/// `EventsMissed` ends the stream.
///
/// ```
/// # wsman::doc_examples::run(async |session, simulator| {
/// # use wsman::{Error, Instance};
/// let mut events = session.subscribe("SELECT * FROM Demo_Tick").send_bookmarks().await?;
/// # simulator.emit(Instance::new("Demo_Tick").with("Number", 1u32))?;
/// while let Some(event) = events.next().await {
///     match event {
///         Ok(event) => println!("{:?} {:?}", event.instance, event.bookmark),
///         Err(Error::EventsMissed(_)) => println!("look at everything once more"),
///         Err(error) => return Err(error.into()),
///     }
///     # break;
/// }
/// # Ok(()) });
/// ```
#[must_use = "dropping a subscription ends it"]
pub struct Subscription {
    origin: Origin,
    answers: mpsc::Receiver<Handover>,
    events: VecDeque<Event>,
    is_over: bool,
    /// The deadline of the request.
    timer: Timer,
    progress: Arc<Progress>,
    driver: JoinHandle<Result<(), Error>>,
}

impl Subscription {
    /// Subscribes in a separate task, which reports the result. If the subscription is dropped earlier,
    /// the task waits for the answer of the server and unsubscribes.
    pub(super) fn start(
        runtime: &Handle,
        origin: Origin,
        call: Call,
        source: Source,
        timer: Timer,
    ) -> (Self, oneshot::Receiver<Result<(), Error>>) {
        let (caller, answers) = mpsc::channel(1);
        let (begun, has_begun) = oneshot::channel();
        let subscription = Self {
            origin,
            answers,
            events: VecDeque::new(),
            is_over: false,
            timer,
            progress: Arc::clone(call.progress()),
            driver: runtime.spawn(Driver::begin(call, source, caller, begun)),
        };
        (subscription, has_begun)
    }

    /// Returns why the task ended before it reported the result of subscribing.
    pub(super) async fn without_beginning(self) -> Error {
        let gone = "the runtime of the subscription was shut down";
        let ended = self.close().await.err();
        ended.unwrap_or_else(|| Error::Cancelled(Failure::new(gone)))
    }

    /// Waits for the next event; `None` after an error other than [`Error::EventsMissed`]. Dropping the
    /// future loses no event.
    ///
    /// # Errors
    /// [`Error::EventsMissed`], after which the stream continues. Any other error ends it: the server
    /// refuses the subscription or is unreachable.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Unsubscribes and waits for the answer of the server (DSP0226 10.4). Pending events are dropped.
    ///
    /// # Errors
    /// Those of the message: the server then keeps the subscription until it expires.
    /// [`Error::NotFound`] usually means that it has already expired.
    pub async fn close(mut self) -> Result<(), Error> {
        self.answers.close();
        let unsubscribed = self.driver.await;
        unsubscribed
            .unwrap_or_else(|error| Err(without_end(error)))
            .map_err(|error| {
                self.origin
                    .during(OperationKind::Unsubscribe)
                    .explain(error)
            })
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        if !self.is_over && self.timer.poll(context).is_ready() {
            self.is_over = true;
            self.events.clear();
            // The task then unsubscribes.
            self.answers.close();
            return Poll::Ready(Some(Err(self.origin.explain(self.progress.late()))));
        }
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            match ready!(self.answers.poll_recv(context)) {
                Some(Ok(events)) => self.events = events.into(),
                Some(Err(error)) => {
                    self.is_over = !matches!(error, Error::EventsMissed(_));
                    return Poll::Ready(Some(Err(self.origin.explain(error))));
                }
                None => {
                    let ended = ready!(Pin::new(&mut self.driver).poll(context));
                    self.is_over = true;
                    let error = ended.err().map(without_end);
                    return Poll::Ready(error.map(|error| Err(self.origin.explain(error))));
                }
            }
        }
    }
}

/// Makes the error of a task that ended because its runtime was shut down; resumes its panic.
fn without_end(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Cancelled(Failure::new(
            "the runtime of the subscription was shut down",
        )),
    }
}

impl Stream for Subscription {
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(context)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.events.len())
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
