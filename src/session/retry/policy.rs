//! The policy of retries, a value that the caller sets.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::error::{Error, Failure, TimeoutKind};
use crate::protocol::FaultSubcode;
use crate::transport::TransportErrorKind;

/// How often a message that failed is sent again, and after which pause.
///
/// A read is sent again after any error of [`when`](Self::when), because it changes nothing. A write is
/// sent again only if no byte of it was sent ([`Delivery::NotSent`](crate::Delivery::NotSent)); so is a
/// Pull, because the server may have moved past its rows, and an operation with callbacks. A write of
/// unknown delivery is never sent again: see [`Session::reconcile`](crate::Session::reconcile).
///
/// | setting | default |
/// |---|---|
/// | [`new`](Self::new) | the number of attempts, from 1 to 100 |
/// | [`backoff`](Self::backoff) | from 200 ms to 10 s |
/// | [`budget`](Self::budget) | 1 minute |
/// | [`ignore_retry_after`](Self::ignore_retry_after) | a pause is at least the server's `Retry-After` |
/// | [`when`](Self::when) | [`is_transient`](Self::is_transient) |
///
/// Each message of an operation has its own attempts. A [`deadline`](crate::Request::deadline) limits all
/// of them: no attempt starts after it. The event `retry` traces each retry
/// (`docs/tracing.md`), and [`Error::attempts`] says how often the message was sent. A subscription has
/// its own back-off, [`patience`](crate::Request::patience). Without a tokio runtime nothing is sent again.
///
/// ```
/// # wsman::doc_examples::run(async |session, simulator| {
/// use wsman::retry::RetryPolicy;
/// use wsman::simulator::{Knob, RawAnswer};
/// # use std::time::Duration;
/// let policy = RetryPolicy::new(3).backoff(Duration::from_millis(10), Duration::from_secs(1));
/// simulator.next(Knob::DropAnswer);
/// session.get_instance(r#"Win32_Share.Name="public""#).retry(policy).await?;
///
/// for _ in 0..3 {
///     simulator.next(Knob::Answer(RawAnswer::new(503)));
/// }
/// let failed = session.get_instance(r#"Win32_Share.Name="public""#).retry(policy).await;
/// assert_eq!(failed.unwrap_err().attempts(), 3);
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(super) attempts: u32,
    pub(super) first: Duration,
    pub(super) longest: Duration,
    pub(super) budget: Duration,
    pub(super) honours_retry_after: bool,
    pub(super) is_retried: fn(&Error) -> bool,
}

const ATTEMPTS: RangeInclusive<u32> = 1..=100;
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
const LONGEST_BUDGET: Duration = Duration::from_secs(24 * 60 * 60);

impl RetryPolicy {
    /// Sends a message at most so many times: from 1, which is no retry, to 100. Any other number fails
    /// the request, or the building of the session, before anything is sent.
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            first: Duration::from_millis(200),
            longest: Duration::from_secs(10),
            budget: Duration::from_secs(60),
            honours_retry_after: true,
            is_retried: Self::is_transient,
        }
    }

    /// Retries nothing: for a request of a session that retries.
    pub const fn never() -> Self {
        Self::new(1)
    }

    /// Sets the pauses between attempts: the first, and the longest, to which they double. Each is
    /// shortened at random by up to half, so that many clients do not retry at the same moment.
    ///
    /// The first is at least a millisecond and at most the longest, which is at most an hour.
    pub const fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// Sets how long after the first attempt the last one may start, at most a day. An attempt whose
    /// pause would end later is not made, also if the server asked for that pause.
    pub const fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Pauses as long as the back-off says, even if the server or a gateway asks for more
    /// ([`Error::retry_after`]).
    pub const fn ignore_retry_after(mut self) -> Self {
        self.honours_retry_after = false;
        self
    }

    /// Sets which errors are retried, of those that may be. Defaults to
    /// [`is_transient`](Self::is_transient).
    ///
    /// ```
    /// use wsman::Error;
    /// use wsman::retry::RetryPolicy;
    /// let only_connections = RetryPolicy::new(5).when(|error| error.connect_problem().is_some());
    /// let all_but_timeouts = RetryPolicy::new(5)
    ///     .when(|error| RetryPolicy::is_transient(error) && !error.is_timeout());
    /// # let _ = (only_connections, all_but_timeouts);
    /// ```
    pub const fn when(mut self, is_retried: fn(&Error) -> bool) -> Self {
        self.is_retried = is_retried;
        self
    }

    /// Returns whether an error can be gone a moment later: no connection, a lost answer, a time limit of
    /// a message, a server or gateway that is busy or restarts (a quota, no memory, HTTP 408, 429, 500,
    /// 502, 503 and 504). A refused login, certificate or argument is none of them.
    pub fn is_transient(error: &Error) -> bool {
        match error {
            Error::Transport(_) => match error.transport_kind() {
                Some(kind) => matches!(
                    kind,
                    TransportErrorKind::Connect(_) | TransportErrorKind::Interrupted
                ),
                None => is_transient_status(error),
            },
            Error::Timeout(_) => error.timeout_kind() != Some(TimeoutKind::Deadline),
            Error::ShuttingDown(_) | Error::OutOfMemory(_) => true,
            // A message that is too large stays so.
            Error::ServerLimits(_) => error
                .fault()
                .is_some_and(|fault| fault.subcode != Some(FaultSubcode::EncodingLimit)),
            Error::Decode(_) => is_transient_status(error),
            _ => false,
        }
    }

    /// Returns what is invalid about the policy.
    pub(in crate::session) fn check(&self) -> Result<(), Failure> {
        let refused = |text: String| Err(Failure::new(format!("invalid RetryPolicy: {text}")));
        if !ATTEMPTS.contains(&self.attempts) {
            return refused(format!(
                "{} attempts; expected 1 to 100 in RetryPolicy::new",
                self.attempts
            ));
        }
        if self.first < SHORTEST_PAUSE || self.first > self.longest || self.longest > LONGEST_PAUSE
        {
            return refused(format!(
                "pauses from {:?} to {:?}; RetryPolicy::backoff expects a first of at least 1 ms, and a longest \
                 from the first to 1 hour",
                self.first, self.longest
            ));
        }
        if self.budget.is_zero() || self.budget > LONGEST_BUDGET {
            return refused(format!(
                "a budget of {:?}; RetryPolicy::budget expects more than zero and at most a day",
                self.budget
            ));
        }
        Ok(())
    }
}

fn is_transient_status(error: &Error) -> bool {
    matches!(error.http_status(), Some(408 | 429 | 500 | 502 | 503 | 504))
}
