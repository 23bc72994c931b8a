//! A transport that records the messages that it passes on.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wsman::protocol::Message;
use wsman::transport::{ExchangeFuture, OutgoingMessage, SentFlag, Transport};

/// Records the action of each message, and passes it on to another transport.
#[derive(Debug)]
pub(super) struct MessageLog {
    inner: Arc<dyn Transport>,
    seen: Mutex<Vec<Exchange>>,
}

/// A recorded message.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    action: String,
    sent: SentFlag,
    /// The HTTP status of the answer, once there is one.
    status: Arc<OnceLock<u16>>,
}

impl MessageLog {
    pub(super) fn over(inner: Arc<dyn Transport>) -> Self {
        Self {
            inner,
            seen: Mutex::default(),
        }
    }

    /// Takes the messages recorded since the last call.
    pub(super) fn take(&self) -> Vec<Exchange> {
        self.with_seen(std::mem::take)
    }

    /// Whether a message was sent and has no answer yet.
    pub(super) fn is_in_flight(&self) -> bool {
        self.with_seen(|seen| {
            seen.last()
                .is_some_and(|last| last.sent.is_raised() && last.status.get().is_none())
        })
    }

    fn with_seen<T>(&self, work: impl FnOnce(&mut Vec<Exchange>) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for MessageLog {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        let exchange = Exchange {
            action: action_of(&message),
            sent: message.sent.clone(),
            status: Arc::default(),
        };
        let status = Arc::clone(&exchange.status);
        self.with_seen(|seen| seen.push(exchange));
        Box::pin(async move {
            let answer = self.inner.exchange(message).await?;
            status.get_or_init(|| answer.status);
            Ok(answer)
        })
    }
}

fn action_of(message: &OutgoingMessage) -> String {
    let body = message.body.as_bytes();
    let message = body.and_then(|body| Message::read(body).ok());
    let action = message.and_then(|message| message.action);
    action.unwrap_or_else(|| "a message without an action".to_owned())
}

impl Exchange {
    /// The last segment of the action, such as `Put`.
    pub(super) fn operation(&self) -> &str {
        self.action.rsplit('/').next().unwrap_or(&self.action)
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.action)?;
        match self.status.get() {
            Some(status) => write!(f, " -> HTTP {status}"),
            None if self.sent.is_raised() => f.write_str(" -> no answer"),
            None => f.write_str(" (not sent)"),
        }
    }
}
