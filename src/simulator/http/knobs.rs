//! The knobs: faults that a test injects into the next request.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::cim::{CimStatus, WbemStatus};
use crate::simulator::provider::script::Script;

/// What happens to one request instead of, or besides, its usual answer.
///
/// [`Simulator::next`](crate::simulator::Simulator::next) puts knobs in a queue; each request takes
/// the first one. A request starts with its first byte, or for [`Knob::CloseBeforeReading`] with
/// its connection. Each message of a login is a request: connection and answer knobs apply to it,
/// and knobs that need a SOAP message let it pass.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Knob {
    /// Serves the request as usual. Leaves the next knob for the next request.
    Pass,
    /// Does the work at once, and delays the answer by this time.
    Delay(Duration),
    /// Closes the connection without reading a byte: a new one at once, a kept one when a request
    /// arrives on it. Does no work.
    CloseBeforeReading,
    /// Drops the connection after this many bytes of the request, headers included. Does no work,
    /// unless the request is no longer than that.
    CutRequestAt(usize),
    /// Does the work, and drops the connection without an answer.
    DropAnswer,
    /// Does the work, and drops the connection after this many bytes of the answer, headers
    /// included.
    CutAnswerAt(usize),
    /// Does the work, sends the answer, and closes the connection without announcing it.
    CloseAfterAnswer,
    /// Does the work, and sends the answer twice in a row.
    RepeatAnswer,
    /// Does the work, and sends the previous answer on the same connection; without one, its own.
    OldAnswer,
    /// Does the work, and changes the byte at this index of the answer's body; the index wraps if
    /// the body is shorter.
    AlterAnswer(usize),
    /// Closes all connections, which ends their logins. Does no work for this request.
    /// [`Simulator::restart`](crate::simulator::Simulator::restart) does the same between two
    /// requests.
    Restart,
    /// Does the work, and sends an endless answer.
    EndlessAnswer,
    /// Runs the script of messages and prompts, then does the work.
    Callbacks(Script),
    /// Sends this answer. Does no work.
    Answer(RawAnswer),
    /// Sends a 401, as to a wrong password. Does no work.
    Unauthorized,
    /// Sends the fault `wsman:TimedOut`, as to a Pull that found no rows in its time. Does no work.
    TimedOut,
    /// Sends the next page without rows and without the end mark; its rows go to the page after it.
    EmptyPage,
    /// Expires all open enumerations when this request arrives.
    ExpireEnumerations,
    /// Sends the dialect's fault for a CIM status. Does no work.
    Fault(CimStatus),
    /// Sends the fault for a WMI status; dialects other than Windows send its CIM status. Does no
    /// work.
    WbemFault(WbemStatus),
}

/// A literal HTTP answer.
///
/// ```
/// use wsman::simulator::RawAnswer;
/// let page = RawAnswer::new(200).with_header("Content-Type", "text/html").with_body("<html/>");
/// let moved = RawAnswer::new(302).with_header("Location", "http://127.0.0.1:9/");
/// # let _ = (page, moved);
/// ```
#[derive(Clone, Debug)]
pub struct RawAnswer {
    pub(in crate::simulator) status: u16,
    pub(in crate::simulator) headers: Vec<(String, String)>,
    pub(in crate::simulator) body: Vec<u8>,
}

impl RawAnswer {
    /// Creates an empty answer with an HTTP status.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Creates a SOAP answer, such as a fault, with HTTP status 500.
    pub fn soap_fault(xml: impl Into<Vec<u8>>) -> Self {
        Self::new(500)
            .with_header("Content-Type", super::SOAP)
            .with_body(xml)
    }

    /// Adds a header; an invalid one is ignored.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// The queue of knobs.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Knobs(Mutex<VecDeque<Knob>>);

impl Knobs {
    pub(in crate::simulator) fn push(&self, knob: Knob) {
        self.with(|knobs| knobs.push_back(knob));
    }

    pub(in crate::simulator) fn clear(&self) {
        self.with(VecDeque::clear);
    }

    /// Takes the knob for a request.
    pub(in crate::simulator) fn take(&self) -> Option<Knob> {
        self.with(VecDeque::pop_front)
    }

    /// Takes the first knob if it closes connections.
    pub(in crate::simulator) fn take_close(&self) -> bool {
        self.with(|knobs| {
            let closes = matches!(knobs.front(), Some(Knob::CloseBeforeReading));
            if closes {
                knobs.pop_front();
            }
            closes
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut VecDeque<Knob>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
