//! Checks a connection step by step, from the name of the server to a read.
//!
//! [`Session::diagnose`](crate::Session::diagnose) returns a [`Diagnosis`].

mod advice;
mod display;
mod kind;
mod report;
mod schemes;
mod talk;
mod way;

use std::time::Instant;

use tokio::net::TcpStream;

pub use kind::CheckKind;
pub use report::{Check, CheckOutcome, Diagnosis};

use super::Session;
use crate::auth::LoginAttempt;
use crate::error::{Error, OperationKind, Subject};
use crate::transport::http::{HttpTransport, Reached};

impl Session {
    /// Checks the connection to the server step by step, and reports what is wrong and what to do next.
    ///
    /// Runs the checks of [`CheckKind::ALL`] in order, and skips those that cannot succeed after a failed
    /// one. It changes nothing on the server, and tries a wrong password once.
    ///
    /// Each check takes at most the connect timeout or the operation timeout of the session. A server
    /// that does not answer messages without a login, such as OMI, delays it by five seconds.
    ///
    /// The checks of the name, the port, the proxy and TLS use a separate connection. With a proxy, name
    /// and port are the proxy's, and TLS is that of the server through it.
    ///
    /// The login is tried once. The checks of the login schemes say what became of each.
    ///
    /// ```
    /// use wsman::simulator::sample;
    /// use wsman::diagnose::CheckKind;
    /// use wsman::{Credentials, Session};
    ///
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = sample().start().await?;
    /// let session = Session::builder(simulator.url())
    ///     .credentials(Credentials::basic(simulator.user(), "wrong"))
    ///     .allow_unencrypted()
    ///     .build()?;
    /// let diagnosis = session.diagnose().await;
    /// let failed = diagnosis.failed().unwrap();
    /// assert_eq!(failed.kind, CheckKind::Login);
    /// assert!(failed.next_steps()[0].contains("the user name or the password is wrong"));
    /// println!("{diagnosis}");
    /// # Ok(()) });
    /// ```
    pub async fn diagnose(&self) -> Diagnosis {
        let mut examination = Examination {
            session: self,
            http: self.transport().http(),
            found: Diagnosis::default(),
            stream: None,
            reached: None,
            attempts: Vec::new(),
            is_silent: false,
            is_known_user: false,
            stopped: None,
        };
        for kind in CheckKind::ALL {
            examination.check(kind).await;
        }
        examination.found
    }
}

/// A running diagnosis.
struct Examination<'a> {
    session: &'a Session,
    /// `None` if the session uses another transport.
    http: Option<&'a HttpTransport>,
    found: Diagnosis,
    /// The connection to the server, or to the proxy.
    stream: Option<TcpStream>,
    /// The connection to the server, before TLS.
    reached: Option<Reached>,
    /// The login attempts up to the accepted one.
    attempts: Vec<LoginAttempt>,
    /// Whether the server did not answer an Identify without a login.
    is_silent: bool,
    /// Whether the server has answered an Identify with a login.
    is_known_user: bool,
    /// The failed check after which no other can succeed.
    stopped: Option<CheckKind>,
}

/// The result of a check.
type Outcome = Result<Finding, Problem>;

/// The result of a check that found nothing wrong.
enum Finding {
    Passed(String),
    Noted(String),
    Skipped(&'static str),
}

/// The error of a failed check.
struct Problem {
    error: Error,
    /// Whether no further check can succeed.
    is_fatal: bool,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            error,
            is_fatal: true,
        }
    }
}

impl Examination<'_> {
    async fn check(&mut self, kind: CheckKind) {
        if kind.scheme().is_some() {
            // Added with the login.
            return;
        }
        if let Some(stopped) = self.stopped {
            if kind == CheckKind::Login {
                self.add_schemes(Some((stopped, None)));
            }
            let why = format!("{stopped} failed");
            return self.found.add(kind, CheckOutcome::Skipped(why), None, None);
        }
        let began = Instant::now();
        let outcome = self.outcome(kind).await;
        let took = Some(began.elapsed());
        if kind == CheckKind::Login {
            let failed = outcome.as_ref().err();
            self.add_schemes(failed.map(|problem| (kind, Some(&problem.error))));
        }
        let (outcome, error) = match outcome {
            Ok(Finding::Passed(detail)) => (CheckOutcome::Passed(detail), None),
            Ok(Finding::Noted(detail)) => (CheckOutcome::Noted(detail), None),
            Ok(Finding::Skipped(why)) => {
                let outcome = CheckOutcome::Skipped(why.to_owned());
                return self.found.add(kind, outcome, None, None);
            }
            Err(Problem { error, is_fatal }) => {
                self.stopped = is_fatal.then_some(kind);
                let next_steps = if kind == CheckKind::Login && self.waits_for_a_challenge(&error) {
                    vec![advice::NO_CHALLENGE.to_owned()]
                } else {
                    advice::next_steps(kind, &error, self.found.identity.as_ref())
                };
                let outcome = CheckOutcome::Failed {
                    what: advice::what(&error),
                    next_steps,
                };
                let diagnose = || Subject::of(OperationKind::Diagnose);
                let endpoint = &self.session.settings().to;
                (outcome, Some(error.within(diagnose, endpoint)))
            }
        };
        self.found.add(kind, outcome, took, error);
    }

    /// Whether the login waited for a challenge of a server that answers nothing without a login.
    fn waits_for_a_challenge(&self, error: &Error) -> bool {
        let schemes = self.http.map(|http| http.usable_schemes());
        let begins_with = schemes.unwrap_or_default().first().copied();
        self.is_silent && error.is_timeout() && begins_with == Some("Digest")
    }

    async fn outcome(&mut self, kind: CheckKind) -> Outcome {
        match kind {
            CheckKind::Name => self.name().await,
            CheckKind::Port => self.port().await,
            CheckKind::Proxy => self.proxy().await,
            CheckKind::Tls => self.tls().await,
            CheckKind::Identify => self.identify().await,
            CheckKind::Offers => self.offers().await,
            CheckKind::Clock => Ok(self.clock()),
            CheckKind::Login => self.login().await,
            CheckKind::Sealing => self.sealing().await,
            CheckKind::Read => self.read().await,
            // Without a scheme of its own, none is checked alone.
            _ => Ok(Finding::Skipped("the login checks it")),
        }
    }
}
