//! Exponential back-off.

use std::time::Duration;

/// The pauses between attempts: each twice as long as the last, up to a longest one.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    next: Duration,
    longest: Duration,
}

/// The longest pause in calculations, so that no clock overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Backoff {
    /// Creates the sequence from `first` to `longest`, which limits the first pause too.
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        let longest = longest.min(LONGEST);
        let first = first.min(longest);
        Self {
            first,
            next: first,
            longest,
        }
    }

    /// Returns the next pause.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }

    /// Starts again with the first pause.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(50), ms(150));
        let mut pauses = || [backoff.next(), backoff.next(), backoff.next()];
        assert_eq!(pauses(), [ms(50), ms(100), ms(150)]);
        assert_eq!(pauses(), [ms(150); 3]);
        backoff.reset();
        assert_eq!(backoff.next(), ms(50));
        assert_eq!(Backoff::new(ms(50), ms(10)).next(), ms(10));
        let mut endless = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!([endless.next(), endless.next()], [LONGEST; 2]);
    }
}
