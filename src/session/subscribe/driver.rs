//! The task behind a subscription.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::Event;
use super::lifetime::SHORTEST_RENEWAL;
use super::outage::{Loss, Outage, Pace, events_missed, is_silence};
use super::resume::{Resume, fixed_bookmark};
use super::source::{Registration, Source};
use crate::error::{Error, Failure};
use crate::protocol::EventPage;
use crate::session::call::Call;
use crate::transport::Delivery;

/// One message to the caller: the events of an answer, or an error.
pub(super) type Handover = Result<Vec<Event>, Error>;

/// One subscription, from the first Pull to the Unsubscribe.
pub(super) struct Driver {
    source: Source,
    /// `None` if the server has forgotten it.
    registration: Option<Registration>,
    /// When the subscription was made.
    subscribed: Instant,
    /// Where a new subscription would resume.
    resume: Resume,
    can_renew: bool,
    /// Whether a Subscribe is in flight, which must not be aborted.
    subscribing: Arc<AtomicBool>,
    /// Whether a message about the subscription is in flight; at the end, whether one was aborted.
    is_asking: bool,
    outage: Option<Outage>,
    pace: Pace,
    caller: mpsc::Sender<Handover>,
}

/// The time limit of the Pull that tests whether the server is reachable again.
const PROBE: Duration = Duration::from_secs(1);

impl Driver {
    /// Subscribes in the call of the caller, reports the result, and delivers events until the end.
    ///
    /// A Subscribe in flight is not aborted, because only its answer names the subscription to end. The
    /// caller does not wait for that answer.
    pub(super) async fn begin(
        mut call: Call,
        source: Source,
        caller: mpsc::Sender<Handover>,
        begun: oneshot::Sender<Result<(), Error>>,
    ) -> Result<(), Error> {
        let progress = Arc::clone(call.progress());
        let cleanup = progress.cleanup();
        let subscribed = {
            let mut subscribing = pin!(source.subscribe(&mut call, source.terms.bookmark.as_ref()));
            tokio::select! {
                biased;
                () = caller.closed() => {
                    progress.stop();
                    subscribing.await
                }
                subscribed = &mut subscribing => subscribed,
            }
        };
        // The callbacks of the operation end with its call.
        drop(call);
        match subscribed {
            Ok(registration) => {
                let cleanup = begun.send(Ok(())).is_err().then_some(cleanup);
                // Boxed, so that the task does not hold its state twice.
                let ended = Box::pin(Self::new(source, registration, caller).run()).await;
                drop(cleanup);
                ended
            }
            Err(error) => {
                // The caller may have stopped, and then needs no report.
                let _told = begun.send(Err(error));
                Ok(())
            }
        }
    }

    fn new(source: Source, registration: Registration, caller: mpsc::Sender<Handover>) -> Self {
        let mut resume = Resume::new(source.terms.bookmark.clone());
        resume.begun();
        Self {
            resume,
            pace: Pace::new(source.terms.max_latency),
            source,
            registration: Some(registration),
            subscribed: Instant::now(),
            can_renew: true,
            subscribing: Arc::default(),
            is_asking: false,
            outage: None,
            caller,
        }
    }

    /// Delivers events until the caller stops or an error ends the subscription; then unsubscribes and
    /// returns the result of that.
    async fn run(mut self) -> Result<(), Error> {
        let caller = self.caller.clone();
        let subscribing = Arc::clone(&self.subscribing);
        let end = {
            let mut delivering = pin!(self.deliver());
            tokio::select! {
                biased;
                () = caller.closed() => {
                    until_cleared(delivering, &subscribing).await;
                    None
                }
                end = &mut delivering => Some(end),
            }
        };
        if let Some(end) = end {
            // The caller may have stopped, and then needs no report.
            let _told = caller.send(Err(end)).await;
        }
        match &self.registration {
            Some(registration) => self.source.unsubscribe(registration, self.is_asking).await,
            None => Ok(()),
        }
    }

    /// Delivers events until an error ends the subscription, and returns that error.
    async fn deliver(&mut self) -> Error {
        loop {
            if let Err(end) = self.turn().await {
                return end;
            }
        }
    }

    /// Sends one Pull, and renews or restores the subscription before it if needed. An error ends the
    /// subscription.
    async fn turn(&mut self) -> Result<(), Error> {
        self.room().await?;
        self.recover().await?;
        self.keep().await?;
        let Some(registration) = &self.registration else {
            return Ok(());
        };
        let asked = Instant::now();
        let limit = self.outage.is_some().then_some(PROBE);
        self.is_asking = true;
        let pulled = self.source.pull(registration, limit).await;
        self.is_asking = false;
        match pulled {
            Ok(page) => self.take(page, asked).await,
            Err(error) if is_silence(&error) => self.take(EventPage::default(), asked).await,
            Err(error) => match Loss::of(&error) {
                Some(loss) => self.lose(loss, error),
                None => Err(error),
            },
        }
    }

    /// Waits until the caller has room for an answer, and renews the subscription meanwhile.
    async fn room(&mut self) -> Result<(), Error> {
        loop {
            let due = self.due();
            tokio::select! {
                biased;
                // Only this task sends, so room that is there stays there.
                _room = self.caller.reserve() => return Ok(()),
                () = at(due) => {}
            }
            self.keep().await?;
        }
    }

    /// Returns when to renew the subscription.
    fn due(&self) -> Option<Instant> {
        let lifetime = self.registration.as_ref()?.lifetime?;
        Some(lifetime.due)
    }

    /// Takes an answer: delivers its events, or pauses if it has none.
    async fn take(&mut self, page: EventPage, asked: Instant) -> Result<(), Error> {
        if let Some(registration) = &mut self.registration {
            registration.go_on_with(page.context);
        }
        let is_over = page.ended.is_some() && page.events.is_empty();
        if !is_over && let Some(missed) = self.outage.take().and_then(|outage| outage.missed) {
            self.hand_over(Err(events_missed(missed))).await?;
        }
        let learnt = self.resume.learn(page.bookmark, &page.events);
        if learnt.missed {
            self.hand_over(Err(events_missed(fixed_bookmark()))).await?;
        }
        if !page.events.is_empty() {
            self.pace.quicken();
            self.hand_over(Ok(Event::of_page(page.events, learnt.bookmark)))
                .await?;
        } else if page.ended.is_none() {
            self.pace.rest(asked, self.due()).await;
        }
        match page.ended {
            Some(why) => self.lose(Loss::Subscription, ended(&why)),
            None => Ok(()),
        }
    }

    async fn hand_over(&mut self, handover: Handover) -> Result<(), Error> {
        self.room().await?;
        // If the caller has stopped, `run` notices it as well.
        let _taken = self.caller.send(handover).await;
        Ok(())
    }

    /// Records what was lost, and whether a new subscription is needed; returns the error if it ends the
    /// subscription.
    fn lose(&mut self, loss: Loss, error: Error) -> Result<(), Error> {
        let outage = self.outage.get_or_insert_with(Outage::new);
        if outage.is_over(loss, self.source.terms.patience) {
            return Err(error);
        }
        let has_bookmark = self.resume.place().is_some();
        match loss {
            Loss::Nothing => return Ok(()),
            Loss::Answer => outage.subscribe |= has_bookmark,
            Loss::Subscription => {
                outage.subscribe = true;
                self.registration = None;
            }
        }
        if !has_bookmark {
            outage.missed.get_or_insert(error);
        }
        Ok(())
    }

    /// Recovers from a loss: pauses, and subscribes again if needed.
    async fn recover(&mut self) -> Result<(), Error> {
        let Some(outage) = &mut self.outage else {
            return Ok(());
        };
        outage.pause().await;
        if !outage.subscribe {
            return Ok(());
        }
        sleep_until(self.subscribed + SHORTEST_RENEWAL).await;
        self.subscribing.store(true, Ordering::Relaxed);
        let subscribed = self.subscribe_again().await;
        self.subscribing.store(false, Ordering::Relaxed);
        match subscribed {
            Ok(missed) => match missed {
                Some(cause) => self.hand_over(Err(events_missed(cause))).await,
                None => Ok(()),
            },
            Err(error) => match Loss::of(&error) {
                Some(Loss::Nothing | Loss::Answer) => self.lose(Loss::Nothing, error),
                Some(Loss::Subscription) | None => Err(error),
            },
        }
    }

    /// Makes a new subscription after the old one was lost; returns why events may have been missed, if so.
    async fn subscribe_again(&mut self) -> Result<Option<Error>, Error> {
        let from = self.resume.from().cloned();
        let mut result = self.source.subscribe_again(from.as_ref()).await;
        if let (Err(refused), Some(_)) = (&result, &from)
            && Loss::of(refused) == Some(Loss::Subscription)
        {
            // The server rejects the bookmark, so the events after it may be lost.
            self.resume.forget();
            if let Some(outage) = &mut self.outage {
                outage.missed = result.err();
            }
            result = self.source.subscribe_again(None).await;
        }
        let new = result?;
        let missed = self.outage.as_mut().and_then(Outage::subscribed);
        self.replace(new).await;
        Ok(missed)
    }

    /// Renews the subscription if it is due. If the server cannot renew, a new one resumes from the last
    /// bookmark. Without a bookmark it expires, which the next Pull detects.
    async fn keep(&mut self) -> Result<(), Error> {
        let Some(registration) = self.registration.as_mut().filter(|known| known.is_due()) else {
            return Ok(());
        };
        if self.can_renew {
            self.is_asking = true;
            let renewed = self.source.renew(registration).await;
            self.is_asking = false;
            match renewed {
                Ok(lifetime) => registration.lifetime = lifetime,
                Err(Error::NotSupported(_)) => self.can_renew = false,
                Err(error) => {
                    registration.lifetime = registration.lifetime.map(|known| known.postponed());
                    return match Loss::of(&error) {
                        Some(Loss::Subscription) => self.lose(Loss::Subscription, error),
                        // The answer to a Renew contains no event.
                        Some(Loss::Nothing | Loss::Answer) => self.lose(Loss::Nothing, error),
                        None => Err(error),
                    };
                }
            }
        }
        if !self.can_renew {
            self.subscribing.store(true, Ordering::Relaxed);
            self.renew_by_bookmark().await;
            self.subscribing.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn renew_by_bookmark(&mut self) {
        let new = match self.resume.place() {
            Some(bookmark) => self.source.subscribe_again(Some(bookmark)).await.ok(),
            None => None,
        };
        match (new, &mut self.registration) {
            (Some(new), _) => self.replace(new).await,
            (None, Some(registration)) => registration.lifetime = None,
            (None, None) => {}
        }
    }

    /// Replaces the subscription by a new one, and ends the old one on the server.
    async fn replace(&mut self, new: Registration) {
        self.resume.begun();
        self.subscribed = Instant::now();
        if let Some(old) = self.registration.replace(new) {
            // It expires by itself if this message is lost. The server may still hold a Pull whose
            // answer the client no longer waits for.
            let _kept = self.source.unsubscribe(&old, self.outage.is_some()).await;
        }
    }
}

/// Polls the work until the flag is cleared or the work is done.
async fn until_cleared<F: Future>(mut work: Pin<&mut F>, flag: &AtomicBool) {
    poll_fn(|context| {
        if !flag.load(Ordering::Relaxed) || work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        if flag.load(Ordering::Relaxed) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Waits until the given time, or forever without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Makes the error of a subscription that the server ended.
fn ended(why: &str) -> Error {
    let text = ["the server ended the subscription: ", why].concat();
    Error::Fault(Failure::new(text).delivery(Delivery::Answered))
}
