//! Tests subscriptions on the simulator: events, silence, renewal, lost connections and cleanup.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrive;
mod end;
mod last;
mod resume;
mod scripted;

use std::future::{Future, IntoFuture as _};
use std::time::Duration;

use wsman::simulator::{Dialect, Simulator, sample};
use wsman::subscribe::Subscribe;
use wsman::{Credentials, Error, Instance, Request, Session, Subscription};

const QUERY: &str = "SELECT * FROM Demo_Tick";
const SUBSCRIBE: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Subscribe";
const RENEW: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Renew";
const UNSUBSCRIBE: &str = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Unsubscribe";
const PULL: &str = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";

/// The time limit for every expected event.
const PATIENCE: Duration = Duration::from_secs(10);

/// A simulator, a session with it, and events to raise.
struct Setup {
    simulator: Simulator,
    session: Session,
}

impl Setup {
    async fn new(dialect: Dialect) -> Self {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let session = Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .namespace("root/cimv2")
            .wire_form(dialect.wire_form())
            .network_delay(Duration::from_millis(300))
            .allow_unencrypted()
            .build()
            .unwrap();
        Self { simulator, session }
    }

    fn ticks(&self) -> Request<Subscribe> {
        self.session
            .subscribe(QUERY)
            .max_latency(millis(20))
            .operation_timeout(Duration::from_secs(2))
    }

    fn tick(&self, number: u32) {
        let tick = Instance::new("Demo_Tick").with("Number", number);
        self.simulator.emit(tick).unwrap();
    }

    /// Returns the number of requests read with an action.
    fn requests(&self, action: &str) -> usize {
        let requests = self.simulator.requests();
        let with_action =
            |request: &&wsman::simulator::SeenRequest| request.action.as_deref() == Some(action);
        requests.iter().filter(with_action).count()
    }

    /// Waits until the server holds this many subscriptions.
    async fn until_open(&self, count: usize) {
        eventually(|| self.simulator.open_subscriptions() == count).await;
    }

    /// Waits until a Pull waits for events.
    async fn until_pulled(&self, times: usize) {
        eventually(|| self.requests(PULL) >= times).await;
    }
}

async fn subscribed(request: Request<Subscribe>) -> Subscription {
    in_time(request.into_future()).await.unwrap()
}

/// Returns the number of the next event.
async fn number(events: &mut Subscription) -> u32 {
    let event = in_time(events.next()).await.expect("an event");
    event.unwrap().instance.get("Number").unwrap()
}

/// Asserts that the next item reports possibly missed events.
async fn notice(events: &mut Subscription) -> Error {
    let item = in_time(events.next()).await.expect("a notice");
    let error = item.expect_err("a notice");
    assert!(matches!(error, Error::EventsMissed(_)), "{error:?}");
    assert!(error.earlier().is_some(), "{error:?}");
    error
}

/// Asserts that no item arrives.
async fn silence(events: &mut Subscription) {
    let item = tokio::time::timeout(millis(150), events.next()).await;
    assert!(item.is_err(), "{item:?}");
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.expect("in time")
}

async fn eventually(holds: impl Fn() -> bool) {
    in_time(async {
        while !holds() {
            tokio::time::sleep(millis(5)).await;
        }
    })
    .await;
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
