//! A gate for the logins of one account on many servers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::http::HttpTransport;
use super::{
    Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport, TransportError,
    TransportErrorKind,
};
use crate::auth::{LoginAttempt, LoginProblem};

/// Tries a password on one server before all others: a mistyped password is one bad logon, however
/// many servers share it. Sessions share the gate of an account by
/// [`SessionBuilder::login_gate`](crate::SessionBuilder::login_gate).
///
/// The first login goes alone. Once a server accepts it, all others pass. Once a server rejects the
/// password, every further message with it fails with [`Error::Auth`](crate::Error::Auth),
/// [`Delivery::NotSent`] and [`LoginProblem::HeldBack`]. A server that cannot be reached decides nothing. One that does not answer
/// within 3 seconds no longer holds up the others: then the next server is tried beside it.
///
/// ```
/// # wsman::doc_examples::run(async |_, simulator| {
/// use wsman::transport::LoginGate;
/// use wsman::{Credentials, Delivery, Session};
/// let gate = LoginGate::new();
/// for _ in 0..3 {
///     let session = Session::builder(simulator.url()).credentials(Credentials::basic("ops", "mistyped"))
///         .allow_unencrypted().login_gate(&gate).build()?;
///     assert!(session.get_class("Win32_Share").await.is_err());
/// }
/// assert_eq!(simulator.requests().len(), 1);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct LoginGate(Arc<State>);

#[derive(Debug)]
struct State {
    verdict: watch::Sender<Verdict>,
    /// The turn of the server that is tried.
    turn: Semaphore,
}

/// What the servers said of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Untested,
    Accepted,
    Rejected,
}

/// How long a server that is tried holds up the others.
const PATIENCE: Duration = Duration::from_secs(3);

impl Default for LoginGate {
    fn default() -> Self {
        Self::new()
    }
}

impl LoginGate {
    /// Creates the gate of an account whose password no server has seen.
    pub fn new() -> Self {
        Self(Arc::new(State {
            verdict: watch::Sender::new(Verdict::Untested),
            turn: Semaphore::new(1),
        }))
    }

    /// Returns whether a server has rejected the login.
    pub fn is_rejected(&self) -> bool {
        self.verdict() == Verdict::Rejected
    }

    /// Lifts the rejection: the next login is tried alone again.
    pub fn lift(&self) {
        self.0.verdict.send_replace(Verdict::Untested);
    }

    fn verdict(&self) -> Verdict {
        *self.0.verdict.borrow()
    }

    /// Waits until a message may be sent; returns the turn of one that goes alone.
    async fn pass(&self) -> Result<Option<SemaphorePermit<'_>>, TransportError> {
        let mut changes = self.0.verdict.subscribe();
        loop {
            match *changes.borrow_and_update() {
                Verdict::Accepted => return Ok(None),
                Verdict::Rejected => return Err(rejected()),
                Verdict::Untested => {}
            }
            tokio::select! {
                biased;
                // `self` owns the sender, so the change is one of the verdict.
                _changed = changes.changed() => {}
                turn = self.0.turn.acquire() => match self.verdict() {
                    Verdict::Untested => return Ok(turn.ok()),
                    Verdict::Accepted | Verdict::Rejected => {}
                },
            }
        }
    }

    /// Runs an exchange behind the gate and learns from the head of its answer.
    async fn guard(
        &self,
        anonymous: bool,
        exchange: impl Future<Output = Result<IncomingMessage, TransportError>>,
    ) -> Result<IncomingMessage, TransportError> {
        if anonymous {
            return exchange.await;
        }
        let turn = self.pass().await?;
        let mut exchange = std::pin::pin!(exchange);
        let answer = match turn {
            None => exchange.await,
            Some(turn) => tokio::select! {
                biased;
                answer = &mut exchange => {
                    self.learn(&answer);
                    return answer;
                }
                () = tokio::time::sleep(PATIENCE) => {
                    drop(turn);
                    exchange.await
                }
            },
        };
        self.learn(&answer);
        answer
    }

    fn learn(&self, answer: &Result<IncomingMessage, TransportError>) {
        let rejects = match answer {
            Ok(answer) => refuses(answer.status, &answer.tried),
            Err(error) => error
                .login_problem()
                .is_some_and(is_of_account)
                .then_some(true),
        };
        let verdict = match rejects {
            Some(true) => Verdict::Rejected,
            Some(false) => Verdict::Accepted,
            None => return,
        };
        self.0.verdict.send_if_modified(|known| {
            // Once rejected, only the caller lifts it.
            let changes = *known != verdict && *known != Verdict::Rejected;
            if changes {
                *known = verdict;
            }
            changes
        });
    }
}

/// Returns whether another try with the same password would count against the account.
fn is_of_account(problem: LoginProblem) -> bool {
    matches!(
        problem,
        LoginProblem::UnknownUser
            | LoginProblem::WrongPassword
            | LoginProblem::PasswordExpired
            | LoginProblem::AccountLocked
            | LoginProblem::AccountDisabled
            | LoginProblem::AccountExpired
    )
}

fn rejected() -> TransportError {
    let problem = LoginProblem::HeldBack;
    let text = format!("{problem}: another server has rejected this account and password");
    TransportError::new(TransportErrorKind::Login, Delivery::NotSent, text)
        .with_login_problem(Some(problem))
}

/// A transport behind the gate of its account.
pub(crate) struct Gated {
    inner: Arc<dyn Transport>,
    gate: LoginGate,
}

impl Gated {
    pub(crate) fn new(inner: Arc<dyn Transport>, gate: LoginGate) -> Self {
        Self { inner, gate }
    }
}

impl fmt::Debug for Gated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Returns whether a server refuses the password; `None` if it refuses the scheme, or a ticket, and has
/// not seen the password.
fn refuses(status: u16, tried: &[LoginAttempt]) -> Option<bool> {
    let shows_password = |attempt: &LoginAttempt| {
        matches!(
            attempt,
            LoginAttempt::Basic | LoginAttempt::Digest { .. } | LoginAttempt::Ntlm { step: 2.. }
        )
    };
    match status {
        401 => tried.iter().any(shows_password).then_some(true),
        _ => Some(false),
    }
}

impl Transport for Gated {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        let anonymous = message.anonymous;
        Box::pin(self.gate.guard(anonymous, self.inner.exchange(message)))
    }

    fn http(&self) -> Option<&HttpTransport> {
        self.inner.http()
    }
}
