//! The state of one connection: whose turn it is, and what happens to its next answer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hyper::Response;

use crate::simulator::http::knobs::Knob;
#[cfg(feature = "negotiate")]
use crate::simulator::login::Channel;

/// The phase of a connection: requests and answers alternate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulator) enum Turn {
    /// The next byte starts a request.
    #[default]
    Idle,
    /// The client is sending a request.
    Client,
    /// The server is processing the request.
    Server,
    /// The server is writing the end of the answer.
    LastBytes,
}

/// What happens after an answer was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum AfterAnswer {
    Close,
    Repeat,
}

/// An answer that may be sent again.
pub(in crate::simulator) type OldAnswer = Response<Option<Bytes>>;

pub(super) const OUT_OF_TURN: &str = "a request started before the previous answer was complete";

/// The state that the stream and the service of one connection share.
#[derive(Debug)]
pub(in crate::simulator) struct Connection {
    /// The knob of the current request.
    knob: Mutex<Option<Knob>>,
    turn: Mutex<Turn>,
    /// The number of bytes that may still be written.
    writable: AtomicUsize,
    after_answer: Mutex<Option<AfterAnswer>>,
    last_answer: Mutex<Option<OldAnswer>>,
    /// Whether a client logged in on this connection, which OMI remembers.
    pub(in crate::simulator) logged_in: AtomicBool,
    /// Whether a message was refused unread: the server takes the next bytes for its rest.
    pub(in crate::simulator) undrained: AtomicBool,
    /// The connection-oriented login.
    #[cfg(feature = "negotiate")]
    pub(in crate::simulator) channel: Channel,
    /// Whether the client sent a certificate.
    pub(in crate::simulator) has_certificate: bool,
}

impl Connection {
    pub(in crate::simulator) fn new(has_certificate: bool) -> Self {
        Self {
            knob: Mutex::new(None),
            turn: Mutex::default(),
            writable: AtomicUsize::new(usize::MAX),
            after_answer: Mutex::default(),
            last_answer: Mutex::default(),
            logged_in: AtomicBool::new(false),
            undrained: AtomicBool::new(false),
            #[cfg(feature = "negotiate")]
            channel: Channel::default(),
            has_certificate,
        }
    }

    /// Notes that the head of a request was read. A request that arrived together with the previous
    /// one did not wait for its turn.
    pub(in crate::simulator) fn begin_request(&self) {
        assert_eq!(self.turn(), Turn::Client, "{OUT_OF_TURN}");
    }

    /// Ends the request and returns its knob.
    pub(in crate::simulator) fn end_request(&self) -> Option<Knob> {
        self.set_turn(Turn::Server);
        locked(&self.knob).take()
    }

    pub(in crate::simulator) fn set_turn(&self, turn: Turn) {
        *locked(&self.turn) = turn;
    }

    pub(super) fn turn(&self) -> Turn {
        *locked(&self.turn)
    }

    /// Sets what happens after the answer.
    pub(in crate::simulator) fn set_after_answer(&self, after: AfterAnswer) {
        *locked(&self.after_answer) = Some(after);
    }

    pub(super) fn repeats(&self) -> bool {
        *locked(&self.after_answer) == Some(AfterAnswer::Repeat)
    }

    /// Takes what happens after the answer.
    pub(super) fn take_after_answer(&self) -> Option<AfterAnswer> {
        locked(&self.after_answer).take()
    }

    /// Sets the knob of the request that starts.
    pub(super) fn set_knob(&self, knob: Option<Knob>) {
        *locked(&self.knob) = knob;
    }

    /// Returns the number of bytes of the answer that may still be written.
    pub(super) fn writable(&self) -> usize {
        self.writable.load(Ordering::Acquire)
    }

    /// Stores an answer and returns the previous one.
    pub(in crate::simulator) fn remember(&self, answer: OldAnswer) -> Option<OldAnswer> {
        locked(&self.last_answer).replace(answer)
    }

    /// Limits the bytes of the answer that are written.
    pub(in crate::simulator) fn cut_answer_at(&self, bytes: usize) {
        self.writable.store(bytes, Ordering::Release);
    }

    /// Seals an answer with the keys of the login, if there are any; returns it with its content
    /// type.
    pub(in crate::simulator) fn seal(&self, answer: &[u8]) -> Option<(Vec<u8>, &'static str)> {
        #[cfg(feature = "negotiate")]
        return self.channel.seal(answer);
        #[cfg(not(feature = "negotiate"))]
        {
            let _ = answer;
            None
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
