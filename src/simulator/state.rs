//! What the connections of one simulator share.

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

/// The server as its connections see it.
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
    /// Each connection ends when this is sent.
    pub(super) restarts: watch::Sender<()>,
}

impl State {
    /// Closes all connections.
    pub(super) fn restart(&self) {
        self.restarts.send_replace(());
    }

    /// Whether it speaks TLS.
    #[cfg(feature = "rustls")]
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn is_encrypted(&self) -> bool {
        false
    }
}

/// A request that the simulator read whole.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SeenRequest {
    /// `wsa:Action`; `None` if there was none, as in an Identify, or the message could not be read.
    pub action: Option<String>,
    /// The HTTP status of the answer; `None` as long as there is none, and if there never will be
    /// because the connection was dropped instead.
    pub status: Option<u16>,
    /// `wsa:MessageID`; a message that comes again has the same.
    pub message_id: Option<String>,
    /// Whether the work was begun: not if it was refused before, as without a login.
    pub performed: bool,
    /// The message.
    pub body: Vec<u8>,
}

/// The requests so far, in the order they were read.
#[derive(Debug)]
pub(super) struct Log {
    requests: Mutex<Requests>,
    /// How many of them are remembered.
    most: usize,
}

#[derive(Debug, Default)]
struct Requests {
    seen: VecDeque<SeenRequest>,
    forgotten: usize,
}

impl Log {
    /// A log of at most so many requests.
    pub(super) fn new(most: usize) -> Self {
        Self {
            requests: Mutex::default(),
            most,
        }
    }

    /// Notes a request that was read; its number.
    pub(super) fn read(&self, body: &[u8]) -> usize {
        let header = Request::read(body).map(|request| request.header);
        let header = header.unwrap_or_default();
        let body = body.to_vec();
        let mut requests = self.lock();
        requests.seen.push_back(SeenRequest {
            action: header.action,
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

    /// Notes that its work is begun.
    pub(super) fn performed(&self, number: usize) {
        self.note(number, |request| request.performed = true);
    }

    /// Notes that it was answered.
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

/// Counts a connection as open while it lives.
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
