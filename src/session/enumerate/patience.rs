//! Waits for a server that has no rows yet.

use std::time::Duration;

use crate::error::{Error, Failure};
use crate::session::backoff::Backoff;
use crate::transport::Delivery;

/// Counts the answers without a row, up to a limit.
pub(super) struct Patience {
    left: u32,
    backoff: Backoff,
}

/// The limit, which a server that answers at once reaches after some twelve seconds.
const ROUNDS: u32 = 128;
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Default for Patience {
    fn default() -> Self {
        Self {
            left: ROUNDS,
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }
}

impl Patience {
    /// Waits before the next Pull.
    pub(super) async fn wait(&mut self, error: Option<Error>) -> Result<(), Error> {
        if self.left == 0 {
            return Err(error.unwrap_or_else(|| {
                let text = format!("the server sent {ROUNDS} pages without a row or an end");
                Error::Timeout(Failure::new(text).delivery(Delivery::Answered)).of_read()
            }));
        }
        self.left -= 1;
        tokio::time::sleep(self.backoff.next()).await;
        Ok(())
    }
}
