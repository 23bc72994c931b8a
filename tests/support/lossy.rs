//! A transport that loses messages and answers on their way to another one.
#![allow(dead_code, reason = "no test uses all of this file")]

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use wsman::Delivery;
use wsman::transport::http::HttpTransport;
use wsman::transport::{
    ConnectProblem, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport, TransportError,
    TransportErrorKind,
};

/// What happens to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Pass,
    /// No connection: the message is not sent.
    NotSent,
    /// The connection breaks before the server has read the message.
    Message,
    /// The server does the work, and its answer is lost.
    Answer,
    /// A gateway answers with this status, and asks to wait for so many seconds.
    Status(u16, Option<u32>),
}

/// Decides what happens to the messages.
pub(crate) type Plan = dyn FnMut(&str) -> Loss + Send;

/// The transport, which notes the body of each message.
pub(crate) struct Lossy {
    inner: Arc<dyn Transport>,
    plan: Mutex<Box<Plan>>,
    seen: Mutex<Vec<String>>,
    succeeded: Mutex<Vec<String>>,
}

impl Lossy {
    /// Makes a transport whose plan sees the body of each message.
    pub(crate) fn new(
        inner: Arc<dyn Transport>,
        plan: impl FnMut(&str) -> Loss + Send + 'static,
    ) -> Arc<Self> {
        let plan: Box<Plan> = Box::new(plan);
        Arc::new(Self {
            inner,
            plan: Mutex::new(plan),
            seen: Mutex::default(),
            succeeded: Mutex::default(),
        })
    }

    /// Makes a transport with one loss for each message, then none.
    pub(crate) fn losing(
        inner: Arc<dyn Transport>,
        losses: impl IntoIterator<Item = Loss>,
    ) -> Arc<Self> {
        let mut losses: VecDeque<_> = losses.into_iter().collect();
        Self::new(inner, move |_| losses.pop_front().unwrap_or(Loss::Pass))
    }

    /// Returns the bodies of the messages so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Lossy {
    /// Returns the bodies of the messages that the server answered with success, also if the answer was
    /// lost: what was done in truth.
    pub(crate) fn succeeded(&self) -> Vec<String> {
        self.succeeded.lock().unwrap().clone()
    }

    async fn pass(
        &self,
        message: OutgoingMessage<Bytes>,
    ) -> Result<IncomingMessage, TransportError> {
        let body = String::from_utf8_lossy(&message.body).into_owned();
        let answer = self
            .inner
            .exchange(message.into())
            .await?
            .whole(usize::MAX)
            .await?;
        if answer.status == 200 {
            self.succeeded.lock().unwrap().push(body);
        }
        Ok(answer.into())
    }
}

impl fmt::Debug for Lossy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lossy").finish_non_exhaustive()
    }
}

impl Transport for Lossy {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let sent = message.sent.clone();
            let message = message.whole().await?;
            let body = String::from_utf8_lossy(&message.body).into_owned();
            let loss = (self.plan.lock().unwrap())(&body);
            self.seen.lock().unwrap().push(body);
            match loss {
                Loss::Pass => self.pass(message).await,
                Loss::NotSent => Err(TransportError::new(
                    TransportErrorKind::Connect(ConnectProblem::Refused),
                    Delivery::NotSent,
                    "refused by the test",
                )),
                Loss::Message => {
                    sent.raise();
                    Err(lost("the message is lost"))
                }
                Loss::Answer => {
                    self.pass(message).await?;
                    sent.raise();
                    Err(lost("the answer is lost"))
                }
                Loss::Status(status, seconds) => {
                    sent.raise();
                    let answer = IncomingMessage::new(status, "");
                    Ok(match seconds {
                        Some(seconds) => answer.with_header("Retry-After", seconds.to_string()),
                        None => answer,
                    })
                }
            }
        })
    }

    fn http(&self) -> Option<&HttpTransport> {
        self.inner.http()
    }
}

fn lost(text: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, Delivery::Unknown, text)
}
