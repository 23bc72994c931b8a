//! The attempts of one message.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::RetryPolicy;
use crate::error::{Delivery, Error};
use crate::session::backoff::Backoff;

/// What the messages of an operation take from its policy.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct Retries {
    policy: RetryPolicy,
    /// The deadline of the operation.
    until: Option<Instant>,
}

/// The attempts of one message so far.
#[derive(Debug)]
pub(in crate::session) struct Attempts {
    policy: RetryPolicy,
    /// Whether the message may be sent again after an unknown delivery.
    is_read: bool,
    made: u32,
    backoff: Backoff,
    /// The moment after which no attempt starts.
    until: Option<Instant>,
    /// The worst delivery of the attempts that were retried.
    worst: Delivery,
}

impl Retries {
    /// Makes the retries of an operation with this deadline; `None` if its policy has no retry.
    pub(in crate::session) fn new(policy: RetryPolicy, until: Option<Instant>) -> Option<Self> {
        (policy.attempts > 1).then_some(Self { policy, until })
    }

    /// Begins the attempts of a message. Without a runtime no attempt could wait.
    pub(in crate::session) fn begin(self, is_read: bool) -> Option<Attempts> {
        Handle::try_current().ok()?;
        let policy = self.policy;
        let budget = Instant::now().checked_add(policy.budget);
        Some(Attempts {
            policy,
            is_read,
            made: 0,
            backoff: Backoff::new(policy.first, policy.longest),
            until: budget.into_iter().chain(self.until).min(),
            worst: Delivery::NotSent,
        })
    }
}

impl Attempts {
    /// Counts an attempt that failed. Returns the pause before the next one; `None` if it was the last.
    pub(in crate::session) fn next(&mut self, error: &Error) -> Option<Duration> {
        self.made += 1;
        let may_repeat = self.is_read || error.delivery() == Delivery::NotSent;
        if self.made >= self.policy.attempts || !may_repeat || !(self.policy.is_retried)(error) {
            return None;
        }
        let asked = error
            .retry_after()
            .filter(|_| self.policy.honours_retry_after);
        let pause = self.backoff.next_jittered().max(asked.unwrap_or_default());
        let starts = Instant::now().checked_add(pause)?;
        if self.until.is_some_and(|until| starts >= until) {
            return None;
        }
        self.worst = self.worst.max(error.delivery());
        Some(pause)
    }

    /// The number of attempts made.
    pub(in crate::session) fn made(&self) -> u32 {
        self.made
    }

    /// Adds the earlier attempts to the error of the last one.
    pub(in crate::session) fn explain(&self, error: Error) -> Error {
        error.at_least(self.worst).after_attempts(self.made)
    }
}
