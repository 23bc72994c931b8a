//! Tests the transports against minimal socket servers.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod endless;
mod http;
#[cfg(feature = "rustls")]
mod https;
#[cfg(feature = "record")]
mod matching;
#[cfg(feature = "record")]
mod open;
mod record;
mod server;
mod unreachable;

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use wsman::transport::{IncomingMessage, OutgoingMessage, Transport, TransportError};

const PASSWORD: &str = "correct-horse";

/// A message with limits that no test reaches by chance.
fn message(body: impl Into<String>) -> OutgoingMessage {
    let mut message = OutgoingMessage::new(body.into());
    message.time_limit = Duration::from_secs(20);
    message.answer_limit = 100_000;
    message
}

/// Sends a message and reads its answer to the end.
async fn ask(
    transport: &dyn Transport,
    message: OutgoingMessage,
) -> Result<IncomingMessage<Bytes>, TransportError> {
    let limit = message.answer_limit;
    transport.exchange(message).await?.whole(limit).await
}

/// Returns the texts of an error and its causes, in both forms.
fn told(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(|error| format!("{error} {error:?} ")).collect()
}
