//! Tests streams of rows on the simulator in each dialect: cleanup after an early end, prefetching, and
//! the same rows with any page size.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used, clippy::panic)]

mod ahead;
mod disturbed;
mod opening;
mod stopped;
mod stress;

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use wsman::enumerate::EnumerateInstances;
use wsman::simulator::{Dialect, Knob, Simulator, sample};
use wsman::{Credentials, Error, Request, Session};

/// Longer than any test waits.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The delay of a late response.
pub(crate) const LATE: Duration = Duration::from_millis(200);

/// The services of the sample.
pub(crate) const SERVICES: usize = 13;

pub(crate) fn session(simulator: &Simulator) -> Session {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
        .allow_unencrypted()
        .build()
        .unwrap()
}

/// Enumerates the services, three in a page.
pub(crate) fn services(session: &Session) -> Request<EnumerateInstances> {
    session.enumerate_instances("Win32_Service").max_elements(3)
}

/// Runs a check in each dialect. Afterwards no enumeration is open and no task remains. The simulator
/// has its own runtime, so all tasks of the other runtime belong to the session.
pub(crate) fn leaves_nothing(check: impl AsyncFn(Session, &Simulator)) {
    let servers = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let clients = Builder::new_current_thread().enable_all().build().unwrap();
    for dialect in Dialect::ALL {
        let simulator = servers.block_on(sample().dialect(dialect).start()).unwrap();
        clients.block_on(async {
            let before = tasks();
            check(session(&simulator), &simulator).await;
            until("no enumeration is open", || {
                simulator.open_enumerations() == 0
            })
            .await;
            until("no task is left", || tasks() == before).await;
        });
    }
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Returns the number of requests of this kind, such as `Pull`.
pub(crate) fn seen(simulator: &Simulator, operation: &str) -> usize {
    let is_it = |action: &str| action.ends_with(&["/", operation].concat());
    let requests = simulator.requests().into_iter();
    requests
        .filter(|request| request.action.as_deref().is_some_and(is_it))
        .count()
}

/// Lets the next Enumerate succeed, and applies a knob to the Pull after it.
pub(crate) fn at_the_pull(simulator: &Simulator, knob: Knob) {
    simulator.next(Knob::Pass).next(knob);
}

pub(crate) fn assert_cancelled(error: &Error) {
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
}
