//! A gate against locked accounts: until one host has accepted the login, few hosts are tried at a time,
//! and after one refused it, no other is tried.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::exit::Exit;
use crate::failure::Failure;

/// How many hosts may refuse the login at the same time: fewer than the failures that lock an account.
const FEW: usize = 2;

/// The state that the hosts of a run share.
pub(crate) struct Gate {
    permits: Semaphore,
    /// How many permits the gate holds back until a host has accepted the login.
    held: usize,
    is_open: AtomicBool,
    is_refused: AtomicBool,
}

impl Gate {
    /// Makes a gate for a number of hosts at a time; one that is open lets all pass.
    pub(crate) fn new(jobs: usize, is_open: bool) -> Self {
        let first = if is_open { jobs } else { FEW.min(jobs) };
        Self {
            permits: Semaphore::new(first),
            held: jobs - first,
            is_open: AtomicBool::new(is_open),
            is_refused: AtomicBool::new(false),
        }
    }

    /// Waits until a host may be tried.
    ///
    /// # Errors
    /// Another host refused the login.
    pub(crate) async fn enter(&self) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        // The semaphore is never closed.
        let permit = self.permits.acquire().await.ok();
        if self.is_refused.load(Ordering::Relaxed) {
            let text = "not tried, because another host refused the login, and a further refusal can lock \
                        the account; --keep-going-after-refusal tries it";
            return Err(Failure::found(Exit::Denied, "auth", text));
        }
        Ok(permit)
    }

    /// Notes how a host ended.
    pub(crate) fn note(&self, done: &Result<Exit, Failure>) {
        let is_refused = matches!(done, Err(failure) if failure.is_refused_login());
        let is_undecided = matches!(done, Err(failure) if failure.exit() == Exit::Unreachable
            || failure.exit() == Exit::TimedOut || failure.exit() == Exit::Usage);
        if is_undecided || self.is_open.load(Ordering::Relaxed) {
            return;
        }
        if is_refused {
            self.is_refused.store(true, Ordering::Relaxed);
        } else {
            self.is_open.store(true, Ordering::Relaxed);
            self.permits.add_permits(self.held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Result<Exit, Failure> {
        Err(Failure::found(Exit::Denied, "auth", "wrong password"))
    }

    #[tokio::test]
    async fn tries_few_hosts_until_one_accepts_the_login() {
        let gate = Gate::new(16, false);
        let entered = [gate.enter().await.unwrap(), gate.enter().await.unwrap()];
        assert_eq!(gate.permits.available_permits(), 0);
        gate.note(&Ok(Exit::Done));
        assert_eq!(gate.permits.available_permits(), 14);
        drop(entered);
        assert_eq!(gate.permits.available_permits(), 16);
    }

    #[tokio::test]
    async fn tries_no_other_host_after_a_refusal() {
        let gate = Gate::new(16, false);
        drop(gate.enter().await.unwrap());
        gate.note(&Err(Failure::found(Exit::Unreachable, "transport", "dead")));
        drop(gate.enter().await.unwrap());
        gate.note(&refusal());
        assert!(gate.enter().await.is_err());
        let open = Gate::new(16, true);
        open.note(&refusal());
        assert!(open.enter().await.is_ok());
    }
}
