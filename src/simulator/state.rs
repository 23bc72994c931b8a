//! The state that the connections of one simulator share.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
#[cfg(feature = "rustls")]
use tokio_rustls::TlsAcceptor;

use crate::simulator::http::knobs::Knobs;
use crate::simulator::login::Gate;
use crate::simulator::panics::Panics;
use crate::simulator::provider::Provider;
use crate::simulator::provider::request::Request;

/// The server, as its connections use it.
pub(super) struct State {
    pub(super) provider: Provider,
    pub(super) gate: Gate,
    #[cfg(feature = "rustls")]
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) knobs: Arc<Knobs>,
    pub(super) log: Log,
    pub(super) panics: Panics,
    pub(super) connections: AtomicUsize,
    pub(super) open_connections: AtomicUsize,
    pub(super) most_open_connections: AtomicUsize,
    /// Signals all connections to end.
    pub(super) restarts: watch::Sender<()>,
}

impl State {
    /// Closes all connections.
    pub(super) fn restart(&self) {
        self.restarts.send_replace(());
    }

    /// Whether the server uses TLS.
    #[cfg(feature = "rustls")]
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn is_encrypted(&self) -> bool {
        false
    }
}

/// A request that the simulator read completely.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SeenRequest {
    /// `wsa:Action`; `None` without one, as in an Identify, or if the message is invalid.
    pub action: Option<String>,
    /// The HTTP status of the answer; `None` before the answer, and if the connection was dropped
    /// instead.
    pub status: Option<u16>,
    /// `wsa:MessageID`; a repeated message has the same.
    pub message_id: Option<String>,
    /// Whether the work was started; false if the request was refused, for example without a login.
    pub performed: bool,
    /// The message.
    pub body: Vec<u8>,
}

/// The requests so far, in the order of reading.
#[derive(Debug)]
pub(super) struct Log {
    requests: Mutex<Requests>,
    /// The limit of remembered requests.
    most: usize,
}

#[derive(Debug, Default)]
struct Requests {
    seen: VecDeque<SeenRequest>,
    forgotten: usize,
}

impl Log {
    /// Creates a log with a limit of requests.
    pub(super) fn new(most: usize) -> Self {
        Self {
            requests: Mutex::default(),
            most,
        }
    }

    /// Adds a request; returns its number.
    pub(super) fn read(&self, body: &[u8]) -> usize {
        let header = Request::read(body).map(|request| request.header);
        let header = header.unwrap_or_default();
        let body = body.to_vec();
        let mut requests = self.lock();
        requests.seen.push_back(SeenRequest {
            action: header.action.map(Cow::into_owned),
            status: None,
            message_id: header.message_id,
            performed: false,
            body,
        });
        let number = requests.forgotten + requests.seen.len() - 1;
        if requests.seen.len() > self.most {
            requests.seen.pop_front();
            requests.forgotten += 1;
        }
        number
    }

    /// Notes that the work of a request started.
    pub(super) fn performed(&self, number: usize) {
        self.note(number, |request| request.performed = true);
    }

    /// Notes the answer to a request.
    pub(super) fn answered(&self, number: usize, status: u16) {
        self.note(number, |request| request.status = Some(status));
    }

    fn note(&self, number: usize, note: impl FnOnce(&mut SeenRequest)) {
        let mut requests = self.lock();
        let remembered = number.checked_sub(requests.forgotten);
        if let Some(request) = remembered.and_then(|number| requests.seen.get_mut(number)) {
            note(request);
        }
    }

    pub(super) fn all(&self) -> Vec<SeenRequest> {
        self.lock().seen.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a connection as open during its lifetime.
pub(super) struct OpenConnection(pub(super) Arc<State>);

impl OpenConnection {
    pub(super) fn count(state: Arc<State>) -> Self {
        state.connections.fetch_add(1, Ordering::AcqRel);
        let open = state.open_connections.fetch_add(1, Ordering::AcqRel) + 1;
        state
            .most_open_connections
            .fetch_max(open, Ordering::AcqRel);
        Self(state)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open_connections.fetch_sub(1, Ordering::AcqRel);
    }
}
