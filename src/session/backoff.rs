//! Exponential back-off.

use std::time::Duration;

use uuid::Uuid;

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

    /// Returns the next pause, shortened at random by up to half, so that many clients do not return at
    /// the same moment.
    pub(super) fn next_jittered(&mut self) -> Duration {
        let pause = self.next();
        let (_, random) = Uuid::new_v4().as_u64_pair();
        // The upper bits of that half are the variant of the UUID.
        let share = u32::try_from(random & 0xFFFF).unwrap_or_default();
        pause - pause * share / (2 * 0x1_0000)
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
        let jittered = |_| Backoff::new(ms(100), ms(100)).next_jittered();
        let jittered: Vec<_> = (0..100).map(jittered).collect();
        let in_range = |pause: &Duration| (ms(50)..=ms(100)).contains(pause);
        assert!(jittered.iter().all(in_range), "{jittered:?}");
        let spread = jittered
            .iter()
            .max()
            .unwrap()
            .abs_diff(*jittered.iter().min().unwrap());
        assert!(spread > ms(20), "{jittered:?}");
        let mut endless = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!([endless.next(), endless.next()], [LONGEST; 2]);
    }
}
