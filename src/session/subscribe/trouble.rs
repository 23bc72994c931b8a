//! Classifies the errors of a subscription, and paces its retries.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Failure};
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
    tries: u32,
    /// Whether a new subscription is needed.
    pub(super) subscribe: bool,
    /// Whether a new subscription was made and has not been answered since.
    subscribed: bool,
    /// Why events may have been missed, until it is reported to the caller.
    pub(super) missed: Option<Error>,
}

/// The first and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

impl Outage {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            tries: 0,
            subscribe: false,
            subscribed: false,
            missed: None,
        }
    }

    /// Waits before the next attempt: not before the first, then with a growing pause.
    pub(super) async fn pause(&mut self) {
        let (first, longest) = PAUSES;
        if self.tries > 0 {
            let pause = first.saturating_mul(1 << (self.tries - 1).min(16));
            tokio::time::sleep(pause.min(longest)).await;
        }
        self.tries += 1;
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
    pause: Duration,
    longest: Duration,
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause in calculations, so that no clock overflows.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Pace {
    pub(super) fn new(longest: Duration) -> Self {
        let longest = longest.min(LONGEST_PAUSE);
        let pause = FIRST_PAUSE.min(longest);
        Self { pause, longest }
    }

    /// Resets the pause after an event, because more may follow.
    pub(super) fn quicken(&mut self) {
        self.pause = FIRST_PAUSE.min(self.longest);
    }

    /// Waits after an answer without events to a Pull sent at `asked`. The pause counts from then, so that
    /// a server that held the Pull receives the next one at once. It ends early if a renewal is due.
    pub(super) async fn rest(&mut self, asked: Instant, due: Option<Instant>) {
        let end = asked + self.pause;
        tokio::time::sleep_until(due.map_or(end, |due| due.min(end))).await;
        self.pause = (self.pause * 2).min(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Fault;

    fn fault(subcode: &str) -> Error {
        Error::from(Box::new(Fault {
            subcode: Some(subcode.to_owned()),
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
        assert_eq!(pace.pause, LONGEST_PAUSE);
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
    async fn a_trouble_ends() {
        let mut trouble = Outage::new();
        let patience = Duration::from_secs(60);
        assert!(!trouble.is_over(Loss::Subscription, patience));
        trouble.subscribed();
        assert!(trouble.is_over(Loss::Subscription, patience), "lost twice");
        assert!(!trouble.is_over(Loss::Answer, patience));
        while !trouble.is_over(Loss::Nothing, patience) {
            trouble.pause().await;
        }
        assert!(trouble.tries < 20, "{trouble:?}");
    }
}
