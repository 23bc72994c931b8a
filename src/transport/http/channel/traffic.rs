//! What passes on one connection: whether a request is out, and when it left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::transport::SentFlag;
use crate::transport::http::locked;

/// No request is out: the server has nothing to say.
const QUIET: u8 = 0;
/// A request waits to be written.
const REQUESTED: u8 = 1;
/// A request is out: the server may answer.
const SENT: u8 = 2;

/// The state that a channel shares with its stream.
#[derive(Debug, Default)]
pub(in crate::transport::http) struct Traffic {
    state: AtomicU8,
    /// Whether the next read asks the operating system instead of the runtime, which may not have
    /// noticed yet what has arrived.
    reads_afresh: AtomicBool,
    request: Mutex<Request>,
    /// The bytes that arrived since the request left, until the head of its answer is read.
    before_head: AtomicUsize,
    head_is_read: AtomicBool,
}

/// The flag of the request, and the time at which it left.
#[derive(Debug, Default)]
struct Request {
    sent: SentFlag,
    left: Option<Instant>,
}

impl Traffic {
    /// Announces a request, whose flag is raised when its first byte is written.
    pub(super) fn announce(&self, sent: SentFlag) {
        *locked(&self.request) = Request { sent, left: None };
        self.before_head.store(0, Ordering::Relaxed);
        self.head_is_read.store(false, Ordering::Relaxed);
        self.state.store(REQUESTED, Ordering::Release);
    }

    /// Whether the next byte is the first of a request.
    pub(super) fn is_announced(&self) -> bool {
        self.state.load(Ordering::Acquire) == REQUESTED
    }

    /// Records that the first byte of the request is written.
    pub(super) fn leave(&self) {
        let mut request = locked(&self.request);
        request.sent.raise();
        request.left = Some(Instant::now());
        self.state.store(SENT, Ordering::Release);
    }

    /// Records that the head of the answer is read.
    pub(in crate::transport::http) fn note_head(&self) {
        self.head_is_read.store(true, Ordering::Relaxed);
    }

    /// Counts bytes that arrived, and returns how many did before the head of the answer.
    pub(super) fn count(&self, bytes: usize) -> usize {
        if self.head_is_read.load(Ordering::Relaxed) {
            return 0;
        }
        self.before_head.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    /// Records that the answer was read to its end.
    pub(super) fn rest(&self) {
        self.state.store(QUIET, Ordering::Release);
    }

    /// Whether the server may send something.
    pub(super) fn may_be_answered(&self) -> bool {
        self.state.load(Ordering::Acquire) == SENT
    }

    /// The time since the request left.
    pub(in crate::transport::http) fn elapsed(&self) -> Option<Duration> {
        let left = locked(&self.request).left?;
        Some(left.elapsed())
    }

    /// Makes the next read ask the operating system.
    pub(super) fn read_afresh(&self) {
        self.reads_afresh.store(true, Ordering::Release);
    }

    /// Whether the next read asks the operating system; asks once.
    pub(super) fn take_read_afresh(&self) -> bool {
        self.reads_afresh.load(Ordering::Acquire) && self.reads_afresh.swap(false, Ordering::AcqRel)
    }
}
