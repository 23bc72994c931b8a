//! What is known of one connection: whose turn it is, and what is to happen to its next answer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hyper::Response;

use crate::simulator::http::knobs::Knob;
#[cfg(feature = "negotiate")]
use crate::simulator::login::Channel;

/// Where a connection stands: requests and answers come one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulator) enum Turn {
    /// The next byte begins a request.
    #[default]
    Idle,
    /// A request is being read.
    Client,
    /// It was read, and is being served.
    Server,
    /// What is still to be written is the end of the answer.
    LastBytes,
}

/// What happens once an answer was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum AfterAnswer {
    Close,
    Repeat,
}

/// An answer that may be sent again.
pub(in crate::simulator) type OldAnswer = Response<Option<Bytes>>;

pub(super) const OUT_OF_TURN: &str =
    "a request began before the answer to the one before was sent whole";

/// What the wire and the service of one connection tell each other.
#[derive(Debug)]
pub(in crate::simulator) struct Connection {
    /// The knob of the request that is being read or served.
    knob: Mutex<Option<Knob>>,
    turn: Mutex<Turn>,
    /// How many bytes may still be written.
    writable: AtomicUsize,
    after_answer: Mutex<Option<AfterAnswer>>,
    last_answer: Mutex<Option<OldAnswer>>,
    /// Whether a client logged in on it, which OMI remembers.
    pub(in crate::simulator) logged_in: AtomicBool,
    /// Whether a message was refused unread: what comes next is taken for its rest.
    pub(in crate::simulator) undrained: AtomicBool,
    /// The login that belongs to it.
    #[cfg(feature = "negotiate")]
    pub(in crate::simulator) channel: Channel,
    /// Whether the client showed a certificate.
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

    /// Notes that the head of a request was read. If it came along with the request before, it did not
    /// wait for its turn.
    pub(in crate::simulator) fn begin_request(&self) {
        assert_eq!(self.turn(), Turn::Client, "{OUT_OF_TURN}");
    }

    /// The knob of the request that was read.
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

    /// Says what happens once the answer was written.
    pub(in crate::simulator) fn set_after_answer(&self, after: AfterAnswer) {
        *locked(&self.after_answer) = Some(after);
    }

    pub(super) fn repeats(&self) -> bool {
        *locked(&self.after_answer) == Some(AfterAnswer::Repeat)
    }

    /// What is to happen now that the answer was written, asked once.
    pub(super) fn take_after_answer(&self) -> Option<AfterAnswer> {
        locked(&self.after_answer).take()
    }

    /// Keeps the knob for the request that begins.
    pub(super) fn set_knob(&self, knob: Option<Knob>) {
        *locked(&self.knob) = knob;
    }

    /// How many bytes of the answer may still be written.
    pub(super) fn writable(&self) -> usize {
        self.writable.load(Ordering::Acquire)
    }

    /// Keeps an answer; the one before.
    pub(in crate::simulator) fn remember(&self, answer: OldAnswer) -> Option<OldAnswer> {
        locked(&self.last_answer).replace(answer)
    }

    /// Lets only so many bytes of the answer out.
    pub(in crate::simulator) fn cut_answer_at(&self, bytes: usize) {
        self.writable.store(bytes, Ordering::Release);
    }

    /// Seals an answer with the keys of the login, if it has some; with its content type.
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
