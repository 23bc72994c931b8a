//! Runs attempts beside each other.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

/// Runs attempts until one succeeds. The next one starts beside the others after a pause, or at once
/// if one failed.
pub(super) async fn staggered<T, A>(attempts: Vec<A>, pause: Duration) -> Option<T>
where
    A: Future<Output = Option<T>>,
{
    let mut running: Vec<Pin<Box<A>>> = Vec::new();
    for attempt in attempts {
        running.push(Box::pin(attempt));
        // Without an answer in time, or after a failure, the next one starts.
        if let Ok(Some(answer)) = timeout(pause, first_of(&mut running)).await {
            return Some(answer);
        }
    }
    while !running.is_empty() {
        if let Some(answer) = first_of(&mut running).await {
            return Some(answer);
        }
    }
    None
}

/// Waits for the first attempt that ends, and removes it.
async fn first_of<T>(running: &mut Vec<Pin<Box<impl Future<Output = Option<T>>>>>) -> Option<T> {
    poll_fn(|context| {
        for position in 0..running.len() {
            let ended = match running.get_mut(position) {
                Some(attempt) => attempt.as_mut().poll(context),
                None => Poll::Pending,
            };
            if ended.is_ready() {
                drop(running.swap_remove(position));
                return ended;
            }
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::time::{Instant, sleep};

    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    /// Runs attempts that end after so many milliseconds, and returns the winner, the starts and the
    /// total in milliseconds.
    async fn run(attempts: &[(u64, Option<char>)]) -> (Option<char>, Vec<u128>, u128) {
        let began = Instant::now();
        let starts = RefCell::new(Vec::new());
        let attempt = |&(time, result): &(u64, Option<char>)| {
            let starts = &starts;
            async move {
                starts.borrow_mut().push(began.elapsed().as_millis());
                sleep(Duration::from_millis(time)).await;
                result
            }
        };
        let winner = staggered(attempts.iter().map(attempt).collect(), PAUSE).await;
        let total = began.elapsed().as_millis();
        (winner, starts.into_inner(), total)
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_attempt_starts_after_a_pause_or_a_failure() {
        const LONG: u64 = 60_000;
        let long = u128::from(LONG);
        for (attempts, winner, starts, total) in [
            (
                &[(10, Some('a')), (10, Some('b'))][..],
                Some('a'),
                &[0][..],
                10,
            ),
            (
                &[(LONG, None), (10, Some('b'))],
                Some('b'),
                &[0, 1000],
                1010,
            ),
            (&[(5, None), (10, Some('b'))], Some('b'), &[0, 5], 15),
            // A slow attempt wins against the next one.
            (
                &[(1500, Some('a')), (LONG, Some('b'))],
                Some('a'),
                &[0, 1000],
                1500,
            ),
            (&[(5, None), (LONG, None)], None, &[0, 5], long + 5),
            (&[], None, &[], 0),
        ] {
            let starts = starts.to_vec();
            assert_eq!(run(attempts).await, (winner, starts, total));
        }
    }
}
