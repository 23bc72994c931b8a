//! Telling the server that something is over, while it may still be busy with it.

use std::time::Duration;

use crate::error::Error;

/// How long a server has to notice that a message was given up.
pub(super) const NOTICE: Duration = Duration::from_millis(500);

/// How long an operation that was cancelled waits until the server was told.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Sends a message that ends something on the server.
///
/// If a message about it was given up, the server may still be busy with that one, and refuse this one:
/// then it is sent once more, after a pause.
pub(super) async fn insist<F>(is_given_up: bool, send: impl Fn() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    match send().await {
        Err(refused) if is_given_up && refused.fault().is_some() => {
            tokio::time::sleep(NOTICE).await;
            send().await
        }
        ended => ended,
    }
}
