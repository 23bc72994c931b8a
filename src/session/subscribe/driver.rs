//! The task behind a subscription.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::source::{Registration, Source};
use super::trouble::{Loss, Pace, Trouble, events_missed, is_silence};
use super::{Bookmark, Event};
use crate::error::{Error, Failure};
use crate::protocol::EventPage;
use crate::transport::Delivery;

/// What is handed to the caller at a time: the events of an answer, or what went wrong.
pub(super) type Handover = Result<Vec<Event>, Error>;

/// One subscription, from the first Pull to the Unsubscribe.
pub(super) struct Driver {
    source: Source,
    /// `None` if the server has forgotten it.
    registration: Option<Registration>,
    /// Where a new subscription would go on without missing anything.
    resume_from: Option<Bookmark>,
    can_renew: bool,
    trouble: Option<Trouble>,
    pace: Pace,
    caller: mpsc::Sender<Handover>,
}

/// How long a Pull is held that is to show whether the server is there again.
const PROBE: Duration = Duration::from_secs(1);

impl Driver {
    pub(super) fn new(
        source: Source,
        registration: Registration,
        caller: mpsc::Sender<Handover>,
    ) -> Self {
        Self {
            resume_from: source.terms.bookmark.clone(),
            pace: Pace::new(source.terms.max_latency),
            source,
            registration: Some(registration),
            can_renew: true,
            trouble: None,
            caller,
        }
    }

    /// Hands over events until nobody wants them, or there is no going on; then unsubscribes, and
    /// gives what came of that.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        let caller = self.caller.clone();
        let end = tokio::select! {
            biased;
            () = caller.closed() => None,
            end = self.deliver() => Some(end),
        };
        if let Some(end) = end {
            // Nobody is left to be told if this fails.
            let _told = caller.send(Err(end)).await;
        }
        match &self.registration {
            Some(registration) => self.source.unsubscribe(registration).await,
            None => Ok(()),
        }
    }

    /// Why it ended.
    async fn deliver(&mut self) -> Error {
        loop {
            if let Err(end) = self.turn().await {
                return end;
            }
        }
    }

    /// One Pull, and what has to be done before and after. An error ends the subscription.
    async fn turn(&mut self) -> Result<(), Error> {
        self.room().await?;
        self.recover().await?;
        self.keep().await?;
        let Some(registration) = &self.registration else {
            return Ok(());
        };
        let asked = Instant::now();
        let limit = self.trouble.is_some().then_some(PROBE);
        match self.source.pull(registration, limit).await {
            Ok(page) => self.take(page, asked).await,
            Err(error) if is_silence(&error) => self.take(EventPage::default(), asked).await,
            Err(error) => match Loss::of(&error) {
                Some(loss) => self.lose(loss, error),
                None => Err(error),
            },
        }
    }

    /// Waits until the caller has room for an answer, and keeps the subscription meanwhile.
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

    /// When the subscription is to be renewed.
    fn due(&self) -> Option<Instant> {
        let lifetime = self.registration.as_ref()?.lifetime?;
        Some(lifetime.due)
    }

    /// Takes an answer: hands its events over, or waits a little if there are none.
    async fn take(&mut self, page: EventPage, asked: Instant) -> Result<(), Error> {
        if let Some(registration) = &mut self.registration {
            registration.go_on_with(page.context);
        }
        let is_over = page.ended.is_some() && page.events.is_empty();
        if !is_over && let Some(missed) = self.trouble.take().and_then(|trouble| trouble.missed) {
            self.hand_over(Err(events_missed(missed))).await?;
        }
        let bookmark = page.bookmark.map(Bookmark::from);
        if bookmark.is_some() || !page.events.is_empty() {
            self.resume_from.clone_from(&bookmark);
        }
        if !page.events.is_empty() {
            self.pace.quicken();
            self.hand_over(Ok(Event::of_page(page.events, bookmark)))
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
        // If nobody is there any more, `run` knows as well.
        let _taken = self.caller.send(handover).await;
        Ok(())
    }

    /// Notes what was lost, and whether a new subscription is needed; the error again if there is no
    /// going on.
    fn lose(&mut self, loss: Loss, error: Error) -> Result<(), Error> {
        let trouble = self.trouble.get_or_insert_with(Trouble::new);
        if trouble.is_over(loss, self.source.terms.patience) {
            return Err(error);
        }
        let has_bookmark = self.resume_from.is_some();
        match loss {
            Loss::Nothing => return Ok(()),
            Loss::Answer => trouble.subscribe |= has_bookmark,
            Loss::Subscription => {
                trouble.subscribe = true;
                self.registration = None;
            }
        }
        if !has_bookmark {
            trouble.missed.get_or_insert(error);
        }
        Ok(())
    }

    /// After something was lost: waits, and subscribes anew if that is needed.
    async fn recover(&mut self) -> Result<(), Error> {
        let Some(trouble) = &mut self.trouble else {
            return Ok(());
        };
        trouble.pause().await;
        if !trouble.subscribe {
            return Ok(());
        }
        let mut result = self.source.subscribe_again(self.resume_from.as_ref()).await;
        if let (Err(refused), Some(_)) = (&result, &self.resume_from)
            && Loss::of(refused) == Some(Loss::Subscription)
        {
            // The server does not take the bookmark: what it stood for is lost.
            self.resume_from = None;
            trouble.missed = result.err();
            result = self.source.subscribe_again(None).await;
        }
        match result {
            Ok(new) => {
                let missed = trouble.subscribed();
                self.replace(new).await;
                match missed {
                    Some(cause) => self.hand_over(Err(events_missed(cause))).await,
                    None => Ok(()),
                }
            }
            Err(error) => match Loss::of(&error) {
                Some(Loss::Nothing | Loss::Answer) => self.lose(Loss::Nothing, error),
                Some(Loss::Subscription) | None => Err(error),
            },
        }
    }

    /// Renews the subscription if it is time. Where the server cannot, a new one goes on from the last
    /// bookmark; without a bookmark it is left to run out, which the next Pull finds out.
    async fn keep(&mut self) -> Result<(), Error> {
        let Some(registration) = self.registration.as_mut().filter(|known| known.is_due()) else {
            return Ok(());
        };
        if self.can_renew {
            match self.source.renew(registration).await {
                Ok(lifetime) => registration.lifetime = lifetime,
                Err(Error::NotSupported(_)) => self.can_renew = false,
                Err(error) => {
                    registration.lifetime = registration.lifetime.map(|known| known.postponed());
                    return match Loss::of(&error) {
                        Some(Loss::Subscription) => self.lose(Loss::Subscription, error),
                        // No event was in the answer to a Renew.
                        Some(Loss::Nothing | Loss::Answer) => self.lose(Loss::Nothing, error),
                        None => Err(error),
                    };
                }
            }
        }
        if !self.can_renew {
            self.renew_by_bookmark().await;
        }
        Ok(())
    }

    async fn renew_by_bookmark(&mut self) {
        let new = match &self.resume_from {
            Some(bookmark) => self.source.subscribe_again(Some(bookmark)).await.ok(),
            None => None,
        };
        match (new, &mut self.registration) {
            (Some(new), _) => self.replace(new).await,
            (None, Some(registration)) => registration.lifetime = None,
            (None, None) => {}
        }
    }

    /// Puts a new subscription in the place of the old one, which the server need not keep.
    async fn replace(&mut self, new: Registration) {
        if let Some(old) = self.registration.replace(new) {
            // It runs out by itself if this does not reach the server.
            let _kept = self.source.unsubscribe(&old).await;
        }
    }
}

/// Waits until then; for ever without a time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The server ended the subscription, and said why.
fn ended(why: &str) -> Error {
    let text = ["the server ended the subscription: ", why].concat();
    Error::Fault(Failure::new(text).delivery(Delivery::Answered))
}
