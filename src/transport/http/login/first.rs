//! The first login runs alone: a wrong password is tried once, however many messages wait, because
//! repeated failures lock accounts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex as Turn, MutexGuard as TurnGuard};

use crate::auth::LoginProblem;
use crate::transport::http::locked;
use crate::transport::{IncomingMessage, TransportError};

/// The login state of one transport.
#[derive(Debug, Default)]
pub(super) struct FirstLogin {
    /// Whether the last login was accepted.
    is_proven: AtomicBool,
    turn: Turn<()>,
    refusals: Mutex<RefusedLogins>,
}

/// The number of refused logins, and the last refusal.
#[derive(Debug, Default)]
struct RefusedLogins {
    count: u64,
    last: Option<RefusedLogin>,
}

/// A refused login.
#[derive(Debug)]
enum RefusedLogin {
    /// By the server.
    Answer(IncomingMessage),
    /// By the KDC, which also counts wrong passwords.
    Error(TransportError),
}

/// The permission of a message to log in.
pub(super) enum Leave<'a> {
    /// It may log in; alone, until the login is known to be right.
    Try(Option<TurnGuard<'a, ()>>),
    /// Another message's login was refused while this one waited, and this one's would be too.
    Refused(Result<IncomingMessage, TransportError>),
}

impl FirstLogin {
    /// The number of refused logins so far.
    pub(super) fn refusals(&self) -> u64 {
        locked(&self.refusals).count
    }

    /// Waits until a message may log in; `seen` is the number of refusals when the message arrived.
    pub(super) async fn leave(&self, seen: u64) -> Leave<'_> {
        let turn = if self.is_proven.load(Ordering::Acquire) {
            None
        } else {
            Some(self.turn.lock().await)
        };
        let refusals = locked(&self.refusals);
        match &refusals.last {
            Some(refusal) if refusals.count > seen => Leave::Refused(refusal.again()),
            _ => Leave::Try(turn),
        }
    }

    /// Records that the server accepted a login.
    pub(super) fn note_accepted(&self) {
        self.is_proven.store(true, Ordering::Release);
    }

    /// Records that the server refused a login with this answer.
    pub(super) fn note_refused(&self, answer: &IncomingMessage) {
        self.note(RefusedLogin::Answer(answer.clone()));
    }

    /// Records that a login failed; only a wrong password or key counts.
    pub(super) fn note_failed(&self, error: &TransportError) {
        use LoginProblem::{WrongKey, WrongPassword};
        if let Some(WrongPassword | WrongKey { .. }) = error.login_problem() {
            self.note(RefusedLogin::Error(error.again()));
        }
    }

    fn note(&self, refusal: RefusedLogin) {
        self.is_proven.store(false, Ordering::Release);
        let mut refusals = locked(&self.refusals);
        refusals.count += 1;
        refusals.last = Some(refusal);
    }
}

impl RefusedLogin {
    /// Copies the refusal for another message.
    fn again(&self) -> Result<IncomingMessage, TransportError> {
        match self {
            Self::Answer(answer) => Ok(answer.clone()),
            Self::Error(error) => Err(error.again()),
        }
    }
}
