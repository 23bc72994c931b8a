//! Classifies the errors of a subscription, and paces its retries.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Failure};
use crate::session::backoff::Backoff;
use crate::transport::Delivery;

/// The loss that an error causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nothing: the message was not sent, or the server was too busy for it.
    Nothing,
    /// An answer, with any events in it.
    Answer,
    /// The subscription, which the server has forgotten.
    Subscription,
}

impl Loss {
    /// Classifies the error of a Pull; `None` if a retry cannot succeed.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Transport(_) | Error::Timeout(_) if error.delivery() == Delivery::NotSent => {
                Some(Loss::Nothing)
            }
            // A gateway may send this after the server has begun to answer.
            Error::ShuttingDown(_) if error.delivery() == Delivery::Unknown => Some(Loss::Answer),
            Error::ShuttingDown(_) | Error::OutOfMemory(_) => Some(Loss::Nothing),
            // Some servers drop a page that was too large.
            Error::Transport(_) | Error::Timeout(_) | Error::Decode(_) | Error::ServerLimits(_) => {
                Some(Loss::Answer)
            }
            Error::Auth(_)
            | Error::AccessDenied(_)
            | Error::Cancelled(_)
            | Error::Config(_)
            | Error::NotSupported(_)
            | Error::Value(_) => None,
            _ => Some(Loss::Subscription),
        }
    }
}

/// Returns whether the error of a Pull means only that no event occurred.
pub(super) fn is_silence(error: &Error) -> bool {
    error.is_timeout() && error.fault().is_some()
}

/// The state from the first loss until the next answer.
#[derive(Debug)]
pub(super) struct Outage {
    since: Instant,
    backoff: Backoff,
    is_first: bool,
    /// Whether a new subscription is needed.
    pub(super) subscribe: bool,
    /// Whether a new subscription was made and has not been answered since.
    subscribed: bool,
    /// Why events may have been missed, until it is reported to the caller.
    pub(super) missed: Option<Error>,
}

/// The first and the longest pause between two attempts.
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LONGEST_RETRY: Duration = Duration::from_secs(10);

impl Outage {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            backoff: Backoff::new(FIRST_RETRY, LONGEST_RETRY),
            is_first: true,
            subscribe: false,
            subscribed: false,
            missed: None,
        }
    }

    /// Waits before the next attempt: not before the first, then with a growing pause.
    pub(super) async fn pause(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            tokio::time::sleep(self.backoff.next_jittered()).await;
        }
    }

    /// Returns whether to give up: the patience is exhausted, or a subscription that was just made is
    /// lost again.
    pub(super) fn is_over(&self, loss: Loss, patience: Duration) -> bool {
        self.since.elapsed() > patience || (loss == Loss::Subscription && self.subscribed)
    }

    /// Records a new subscription; returns why events may have been missed, if so.
    pub(super) fn subscribed(&mut self) -> Option<Error> {
        self.subscribe = false;
        self.subscribed = true;
        self.missed.take()
    }
}

/// Makes the error that reports missed events.
pub(super) fn events_missed(cause: Error) -> Error {
    let text = "the subscription continues; read the current state";
    Error::EventsMissed(Failure::new(text))
        .after(cause)
        .of_read()
}

/// The pause before the next Pull to a server that answered without an event.
#[derive(Debug)]
pub(super) struct Pace {
    backoff: Backoff,
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl Pace {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            backoff: Backoff::new(FIRST_PAUSE, longest),
        }
    }

    /// Resets the pause after an event, because more may follow.
    pub(super) fn quicken(&mut self) {
        self.backoff.reset();
    }

    /// Waits after an answer without events to a Pull sent at `asked`. The pause counts from then, so that
    /// a server that held the Pull receives the next one at once. It ends early if a renewal is due.
    pub(super) async fn rest(&mut self, asked: Instant, due: Option<Instant>) {
        let end = asked + self.backoff.next();
        tokio::time::sleep_until(due.map_or(end, |due| due.min(end))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Fault;

    fn fault(subcode: &str) -> Error {
        Error::from(Box::new(Fault {
            subcode: Some(subcode.into()),
            ..Fault::default()
        }))
    }

    #[test]
    fn classifies_the_loss_of_an_error() {
        let sent = |delivery| Failure::new("").delivery(delivery);
        let lost = Error::Transport(sent(Delivery::Unknown));
        assert_eq!(Loss::of(&lost), Some(Loss::Answer));
        let refused = Error::Transport(sent(Delivery::NotSent));
        assert_eq!(Loss::of(&refused), Some(Loss::Nothing));
        assert_eq!(Loss::of(&Error::Auth(sent(Delivery::Answered))), None);
        for gone in ["DestinationUnreachable", "InvalidEnumerationContext"] {
            assert_eq!(Loss::of(&fault(gone)), Some(Loss::Subscription), "{gone}");
        }
        assert!(is_silence(&fault("TimedOut")));
        assert!(!is_silence(&Error::Timeout(sent(Delivery::Unknown))));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_the_longest() {
        let mut pace = Pace::new(Duration::from_millis(150));
        let mut rests = Vec::new();
        for _ in 0..3 {
            let asked = Instant::now();
            pace.rest(asked, None).await;
            rests.push(asked.elapsed().as_millis());
        }
        assert_eq!(rests, [50, 100, 150]);
        let held = Instant::now();
        tokio::time::advance(Duration::from_secs(5)).await;
        pace.rest(held, None).await;
        assert_eq!(
            held.elapsed().as_secs(),
            5,
            "a server that held the Pull is asked at once"
        );
        pace.quicken();
        let asked = Instant::now();
        pace.rest(asked, None).await;
        assert_eq!(asked.elapsed().as_millis(), 50);
        pace.rest(asked, Some(asked)).await;
        assert_eq!(
            asked.elapsed().as_millis(),
            50,
            "the pause ends when a renewal is due"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_pause_overflows_no_clock() {
        let mut pace = Pace::new(Duration::MAX);
        for _ in 0..40 {
            pace.rest(Instant::now(), Some(Instant::now())).await;
        }
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        assert_eq!(pace.backoff.next(), year);
    }

    #[test]
    fn missed_events_do_not_look_like_a_write() {
        let sent = Failure::new("").delivery(Delivery::Unknown);
        let missed = events_missed(Error::Transport(sent));
        assert_eq!(missed.delivery(), Delivery::Unknown);
        assert_eq!(
            missed.to_string(),
            "events missed: the subscription continues; read the current state"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_ends() {
        let mut outage = Outage::new();
        let patience = Duration::from_secs(60);
        assert!(!outage.is_over(Loss::Subscription, patience));
        outage.subscribed();
        assert!(outage.is_over(Loss::Subscription, patience), "lost twice");
        assert!(!outage.is_over(Loss::Answer, patience));
        let mut tries = 0;
        while !outage.is_over(Loss::Nothing, patience) {
            outage.pause().await;
            tries += 1;
        }
        assert!(tries < 20, "{tries} attempts: {outage:?}");
    }
}
