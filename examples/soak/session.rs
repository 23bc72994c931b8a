//! One session: a mix of operations until the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wsman::retry::RetryPolicy;

use crate::Outcome;
use crate::faults::{Dice, fault};
use crate::ledger::{Counts, Ledger};
use crate::operations::{read, write};
use crate::server::Server;

/// The operations of a session before another one takes its place.
const OPERATIONS: u64 = 100;

/// Longer than any operation takes that does not hang.
const HANGS: Duration = Duration::from_secs(90);

/// The longest pause of a session between two operations.
const PAUSE: u64 = 200;

/// The policy of every other session.
pub(crate) fn retries() -> RetryPolicy {
    RetryPolicy::new(3).backoff(Duration::from_millis(10), Duration::from_millis(100))
}

/// Runs operations until the end, in one session after another.
pub(crate) async fn run_session(number: u32, server: Arc<Server>, end: Instant) -> Outcome<Counts> {
    let (mut dice, mut ledger) = (Dice::new(number), Ledger::new(number));
    while Instant::now() < end {
        let session = server.session(number)?;
        for _ in 0..=dice.below(OPERATIONS) {
            if Instant::now() > end {
                break;
            }
            if dice.percent(7) {
                server.fail(fault(&mut dice));
            }
            let is_write = dice.percent(60);
            let operation = async {
                if is_write {
                    write(&session, &server, &mut ledger, &mut dice).await
                } else {
                    read(&session, &server, &mut ledger, &mut dice).await
                }
            };
            let ran = tokio::time::timeout(HANGS, operation).await;
            ran.map_err(|_| format!("an operation of session {number} hangs"))??;
            ledger.settle(&server, false)?;
            tokio::time::sleep(dice.millis(PAUSE)).await;
        }
    }
    ledger.close(&server).await
}
