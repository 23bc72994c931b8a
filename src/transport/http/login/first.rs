//! The first login runs alone: a wrong password is tried once, however many messages wait, because
//! repeated failures lock accounts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as Turns, MutexGuard as TurnGuard};
use tokio::time::timeout;

use crate::auth::LoginProblem;
use crate::transport::http::locked;
#[cfg(feature = "negotiate")]
use crate::transport::kdc::deadline;
use crate::transport::{TransportError, WholeAnswer};

/// The time for which other messages wait for the answer to one that carries its login. A server
/// refuses a login sooner, even if it delays the refusal against guessing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time for which a refusal is the answer to other messages too, until the first login was
/// accepted: tasks that start together share it. Only time can tell them from a caller that tries
/// again, because a task that did not run yet has left no trace in the session.
const SHARED: Duration = Duration::from_millis(250);

/// The login state of one transport.
#[derive(Debug, Default)]
pub(in crate::transport::http) struct FirstLogin {
    /// Whether the last login was accepted.
    is_proven: AtomicBool,
    /// Whether any login was accepted.
    was_accepted: AtomicBool,
    /// The scheme of the login that was accepted last.
    scheme: Mutex<Option<&'static str>>,
    turns: Turns<()>,
    refused: Mutex<RefusedLogins>,
}

/// The number of refused logins, and the last refusal.
#[derive(Debug, Default)]
struct RefusedLogins {
    count: u64,
    /// Boxed, because most sessions have none.
    last: Option<Box<(RefusedLogin, Instant)>>,
}

/// A refused login.
#[derive(Debug)]
enum RefusedLogin {
    /// By the server.
    Answer(WholeAnswer),
    /// By the KDC, which also counts wrong passwords.
    Error(TransportError),
}

/// The permission of a message to log in.
pub(super) enum Leave<'a> {
    /// It may log in.
    Try(Turn<'a>),
    /// Another message's login was refused while this one waited, and this one's would be too.
    Refused(Result<WholeAnswer, TransportError>),
}

/// The turn of a message, which logs in alone until the login is known to be right.
pub(super) struct Turn<'a> {
    first: &'a FirstLogin,
    guard: Option<TurnGuard<'a, ()>>,
    /// The end of the time of the message.
    #[cfg(feature = "negotiate")]
    pub(super) end: tokio::time::Instant,
}

impl FirstLogin {
    /// Waits until a message may log in, which has this much time.
    #[cfg_attr(not(feature = "negotiate"), allow(unused_variables))]
    pub(super) async fn turn(&self, time: Duration) -> Leave<'_> {
        #[cfg(feature = "negotiate")]
        let end = deadline(time);
        let turn = |guard| Turn {
            first: self,
            guard,
            #[cfg(feature = "negotiate")]
            end,
        };
        if self.is_proven.load(Ordering::Acquire) {
            return Leave::Try(turn(None));
        }
        let seen = locked(&self.refused).count;
        let guard = Some(self.turns.lock().await);
        let refused = locked(&self.refused);
        match &refused.last {
            Some(last) if refused.count > seen || self.shares(last.1) => {
                Leave::Refused(last.0.again())
            }
            _ => Leave::Try(turn(
                guard.filter(|_| !self.is_proven.load(Ordering::Acquire)),
            )),
        }
    }

    /// Whether any login was accepted.
    pub(super) fn was_accepted(&self) -> bool {
        self.was_accepted.load(Ordering::Acquire)
    }

    /// The scheme of the login that was accepted last.
    pub(in crate::transport::http) fn scheme(&self) -> Option<&'static str> {
        *locked(&self.scheme)
    }

    /// Records the scheme of an answer, if its login was accepted.
    pub(super) fn note_scheme(&self, scheme: Option<&'static str>) {
        if scheme.is_some() {
            *locked(&self.scheme) = scheme;
        }
    }

    /// Whether a refusal of this time is the answer to a message that starts now.
    fn shares(&self, refused: Instant) -> bool {
        !self.was_accepted() && refused.elapsed() < SHARED
    }

    fn note(&self, refusal: RefusedLogin) {
        self.is_proven.store(false, Ordering::Release);
        let mut refused = locked(&self.refused);
        refused.count += 1;
        refused.last = Some(Box::new((refusal, Instant::now())));
    }
}

impl Turn<'_> {
    /// Waits for the answer to a message that carries its login. If it takes long, the server works
    /// on the message, and the others no longer wait.
    pub(super) async fn wait<T>(&mut self, mut answer: Pin<&mut impl Future<Output = T>>) -> T {
        if self.guard.is_none() {
            return answer.await;
        }
        match timeout(PATIENCE, answer.as_mut()).await {
            Ok(answer) => answer,
            Err(_) => {
                self.guard = None;
                answer.await
            }
        }
    }

    /// Records that the server accepted the login: other messages may start. Returns whether this
    /// proved the login.
    pub(super) fn accepted(&mut self) -> bool {
        let is_first = self.guard.take().is_some();
        if is_first {
            self.first.was_accepted.store(true, Ordering::Release);
            self.first.is_proven.store(true, Ordering::Release);
        }
        is_first
    }

    /// Records the end of the login of a message, which is refused if the answer lists attempts.
    pub(super) fn ended(self, result: Result<&WholeAnswer, &TransportError>) {
        // A refusal that an attacker may have forged counts only before the first acceptance.
        let is_alone = self.guard.is_some();
        match result {
            Ok(answer) if !answer.tried.is_empty() && (is_alone || !answer.evidence.unsigned) => {
                self.first.note(RefusedLogin::Answer(answer.clone()));
            }
            Err(error)
                if matches!(
                    error.login_problem(),
                    Some(LoginProblem::WrongPassword | LoginProblem::WrongKey { .. })
                ) =>
            {
                self.first.note(RefusedLogin::Error(error.again()));
            }
            Ok(_) | Err(_) => {}
        }
    }
}

impl RefusedLogin {
    /// Copies the refusal for another message, which was not sent.
    fn again(&self) -> Result<WholeAnswer, TransportError> {
        match self {
            Self::Answer(answer) => {
                let mut answer = answer.clone();
                answer.evidence.shared = true;
                Ok(answer)
            }
            Self::Error(error) => Err(error.again()),
        }
    }
}
