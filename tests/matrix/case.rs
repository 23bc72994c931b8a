//! One case: an operation, a login, a trouble and the step at which it comes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use wsman::error::TimeoutKind;
use wsman::simulator::{KeyDistributionCentre, Simulator};
use wsman::{Credentials, Delivery, Error};

use crate::login::{Login, kdc};
use crate::operations::Operation;
use crate::tap::{Sending, Tap};
use crate::trouble::Trouble;

/// What one thread needs: a runtime for the servers, so that they run while the client waits.
pub(crate) struct Bench {
    servers: Runtime,
    kdc: Arc<KeyDistributionCentre>,
}

/// The deadline of an operation that meets a trouble that takes time, and of any other.
const SHORT: Duration = Duration::from_secs(1);
const AMPLE: Duration = Duration::from_secs(20);

/// The time limit of one message: the longest that a task outlives its operation.
const OF_A_MESSAGE: Duration = Duration::from_millis(1500);

/// How late an operation may notice its deadline on a busy machine.
const SLACK: Duration = Duration::from_secs(2);

/// How a case ended.
pub(crate) struct Ended {
    told: Result<(), Error>,
    /// The number of requests that the server had answered when the operation ended. What goes on behind it,
    /// as the first Pull of a subscription, waits for its answer.
    pub(crate) answered: usize,
}

impl Bench {
    /// Starts the realm of all benches, in a runtime of its own.
    pub(crate) fn realm() -> (Runtime, Arc<KeyDistributionCentre>) {
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let kdc = Arc::new(runtime.block_on(kdc()));
        (runtime, kdc)
    }

    pub(crate) fn new(kdc: Arc<KeyDistributionCentre>) -> Self {
        let mut servers = Builder::new_multi_thread();
        let servers = servers.worker_threads(1).enable_all().build().unwrap();
        Self { servers, kdc }
    }

    /// Runs a case, with a trouble at one request or none, and asserts what must hold after each.
    pub(crate) fn run(
        &self,
        operation: Operation,
        login: Login,
        trouble: Option<(Trouble, usize)>,
    ) -> Ended {
        let case = format!("{operation:?}, {login:?}, {trouble:?}");
        let credentials = login.credentials();
        let (simulator, tap) = self.servers.block_on(async {
            let simulator = login.server(&self.kdc).await;
            if login == Login::Kerberos {
                // Gets a ticket, which takes more time than a login.
                let warm = login.session(simulator.url(), credentials.clone(), &self.kdc);
                warm.build().unwrap().identify().await.unwrap();
            }
            let tap = Tap::on(&simulator).await;
            (simulator, tap)
        });
        if let Some((trouble, at)) = trouble {
            tap.meddle(move |number, answer| {
                if number == at {
                    trouble.meddle(answer)
                } else {
                    answer.map(Sending::Whole)
                }
            });
        }
        let takes_time = trouble.is_some_and(|(trouble, _)| trouble.takes_time());
        let limit = if takes_time { SHORT } else { AMPLE };
        let ended = self.perform(operation, (login, credentials), &tap, limit, &case);
        judge(operation, &ended.told, &simulator, &case);
        if let Err(error) = &ended.told {
            assert!(!takes_time || error.is_timeout(), "{case}: {error}");
        }
        drop(tap);
        self.servers.block_on(closed(&simulator, &case));
        ended
    }

    /// Performs the operation in a runtime of its own, in which no task may remain.
    fn perform(
        &self,
        operation: Operation,
        (login, credentials): (Login, Credentials),
        tap: &Tap,
        limit: Duration,
        case: &str,
    ) -> Ended {
        let client = Builder::new_current_thread().enable_all().build().unwrap();
        client.block_on(async {
            let session = login
                .session(tap.url(), credentials, &self.kdc)
                .operation_timeout(if limit == SHORT { OF_A_MESSAGE } else { AMPLE })
                .network_delay(Duration::ZERO)
                .build()
                .unwrap();
            let began = Instant::now();
            let hangs = tokio::time::timeout(limit + SLACK, operation.perform(&session, limit));
            let told = hangs.await.unwrap_or_else(|_| panic!("{case}: it hangs"));
            let took = began.elapsed();
            assert!(took < limit + SLACK, "{case}: it took {took:?}");
            let answered = tap.answers().len();
            drop(session);
            let tasks = || {
                tokio::runtime::Handle::current()
                    .metrics()
                    .num_alive_tasks()
            };
            let until = Instant::now() + OF_A_MESSAGE + SLACK;
            while tasks() > 0 {
                assert!(Instant::now() < until, "{case}: {} tasks remain", tasks());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ended { told, answered }
        })
    }
}

/// Compares the reported outcome with what the server did.
fn judge(operation: Operation, told: &Result<(), Error>, simulator: &Simulator, case: &str) {
    if operation.is_read() {
        assert!(
            !told.as_ref().is_err_and(Error::may_have_changed),
            "{case}: {told:?}"
        );
        return;
    }
    let is_done = operation.is_done(simulator);
    match told.as_ref().map_err(Error::delivery) {
        Ok(()) => assert!(is_done, "{case}: it is not done"),
        Err(Delivery::NotSent | Delivery::Answered) => {
            assert!(!is_done, "{case}: it is done: {told:?}");
        }
        Err(Delivery::Unknown) => {}
    }
}

/// Waits until the connections of a session are closed.
async fn closed(simulator: &Simulator, case: &str) {
    let until = Instant::now() + SLACK;
    while simulator.open_connections() > 0 {
        assert!(Instant::now() < until, "{case}: a connection remains");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

impl Ended {
    /// Returns the outcome, the delivery, and whether it took until the deadline.
    pub(crate) fn text(&self) -> String {
        match &self.told {
            Ok(()) => "done".to_owned(),
            Err(error) if error.timeout_kind() == Some(TimeoutKind::Deadline) => {
                format!("Timeout {:?}, by its deadline", error.delivery())
            }
            Err(error) => format!("{} {:?}", error.name(), error.delivery()),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.told.is_ok()
    }
}
