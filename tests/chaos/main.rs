//! A thousand sessions whose server closes connections, forgets logins and delays responses. Each
//! operation ends in time, with success or an error that states its delivery, and no write is done
//! twice.
//!
//! The run number is the seed. `WSMAN_CHAOS_RUN=17` repeats the run that failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deed;
mod plan;

use std::collections::HashMap;
use std::ops::AddAssign;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use wsman::cim::{CimType, Class};
use wsman::simulator::{LoginScheme, NtlmScheme, PASSWORD, Simulator, USER};
use wsman::{Credentials, Delivery, Error, Session};

use deed::Action;
use plan::{Plan, Step};

const RUNS: u64 = 1000;

/// The number of concurrent runs on one thread.
const AT_A_TIME: usize = 24;

/// More than any operation takes that does not hang.
const TOO_LONG: Duration = Duration::from_secs(60);

/// Longer than a client takes to notice that a connection was closed.
const FAREWELL: Duration = Duration::from_millis(20);

/// Longer than a refused first login is the answer to other messages too.
const SHARED_REFUSAL: Duration = Duration::from_millis(300);

/// The outcomes of operations.
#[derive(Debug, Default)]
struct Ends {
    successes: usize,
    not_sent: usize,
    answered: usize,
    unknown: usize,
    /// The runs that failed.
    failed: Vec<u64>,
}

impl Ends {
    fn count(&mut self, told: &Result<(), Error>) {
        *match told.as_ref().map_err(Error::delivery) {
            Ok(()) => &mut self.successes,
            Err(Delivery::NotSent) => &mut self.not_sent,
            Err(Delivery::Answered) => &mut self.answered,
            Err(Delivery::Unknown) => &mut self.unknown,
        } += 1;
    }
}

impl AddAssign for Ends {
    fn add_assign(&mut self, other: Self) {
        self.successes += other.successes;
        self.not_sent += other.not_sent;
        self.answered += other.answered;
        self.unknown += other.unknown;
        self.failed.extend(other.failed);
    }
}

async fn simulator() -> Simulator {
    let lamp = Class::new("Acme_Lamp")
        .with_key("Name", CimType::String)
        .with("Level", CimType::Uint32);
    Simulator::builder()
        .namespace("root/cimv2".parse().unwrap())
        .class(lamp)
        .logins([LoginScheme::Ntlm(NtlmScheme::new())])
        .start()
        .await
        .unwrap()
}

fn session(simulator: &Simulator, plan: &Plan) -> Session {
    Session::builder(simulator.url())
        .credentials(Credentials::ntlm(USER, PASSWORD))
        .namespace("root/cimv2")
        .operation_timeout(plan.patience())
        .network_delay(Duration::ZERO)
        .build()
        .unwrap()
}

/// Performs operations concurrently; returns the name of each lamp and the reported outcome.
async fn perform(
    session: &Session,
    deeds: Vec<(String, Action)>,
) -> Vec<(String, Action, Result<(), Error>)> {
    let deeds = deeds.into_iter().map(|(name, deed)| {
        let session = session.clone();
        tokio::spawn(async move {
            let told = timeout(TOO_LONG, deed.perform(&session, &name)).await;
            let told = told.unwrap_or_else(|_| panic!("{name}, {deed:?}: it hangs"));
            (name, deed, told)
        })
    });
    let deeds: Vec<_> = deeds.collect();
    let mut told = Vec::new();
    for deed in deeds {
        told.push(deed.await.unwrap());
    }
    told
}

async fn run(seed: u64) -> Ends {
    let plan = Plan::new(seed);
    let simulator = simulator().await;
    let session = session(&simulator, &plan);
    for knob in &plan.knobs {
        simulator.next(knob.clone());
    }
    let mut told = Vec::new();
    for (number, step) in plan.steps.iter().enumerate() {
        let Step::AllAtOnce(deeds) = step else {
            simulator.restart();
            all_closed(&simulator).await;
            continue;
        };
        let name = |place: usize| format!("lamp-{number}-{place}");
        let deeds = deeds.iter().enumerate();
        let deeds: Vec<_> = deeds.map(|(place, deed)| (name(place), *deed)).collect();
        for (name, deed) in &deeds {
            deed.prepare(&simulator, name);
        }
        told.extend(perform(&session, deeds).await);
    }
    // The session recovers from any trouble.
    simulator.clear_knobs();
    tokio::time::sleep(FAREWELL).await;
    let after = || {
        Action::Create
            .put(&session, "after")
            .operation_timeout(plan::MUCH_TIME)
    };
    if let Err(error) = after().await {
        // A refusal that the plan injected answers the messages of the next moment too.
        let is_shared = matches!(error, Error::Auth(_)) && error.delivery() == Delivery::NotSent;
        assert!(is_shared, "{error:?}");
        tokio::time::sleep(SHARED_REFUSAL).await;
        after().await.unwrap();
    }
    drop(session);
    all_closed(&simulator).await;
    let requests = simulator.requests();
    let mut ends = Ends::default();
    for (name, deed, told) in &told {
        let judged = deed.judge(name, told, (&simulator, &requests), &plan);
        assert_eq!(judged, Ok(()), "{name}, {deed:?}: {told:?}");
        ends.count(told);
    }
    ends
}

/// Dropping the session ends its connections and all operations in progress.
async fn all_closed(simulator: &Simulator) {
    let closed = async {
        while simulator.open_connections() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(TOO_LONG, closed)
        .await
        .expect("a connection is left open");
}

/// Runs these, a few at a time.
async fn run_all(mut seeds: impl Iterator<Item = u64>) -> Ends {
    let mut running = JoinSet::new();
    let mut seed_of = HashMap::new();
    let mut ends = Ends::default();
    loop {
        while running.len() < AT_A_TIME
            && let Some(seed) = seeds.next()
        {
            seed_of.insert(running.spawn(run(seed)).id(), seed);
        }
        match running.join_next_with_id().await {
            Some(Ok((_, ended))) => ends += ended,
            Some(Err(failed)) => ends.failed.extend(seed_of.get(&failed.id())),
            None => return ends,
        }
    }
}

/// Two threads share the work; each takes every second run.
fn on_two_threads() -> Ends {
    let half = |first: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(run_all((first..RUNS).step_by(2)))
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut ends = half(0);
        ends += other.join().unwrap();
        ends
    })
}

#[test]
fn a_thousand_runs() {
    if let Ok(seed) = std::env::var("WSMAN_CHAOS_RUN") {
        let seed = seed.parse().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ends = runtime.block_on(run_all(std::iter::once(seed)));
        assert!(ends.failed.is_empty(), "{:?}", Plan::new(seed));
        return;
    }
    let ends = on_two_threads();
    assert!(
        ends.failed.is_empty(),
        "the runs {:?} failed: see above",
        ends.failed
    );
    // The run proves nothing if no operation failed, or if all did.
    assert!(ends.successes > 2000, "{ends:?}");
    assert!(ends.not_sent > 100, "{ends:?}");
    assert!(ends.answered > 50, "{ends:?}");
    assert!(ends.unknown > 200, "{ends:?}");
}
