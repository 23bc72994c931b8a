//! Seeded runs: eight writers put into the same lamps while messages and answers are lost, and send a put
//! again only if it was not done. No put is done twice, and no claim is wrong.
//!
//! `WSMAN_RECONCILE_RUNS=10000` is the long form, `WSMAN_RECONCILE_RUN=17` repeats one run.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;
use wsman::put::{PartialUpdate, Reconciled};
use wsman::simulator::{Dialect, Simulator};
use wsman::{Delivery, Error, Instance, InstancePath, PutMode, Session};

use crate::lossy::{Loss, Lossy};
use crate::{builder, simulator};

/// The runs without `WSMAN_RECONCILE_RUNS`.
const RUNS: u64 = 25;
const WRITERS: u64 = 8;
const THREADS: u64 = 4;
const PUTS: u64 = 1;
/// How often a put is sent, if the claim allows it.
const TIMES: usize = 3;

/// Numbers that are reproducible for a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

fn is_write(body: &str) -> bool {
    body.contains("transfer/Put<") || body.contains("transfer/Create<")
}

fn loss(dice: &mut Dice, body: &str) -> Loss {
    match dice.below(8) {
        _ if !is_write(body) => Loss::Pass,
        0..=2 => Loss::Answer,
        3 | 4 => Loss::Message,
        5 => Loss::NotSent,
        _ => Loss::Pass,
    }
}

/// How often each claim was made.
type Claims = BTreeMap<String, usize>;

/// One writer of a run.
struct Writer {
    session: Session,
    lossy: Arc<Lossy>,
    dice: Dice,
    run: u64,
    number: u64,
    claims: Claims,
}

impl Writer {
    async fn write(mut self) -> Claims {
        for put in 0..PUTS {
            // No two puts of a run send the same values.
            let token = u32::try_from(self.number * 100 + put + 10).unwrap();
            self.put(token).await;
        }
        self.claims
    }

    async fn put(&mut self, token: u32) {
        let name = format!("lamp-{}-{}", self.run, self.dice.below(3));
        let path = InstancePath::new("Acme_Lamp").with_key("Name", name.as_str());
        let lamp = Instance::new("Acme_Lamp")
            .with_key("Name", name)
            .with("Level", token)
            .with("Owner", format!("writer-{}-{token}", self.run));
        let put = self.session.put_instance(&lamp);
        let (put, mode) = match self.dice.below(4) {
            0 => (put.mode(PutMode::CreateOnly), "create"),
            1 => (put.mode(PutMode::UpdateOnly), "update"),
            2 => {
                let put = put.mode(PutMode::UpdateOnly);
                (put.partial(PartialUpdate::ModifiedProperties), "modify")
            }
            _ => (put, "put"),
        };
        let knows_before = self.dice.below(3) > 0;
        for _ in 0..TIMES {
            let before = if knows_before {
                Some(self.session.get_instance(&path).optional().await.unwrap())
            } else {
                None
            };
            let error = match put.clone().await {
                Ok(_) => return self.check(token, 1, "success"),
                Err(error) => error,
            };
            match error.delivery() {
                Delivery::NotSent => self.check(token, 0, "not sent"),
                Delivery::Answered => return self.refused(token, &error),
                Delivery::Unknown => {
                    let reconcile = self.session.reconcile(&put);
                    let reconcile = match before {
                        Some(before) => reconcile.before(before),
                        None => reconcile,
                    };
                    let claim = reconcile.await.unwrap();
                    *self.claims.entry(format!("{mode}: {claim:?}")).or_default() += 1;
                    match claim {
                        Reconciled::Done => return self.check(token, 1, "done"),
                        Reconciled::NotDone => self.check(token, 0, "not done"),
                        Reconciled::Unknowable { .. } => return,
                    }
                }
            }
        }
    }

    fn refused(&self, token: u32, error: &Error) {
        let is_refusal = matches!(
            error,
            Error::NotFound(_) | Error::AlreadyExists(_) | Error::Transport(_)
        );
        assert!(is_refusal, "{error}");
        self.check(token, 0, "refused");
    }

    /// Compares a claim with how often the put was done in truth.
    fn check(&self, token: u32, times: usize, claim: &str) {
        let done = times_done(&self.lossy, self.run, token);
        let (run, number) = (self.run, self.number);
        assert_eq!(done, times, "run {run}, writer {number}, {token}: {claim}");
    }
}

fn times_done(lossy: &Lossy, run: u64, token: u32) -> usize {
    let owner = format!("writer-{run}-{token}<");
    let written = lossy.succeeded();
    let written = written
        .iter()
        .filter(|body| is_write(body) && body.contains(&owner));
    written.count()
}

async fn run(simulator: &Simulator, run: u64) -> Claims {
    let mut dice = Dice(run);
    let builder = builder(simulator);
    let mut of_messages = Dice(dice.below(u64::MAX));
    let lossy = Lossy::new(builder.http().unwrap(), move |body| {
        loss(&mut of_messages, body)
    });
    let session = builder.transport(lossy.clone()).build().unwrap();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let writer = Writer {
            session: session.clone(),
            lossy: Arc::clone(&lossy),
            dice: Dice(dice.below(u64::MAX)),
            run,
            number,
            claims: Claims::new(),
        };
        writers.spawn(writer.write());
    }
    let claims = writers.join_all().await;
    for token in (0..WRITERS).flat_map(|number| (0..PUTS).map(move |put| number * 100 + put + 10)) {
        let done = times_done(&lossy, run, u32::try_from(token).unwrap());
        assert!(done <= 1, "run {run}, {token}: done {done} times");
    }
    let mut all = Claims::new();
    claims.into_iter().for_each(|claims| add(&mut all, claims));
    all
}

/// Performs these runs one after the other, on a server of their own. OMI says whether a missing
/// instance or its class is missing, so that a claim costs one message.
async fn run_all(runs: impl Iterator<Item = u64>) -> Claims {
    let simulator = simulator(Dialect::Omi).await;
    let mut claims = Claims::new();
    for seed in runs {
        add(&mut claims, run(&simulator, seed).await);
        for lamp in simulator.instances("Acme_Lamp") {
            let name: String = lamp.get("Name").unwrap();
            simulator.remove(&InstancePath::new("Acme_Lamp").with_key("Name", name));
        }
    }
    claims
}

fn add(claims: &mut Claims, more: Claims) {
    for (claim, times) in more {
        *claims.entry(claim).or_default() += times;
    }
}

/// Each thread takes every fourth run.
fn on_threads(runs: u64) -> Claims {
    let of_thread = |first: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let step = usize::try_from(THREADS).unwrap();
        runtime.block_on(run_all((first..runs).step_by(step)))
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..THREADS)
            .map(|first| scope.spawn(move || of_thread(first)))
            .collect();
        let mut claims = Claims::new();
        for thread in started {
            add(&mut claims, thread.join().unwrap());
        }
        claims
    })
}

#[test]
fn no_put_is_done_twice_and_no_claim_is_wrong() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    if let Some(seed) = number("WSMAN_RECONCILE_RUN") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        println!("{:#?}", runtime.block_on(run_all(std::iter::once(seed))));
        return;
    }
    let runs = number("WSMAN_RECONCILE_RUNS").unwrap_or(RUNS);
    let claims = on_threads(runs);
    println!("{runs} runs: {claims:#?}");
    // The runs prove nothing if a claim is never made.
    let expected = ["Done", "NotDone", "MayBeOld", "Differs"];
    let is_made = |claim: &str| claims.keys().any(|key| key.contains(claim));
    assert!(expected.into_iter().all(is_made), "{claims:#?}");
}
