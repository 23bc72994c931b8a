//! What a test can make the next request meet.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::cim::{CimStatus, WbemStatus};
use crate::simulator::provider::script::Script;

/// What happens to one request instead of, or besides, a plain answer.
///
/// [`Simulator::next`](crate::simulator::Simulator::next) puts knobs in a queue; each request takes the one in
/// front. A request counts from its first byte, or for [`Knob::CloseBeforeReading`] from the
/// connection it would come on. Each message of a login is a request: what happens to connections and
/// answers happens to it as well, and what needs a message of SOAP lets it pass.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Knob {
    /// Nothing: the request is served as usual. Lets a request through to the knob behind it.
    Pass,
    /// The work is done at once, and the answer sent after this time.
    Delay(Duration),
    /// The connection is closed without a byte read from it: a new one as soon as it is made, a kept
    /// one when a request arrives on it. Nothing is done.
    CloseBeforeReading,
    /// The connection is dropped after this many bytes of the request, headers included. Nothing is
    /// done, unless the request is no longer than that.
    CutRequestAt(usize),
    /// The work is done, and the connection dropped without an answer.
    DropAnswer,
    /// The work is done, and the connection dropped after this many bytes of the answer, headers
    /// included.
    CutAnswerAt(usize),
    /// The work is done, the answer sent, and the connection closed without a word of warning.
    CloseAfterAnswer,
    /// The work is done, and the answer sent twice, one after the other.
    RepeatAnswer,
    /// The work is done, and what was answered before on the same connection is sent as its answer; if
    /// nothing was, its own.
    OldAnswer,
    /// The work is done, and the byte at this place of the answer's body is another one; counting goes
    /// on at the start where the body is shorter.
    AlterAnswer(usize),
    /// All connections are closed, and with them the logins that belong to them are forgotten. Nothing
    /// is done for this request. [`Simulator::restart`](crate::simulator::Simulator::restart) is the same between
    /// two requests.
    Restart,
    /// The work is done, and the answer never ends.
    EndlessAnswer,
    /// The provider tells and asks this, then the work is done.
    Callbacks(Script),
    /// This is the answer. Nothing is done.
    Answer(RawAnswer),
    /// 401, as to a wrong password. Nothing is done.
    Unauthorized,
    /// The fault `wsman:TimedOut`, as to a Pull that found no rows in its time. Nothing is done.
    TimedOut,
    /// The next page, which should be that of this request, comes without rows and without the end;
    /// its rows are left for the page after it.
    EmptyPage,
    /// The time of all open enumerations is over when this request comes.
    ExpireEnumerations,
    /// The fault for a CIM status, as the dialect has it. Nothing is done.
    Fault(CimStatus),
    /// The fault for a status of WMI; other dialects than Windows' have only its CIM status. Nothing
    /// is done.
    WbemFault(WbemStatus),
}

/// An HTTP answer in so many words.
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
    /// An empty answer with an HTTP status.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A fault, or whatever else SOAP this is, with HTTP status 500.
    pub fn soap_fault(xml: impl Into<Vec<u8>>) -> Self {
        Self::new(500)
            .with_header("Content-Type", super::SOAP)
            .with_body(xml)
    }

    /// Adds a header; one that HTTP cannot carry is left out.
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

/// The knobs that wait for a request.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Knobs(Mutex<VecDeque<Knob>>);

impl Knobs {
    pub(in crate::simulator) fn push(&self, knob: Knob) {
        self.with(|knobs| knobs.push_back(knob));
    }

    pub(in crate::simulator) fn clear(&self) {
        self.with(VecDeque::clear);
    }

    /// The knob for a request.
    pub(in crate::simulator) fn take(&self) -> Option<Knob> {
        self.with(VecDeque::pop_front)
    }

    /// Takes the front knob if it is for connections.
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
