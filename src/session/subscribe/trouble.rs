//! What goes wrong with a subscription, and what it costs.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Failure};
use crate::transport::Delivery;

/// What is lost with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nothing: the message did not leave, or the server had no time for it.
    Nothing,
    /// An answer, and the events that may have been in it.
    Answer,
    /// The subscription: the server does not know it any more.
    Subscription,
}

impl Loss {
    /// What the error of a Pull means; `None` if it is no use to try again.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Transport(_) | Error::Timeout(_) if error.delivery() == Delivery::NotSent => {
                Some(Loss::Nothing)
            }
            // A gateway may say so of a server that had begun to answer.
            Error::ShuttingDown(_) if error.delivery() == Delivery::Unknown => Some(Loss::Answer),
            Error::ShuttingDown(_) | Error::OutOfMemory(_) => Some(Loss::Nothing),
            // A page that was too large is dropped by some servers.
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

/// Whether the error of a Pull says only that nothing happened.
pub(super) fn is_silence(error: &Error) -> bool {
    error.is_timeout() && error.fault().is_some()
}

/// The time from the first thing that went wrong until an answer comes through again.
#[derive(Debug)]
pub(super) struct Trouble {
    since: Instant,
    tries: u32,
    /// The subscription is to be made anew.
    pub(super) subscribe: bool,
    /// It was, and there was no answer since.
    subscribed: bool,
    /// Why events may have been missed, as long as the caller was not told.
    pub(super) missed: Option<Error>,
}

/// The first pause between two tries, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

impl Trouble {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            tries: 0,
            subscribe: false,
            subscribed: false,
            missed: None,
        }
    }

    /// Waits before another try: not at all before the first, then longer and longer.
    pub(super) async fn pause(&mut self) {
        let (first, longest) = PAUSES;
        if self.tries > 0 {
            let pause = first.saturating_mul(1 << (self.tries - 1).min(16));
            tokio::time::sleep(pause.min(longest)).await;
        }
        self.tries += 1;
    }

    /// Whether there is no use in going on: it took too long, or a subscription that was just made
    /// is gone again.
    pub(super) fn is_over(&self, loss: Loss, patience: Duration) -> bool {
        self.since.elapsed() > patience || (loss == Loss::Subscription && self.subscribed)
    }

    /// There is a new subscription; why events may have been missed, if they may.
    pub(super) fn subscribed(&mut self) -> Option<Error> {
        self.subscribe = false;
        self.subscribed = true;
        self.missed.take()
    }
}

/// The notice that events may have been missed.
pub(super) fn events_missed(cause: Error) -> Error {
    let text = "events may have been missed; the subscription goes on";
    Error::EventsMissed(Failure::new(text))
        .after(cause)
        .of_read()
}

/// How long to wait before asking a server again that had nothing to say.
#[derive(Debug)]
pub(super) struct Pace {
    pause: Duration,
    longest: Duration,
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause that is counted with, so that no clock overflows.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Pace {
    pub(super) fn new(longest: Duration) -> Self {
        let longest = longest.min(LONGEST_PAUSE);
        let pause = FIRST_PAUSE.min(longest);
        Self { pause, longest }
    }

    /// There was an event: more may follow.
    pub(super) fn quicken(&mut self) {
        self.pause = FIRST_PAUSE.min(self.longest);
    }

    /// Waits after an answer without events to a question asked at `asked`: no longer than a pause
    /// from then on, so that a server that holds its answer back is asked again at once; and not beyond
    /// what is due.
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
    fn what_an_error_costs() {
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
            "a server that waited is asked at once"
        );
        pace.quicken();
        let asked = Instant::now();
        pace.rest(asked, None).await;
        assert_eq!(asked.elapsed().as_millis(), 50);
        pace.rest(asked, Some(asked)).await;
        assert_eq!(
            asked.elapsed().as_millis(),
            50,
            "what is due is not waited for"
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
    fn missed_events_were_not_done() {
        let sent = Failure::new("").delivery(Delivery::Unknown);
        let missed = events_missed(Error::Transport(sent));
        assert_eq!(missed.delivery(), Delivery::Unknown);
        assert_eq!(
            missed.to_string(),
            "events missed: events may have been missed; the subscription goes on"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_trouble_ends() {
        let mut trouble = Trouble::new();
        let patience = Duration::from_secs(60);
        assert!(!trouble.is_over(Loss::Subscription, patience));
        trouble.subscribed();
        assert!(trouble.is_over(Loss::Subscription, patience), "gone twice");
        assert!(!trouble.is_over(Loss::Answer, patience));
        while !trouble.is_over(Loss::Nothing, patience) {
            trouble.pause().await;
        }
        assert!(trouble.tries < 20, "{trouble:?}");
    }
}
