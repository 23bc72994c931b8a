//! What an operation traces: a span, an event for each message, and one at its end.
//!
//! `docs/tracing.md` lists the names. A body, a property value or a credential is never traced. If no
//! subscriber asks for it, each of these costs the test of one number.

use std::any::type_name;
use std::time::{Duration, Instant};

use tracing::field::{Empty, display};
use tracing::{Level, Span, debug, debug_span, enabled, info, trace};
use url::Url;

use super::Session;
use crate::error::{Delivery, Error};
use crate::protocol::Header;
use crate::shown::Shown;
use crate::transport::WholeAnswer;

/// The trace of one operation.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    span: Span,
    began: Option<Instant>,
}

/// The trace of one message, from before it is sent.
pub(super) struct MessageTrace {
    span: Span,
    began: Instant,
    action: String,
    message_id: String,
    attempt: u32,
    bytes_out: usize,
}

impl Trace {
    /// Traces nothing.
    pub(super) fn off() -> Self {
        let span = Span::none();
        Self { span, began: None }
    }

    /// Opens the span of an operation: its type, and the host of the session.
    pub(super) fn of<O>(session: &Session) -> Self {
        if !enabled!(target: "wsman", Level::DEBUG) {
            return Self::off();
        }
        let url = Url::parse(&session.settings().to).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let span = debug_span!(
            target: "wsman",
            "operation",
            operation = operation_name::<O>(),
            host,
            class = Empty,
            keys = Empty,
        );
        let began = Some(Instant::now());
        Self { span, began }
    }

    /// Begins the trace of a message, and notes what it is about in the span.
    pub(super) fn message(
        &self,
        header: Option<&Header>,
        attempt: u32,
        bytes_out: usize,
    ) -> Option<MessageTrace> {
        if let (Some(header), false) = (header, self.span.is_disabled()) {
            self.note_target(header);
        }
        enabled!(target: "wsman", Level::TRACE).then(|| MessageTrace {
            span: self.span.clone(),
            began: Instant::now(),
            action: last_part(header.and_then(|header| header.action.as_deref())).to_owned(),
            message_id: header
                .and_then(|header| header.message_id.clone())
                .unwrap_or_default(),
            attempt,
            bytes_out,
        })
    }

    fn note_target(&self, header: &Header) {
        let class = last_part(header.resource_uri.as_deref());
        self.span.record("class", display(Shown::new(class)));
        let keys = header.selectors.keys();
        let keys: Vec<String> = keys
            .named()
            .iter()
            .map(|key| format!("{}={}", key.name, key.value))
            .collect();
        if !keys.is_empty() {
            self.span
                .record("keys", display(Shown::new(&keys.join(","))));
        }
    }

    /// Traces that a message will be sent again.
    pub(super) fn retry(&self, error: &Error, attempt: u32, pause: Duration) {
        info!(
            target: "wsman",
            parent: &self.span,
            attempt,
            outcome = error.name(),
            delivery = ?error.delivery(),
            pause_ms = milliseconds(pause),
            "retry",
        );
    }

    /// Traces the end of the operation.
    pub(super) fn end<T>(&self, outcome: &Result<T, Error>) {
        let Some(began) = self.began else { return };
        let (outcome, delivery) = match outcome {
            Ok(_) => ("ok", Delivery::Answered),
            Err(error) => (error.name(), error.delivery()),
        };
        let duration_ms = milliseconds(began.elapsed());
        debug!(target: "wsman", parent: &self.span, outcome, ?delivery, duration_ms, "done");
    }

    /// Traces the end of a stream.
    pub(super) fn end_rows(&self, rows: u64) {
        let Some(began) = self.began else { return };
        let duration_ms = milliseconds(began.elapsed());
        debug!(target: "wsman", parent: &self.span, rows, duration_ms, "rows");
    }
}

impl MessageTrace {
    /// Traces the message with its answer, or with the error in place of one.
    pub(super) fn end(self, answer: &Result<WholeAnswer, Error>) {
        let (outcome, delivery, status, bytes_in) = match answer {
            Ok(answer) => (
                "answered",
                Delivery::Answered,
                Some(answer.status),
                answer.body.len(),
            ),
            Err(error) => (error.name(), error.delivery(), error.http_status(), 0),
        };
        trace!(
            target: "wsman",
            parent: &self.span,
            action = %Shown::new(&self.action),
            message_id = self.message_id,
            attempt = self.attempt,
            bytes_out = self.bytes_out,
            bytes_in,
            status,
            outcome,
            ?delivery,
            duration_ms = milliseconds(self.began.elapsed()),
            "message",
        );
    }
}

/// Returns the name of the operation's type, such as `PutInstance`.
fn operation_name<O>() -> &'static str {
    let name = type_name::<O>();
    let name = name
        .split_once("::Optional<")
        .map_or(name, |(_, inner)| inner);
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::")
        .next()
        .unwrap_or(name)
        .trim_end_matches('>')
}

/// Returns what follows the last slash of a URI.
fn last_part(uri: Option<&str>) -> &str {
    uri.and_then(|uri| uri.rsplit('/').next())
        .unwrap_or_default()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
