//! The first login goes alone: a wrong password is tried once, however many messages wait for it,
//! because accounts are locked that fail too often.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex as Turn, MutexGuard as TurnGuard};

use super::Opening;
use crate::auth::LoginProblem;
use crate::transport::http::locked;
use crate::transport::{IncomingMessage, TransportError};

/// What is known of the login of one transport.
#[derive(Debug, Default)]
pub(super) struct FirstLogin {
    /// Whether the last login that ended was accepted.
    is_proven: AtomicBool,
    turn: Turn<()>,
    refusals: Mutex<Refusals>,
}

/// How often the login was refused, and how it was the last time.
#[derive(Debug, Default)]
struct Refusals {
    count: u64,
    last: Option<Refusal>,
}

/// How a login was refused.
#[derive(Debug)]
enum Refusal {
    /// By the server.
    Answer(IncomingMessage),
    /// By the KDC, to whom a wrong password is one as well.
    Error(TransportError),
}

/// Whether a message may log in.
pub(super) enum Leave<'a> {
    /// It may; alone, as long as it is not known whether the login is right.
    Try(Option<TurnGuard<'a, ()>>),
    /// The login was refused while the message waited, and would be again.
    Refused(Result<Opening, TransportError>),
}

impl FirstLogin {
    /// How often the login was refused before a message came.
    pub(super) fn refusals(&self) -> u64 {
        locked(&self.refusals).count
    }

    /// Waits until a message may log in that came after so many refusals.
    pub(super) async fn leave(&self, seen: u64) -> Leave<'_> {
        let turn = match self.is_proven.load(Ordering::Acquire) {
            true => None,
            false => Some(self.turn.lock().await),
        };
        let refusals = locked(&self.refusals);
        match &refusals.last {
            Some(refusal) if refusals.count > seen => Leave::Refused(refusal.again()),
            _ => Leave::Try(turn),
        }
    }

    /// Notes how a login ended.
    pub(super) fn note(&self, login: &Result<Opening, TransportError>) {
        let refusal = match login {
            Ok(Opening::Open(_)) => return self.is_proven.store(true, Ordering::Release),
            Ok(Opening::Refused(answer)) => Refusal::Answer(answer.clone()),
            Err(error) if error.login_problem() == Some(LoginProblem::WrongPassword) => {
                Refusal::Error(error.again())
            }
            Err(_) => return,
        };
        self.is_proven.store(false, Ordering::Release);
        let mut refusals = locked(&self.refusals);
        refusals.count += 1;
        refusals.last = Some(refusal);
    }
}

impl Refusal {
    /// The same for another message.
    fn again(&self) -> Result<Opening, TransportError> {
        match self {
            Self::Answer(answer) => Ok(Opening::Refused(answer.clone())),
            Self::Error(error) => Err(error.again()),
        }
    }
}
