//! Why the last login used no Kerberos, and when the next one tries it again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::negotiate::Environment;
use crate::auth::{KerberosObstacle, LoginProblem};

/// The time until Kerberos is tried again after no KDC answered, or the clocks differed: both end
/// without a change of the realm.
const SHORT_TERM: Duration = Duration::from_secs(5 * 60);

/// The time after any other problem, such as a service that the realm does not know. It ends only
/// when the realm is changed.
const LONG_TERM: Duration = Duration::from_secs(15 * 60);

/// Why the accepted logins of a session used NTLM instead of Kerberos. While it holds, logins ask no
/// KDC: one that does not answer would delay every connection.
#[derive(Clone, Debug)]
pub(crate) struct WithoutKerberos {
    state: Arc<Mutex<Option<GivenUp>>>,
    environment: Environment,
}

#[derive(Clone, Copy, Debug)]
struct GivenUp {
    obstacle: KerberosObstacle,
    /// When a login tries Kerberos again.
    retry: Instant,
}

impl GivenUp {
    fn new(obstacle: KerberosObstacle, now: Instant) -> Self {
        let retry = now + term(obstacle);
        Self { obstacle, retry }
    }
}

impl WithoutKerberos {
    pub(crate) fn new(environment: Environment) -> Self {
        Self {
            state: Arc::default(),
            environment,
        }
    }

    /// Returns why a login that starts now must leave Kerberos out; `None` if it may try it.
    ///
    /// After the term one login tries Kerberos. Those that start beside it use NTLM at once.
    pub(crate) fn reason(&self) -> Option<KerberosObstacle> {
        let now = (self.environment.monotonic)();
        let mut state = self.lock();
        let given_up = state.as_mut()?;
        if now < given_up.retry {
            return Some(given_up.obstacle);
        }
        *given_up = GivenUp::new(given_up.obstacle, now);
        None
    }

    /// Starts a term: a login was accepted, and this obstacle kept it from using Kerberos.
    pub(super) fn give_up(&self, obstacle: KerberosObstacle) {
        let now = (self.environment.monotonic)();
        *self.lock() = Some(GivenUp::new(obstacle, now));
    }

    /// Ends the term: Kerberos gave a ticket.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<GivenUp>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the time for which Kerberos is left out.
fn term(obstacle: KerberosObstacle) -> Duration {
    match obstacle {
        KerberosObstacle::NoTicket(
            None | Some(LoginProblem::KdcUnreachable | LoginProblem::ClockSkew { .. }),
        ) => SHORT_TERM,
        _ => LONG_TERM,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::SystemTime;

    use super::*;

    thread_local! {
        /// The time that has passed on the clock of the test.
        static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
        static START: Instant = Instant::now();
    }

    fn pass(time: Duration) {
        PASSED.set(PASSED.get() + time);
    }

    fn without_kerberos() -> WithoutKerberos {
        WithoutKerberos::new(Environment {
            now: SystemTime::now,
            monotonic: || START.with(|start| *start + PASSED.get()),
            fill: |_| true,
        })
    }

    #[test]
    fn each_obstacle_has_its_term() {
        const MINUTE: Duration = Duration::from_secs(60);
        let skew = LoginProblem::ClockSkew { seconds: 900 };
        for (problem, minutes) in [
            (Some(LoginProblem::KdcUnreachable), 5),
            (Some(skew), 5),
            (None, 5),
            (Some(LoginProblem::UnknownService), 15),
            (Some(LoginProblem::UnknownUser), 15),
            (Some(LoginProblem::NoSupportedEncryption), 15),
            (Some(LoginProblem::Other(60)), 15),
        ] {
            let obstacle = KerberosObstacle::NoTicket(problem);
            let without = without_kerberos();
            assert_eq!(without.reason(), None, "{problem:?}");
            without.give_up(obstacle);
            pass(MINUTE * minutes - Duration::from_millis(1));
            assert_eq!(without.reason(), Some(obstacle), "{problem:?}");
            pass(Duration::from_millis(1));
            assert_eq!(without.reason(), None, "{problem:?}");
        }
    }

    #[test]
    fn one_login_tries_again_and_its_result_counts() {
        let obstacle = KerberosObstacle::NoTicket(Some(LoginProblem::KdcUnreachable));
        let without = without_kerberos();
        without.give_up(obstacle);
        pass(SHORT_TERM);
        let another = without.clone();
        assert_eq!(without.reason(), None);
        // The others do not wait for the KDC.
        assert_eq!(another.reason(), Some(obstacle));
        without.give_up(KerberosObstacle::NoTicket(Some(
            LoginProblem::UnknownService,
        )));
        pass(SHORT_TERM);
        let unknown = KerberosObstacle::NoTicket(Some(LoginProblem::UnknownService));
        assert_eq!(another.reason(), Some(unknown));
        pass(LONG_TERM);
        assert_eq!(another.reason(), None);
        another.end();
        assert_eq!(without.reason(), None);
        assert_eq!(without.reason(), None);
    }
}
