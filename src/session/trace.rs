//! What an operation traces and counts: a span for it and for each message, an event for each message,
//! and one at its end.
//!
//! `docs/tracing.md` lists the names. A body, a property value or a credential is never traced. If no
//! subscriber asks for it, each of these costs the test of one number.

use std::any::type_name;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Empty, display};
use tracing::{Level, Span, debug, debug_span, enabled, info, trace};
use url::{Position, Url};

use super::Session;
use crate::error::{Delivery, Error};
use crate::meter;
use crate::protocol::Header;
use crate::shown::Shown;
use crate::transport::WholeAnswer;

/// The trace of one operation.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    span: Span,
    /// The address of the server, if the span is enabled.
    server: Option<Arc<Url>>,
    operation: &'static str,
    began: Option<Instant>,
    noted: Option<Arc<Mutex<Noted>>>,
}

/// What the span says of its target: a subscriber that prints spans would print each record of it.
#[derive(Debug, Default)]
struct Noted {
    class: String,
    keys: String,
}

/// The trace of one message, from before it is sent.
pub(super) struct MessageTrace {
    operation: Trace,
    request: Span,
    began: Instant,
    action: String,
    message_id: String,
    attempt: u32,
    bytes_out: usize,
}

impl Trace {
    /// Traces and counts nothing.
    pub(super) fn off() -> Self {
        Self {
            span: Span::none(),
            server: None,
            operation: "",
            began: None,
            noted: None,
        }
    }

    /// Opens the span of an operation: its type, and the server of the session.
    pub(super) fn of<O>(session: &Session) -> Self {
        let is_traced = enabled!(target: "wsman", Level::DEBUG);
        if !is_traced && !meter::COUNTS {
            return Self::off();
        }
        let operation = operation_name::<O>();
        let server = is_traced.then(|| Url::parse(&session.settings().to).ok());
        let server = server.flatten().map(Arc::new);
        let span = server.as_deref().map_or_else(Span::none, |server| {
            debug_span!(
                target: "wsman",
                "operation",
                otel.name = Empty,
                otel.kind = "client",
                operation,
                server.address = server.host_str(),
                server.port = server.port_or_known_default().map(i64::from),
                class = Empty,
                keys = Empty,
                error.type = Empty,
                otel.status_code = Empty,
            )
        });
        let noted = server.as_ref().map(|_| Arc::default());
        Self {
            span,
            server,
            operation,
            began: Some(Instant::now()),
            noted,
        }
    }

    /// Begins the trace of a message, and notes what it is about in the span.
    pub(super) fn message(
        &self,
        header: Option<&Header>,
        attempt: u32,
        bytes_out: usize,
    ) -> Option<MessageTrace> {
        self.began?;
        let server = self.server.as_deref().filter(|_| !self.span.is_disabled());
        let mut message = MessageTrace {
            operation: self.clone(),
            request: Span::none(),
            began: Instant::now(),
            action: String::new(),
            message_id: String::new(),
            attempt,
            bytes_out,
        };
        let Some(server) = server else {
            return Some(message);
        };
        match header {
            Some(header) => {
                self.note_target(header, attempt);
                last_part(header.action.as_deref()).clone_into(&mut message.action);
                message.message_id = header.message_id.clone().unwrap_or_default();
            }
            None => {
                self.span.record("otel.name", self.operation);
            }
        }
        message.request = self.request(server);
        Some(message)
    }

    /// Opens the span of an HTTP request. The address has no login and no query, which may be secret.
    fn request(&self, server: &Url) -> Span {
        let (host, path) = (
            &server[Position::BeforeHost..Position::AfterPort],
            server.path(),
        );
        debug_span!(
            target: "wsman",
            parent: &self.span,
            "request",
            otel.name = "POST",
            otel.kind = "client",
            http.request.method = "POST",
            network.protocol.name = "http",
            network.protocol.version = "1.1",
            server.address = server.host_str(),
            server.port = server.port_or_known_default().map(i64::from),
            url.scheme = server.scheme(),
            url.path = path,
            url.full = format_args!("{}://{host}{path}", server.scheme()),
            http.response.status_code = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        )
    }

    fn note_target(&self, header: &Header, attempt: u32) {
        let Some(noted) = &self.noted else { return };
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        let class = last_part(header.resource_uri.as_deref());
        let is_new = noted.class != class;
        class.clone_into(&mut noted.class);
        let class = Shown::new(class);
        if is_new {
            self.span.record("class", display(&class));
        }
        if attempt == 1 {
            let name = format_args!("{} {class}", self.operation);
            self.span.record("otel.name", name);
        }
        let keys = header.selectors.keys();
        let keys: Vec<String> = keys
            .named()
            .iter()
            .map(|key| format!("{}={}", key.name, key.value))
            .collect();
        let keys = keys.join(",");
        if !keys.is_empty() && noted.keys != keys {
            self.span.record("keys", display(Shown::new(&keys)));
            noted.keys = keys;
        }
    }

    /// Traces and counts that a message will be sent again.
    pub(super) fn retry(&self, error: &Error, attempt: u32, pause: Duration) {
        if self.began.is_some() {
            meter::retry(self.operation, error.name());
        }
        info!(
            target: "wsman",
            parent: &self.span,
            attempt = i64::from(attempt),
            outcome = error.name(),
            delivery = ?error.delivery(),
            pause_ms = milliseconds(pause),
            "retry",
        );
    }

    /// Counts a fault of the server.
    pub(super) fn fault(&self, error: &Error) {
        if self.began.is_some() {
            meter::fault(self.operation, error.name());
        }
    }

    /// Traces the end of the operation.
    pub(super) fn end<T>(&self, outcome: &Result<T, Error>) {
        let Some(began) = self.began else { return };
        let took = began.elapsed();
        let error = outcome.as_ref().err();
        let delivery = error.map_or(Delivery::Answered, Error::delivery);
        let outcome = error.map_or("ok", Error::name);
        note_error(&self.span, error.map(Error::name));
        meter::operation(self.operation, outcome, took);
        let duration_ms = milliseconds(took);
        debug!(target: "wsman", parent: &self.span, outcome, ?delivery, duration_ms, "done");
    }

    /// Traces the end of rows. Those of a stream end their operation.
    pub(super) fn end_rows(&self, rows: u64, outcome: &'static str, is_stream: bool) {
        let Some(began) = self.began else { return };
        let took = began.elapsed();
        meter::rows(self.operation, rows);
        if is_stream {
            let is_error = !matches!(outcome, "ok" | DROPPED);
            note_error(&self.span, is_error.then_some(outcome));
            meter::operation(self.operation, outcome, took);
        }
        let duration_ms = milliseconds(took);
        debug!(target: "wsman", parent: &self.span, rows = number(rows), outcome, duration_ms, "rows");
    }
}

/// The outcome of rows that the caller did not read to their end.
pub(super) const DROPPED: &str = "dropped";

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
        let operation = &self.operation;
        meter::message(operation.operation, outcome, (self.bytes_out, bytes_in));
        if self.request.is_disabled() {
            return;
        }
        let status = status.map(i64::from);
        self.request.record("http.response.status_code", status);
        match (answer, status) {
            (Err(_), _) => note_error(&self.request, Some(outcome)),
            (Ok(_), Some(status @ 400..)) => {
                note_error(&self.request, Some(&status.to_string()));
            }
            _ => {}
        }
        trace!(
            target: "wsman",
            parent: &operation.span,
            action = %Shown::new(&self.action),
            message_id = self.message_id,
            attempt = i64::from(self.attempt),
            bytes_out = number(self.bytes_out),
            bytes_in = number(bytes_in),
            http.response.status_code = status,
            outcome,
            ?delivery,
            duration_ms = milliseconds(self.began.elapsed()),
            "message",
        );
    }
}

/// Marks the span of something that failed.
fn note_error(span: &Span, error: Option<&str>) {
    if let Some(error) = error {
        span.record("error.type", error);
        span.record("otel.status_code", "ERROR");
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

fn milliseconds(duration: Duration) -> i64 {
    number(duration.as_millis())
}

/// Converts a number to the only integer of OpenTelemetry: any other is exported as a text.
fn number(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
