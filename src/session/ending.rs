//! Messages that end something on a server that may still be busy with it.

use std::time::Duration;

use crate::error::Error;

/// The time that a server needs to notice that the client aborted a message.
pub(super) const NOTICE: Duration = Duration::from_millis(500);

/// The longest time that a cancelled operation waits for its cleanup on the server.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Sends a message that ends something on the server.
///
/// If the client aborted an earlier message, the server may still process that one and refuse this one.
/// The message is then sent once more, after a pause.
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
