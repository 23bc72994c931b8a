//! Waits for a server that has no rows yet.

use std::time::Duration;

use crate::error::{Error, Failure};
use crate::session::backoff::Backoff;
use crate::transport::Delivery;

/// Counts the answers without a row, up to a limit.
pub(super) struct Patience {
    most: u32,
    left: u32,
    backoff: Backoff,
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Patience {
    /// Waits for a row in so many pages.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most,
            left: most,
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// Waits before the next Pull.
    pub(super) async fn wait(&mut self, error: Option<Error>) -> Result<(), Error> {
        if self.left == 0 {
            return Err(error.unwrap_or_else(|| {
                let most = self.most;
                let text = format!(
                    "the server sent {most} pages without a row or an end (SessionBuilder::empty_pages)"
                );
                Error::Timeout(Failure::new(text).delivery(Delivery::Answered)).of_read()
            }));
        }
        self.left -= 1;
        tokio::time::sleep(self.backoff.next()).await;
        Ok(())
    }
}
