//! `messages` and `paging_*`: what asking for pages ahead costs and saves, by the speed of the server.

use std::fmt::Write as _;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use wsman::cim::{CimType, Class};
use wsman::simulator::{PASSWORD, Simulator, USER};
use wsman::{Credentials, Instance, Session};

use super::Outcome;
use super::measure::{self, Measured};

/// The rows that the servers find in a second; `None` has them all at once.
const AT_ONCE: Option<u32> = None;
const FASTER_THAN_READ: Option<u32> = Some(40_000);
const SLOWER_THAN_READ: Option<u32> = Some(10_000);

/// How long the reader takes for some rows: it reads 20,000 a second. It sleeps, so that the load of the
/// machine changes its time little.
const SOME: u64 = 200;
const OF_SOME: Duration = Duration::from_millis(10);

const ROWS: u64 = 10_000;
const ROUNDS: usize = 5;

const CLASS: &str = "Acme_Star";

/// What an enumeration cost.
#[derive(Clone, Copy)]
struct Cost {
    messages: f64,
    seconds: f64,
}

/// Counts the messages for 10,000 rows from a server that finds them a little faster than they are read,
/// against those of a client that asks for each page only when it has read the one before. No client needs
/// fewer that asks at once.
pub(super) fn messages() -> Outcome<Measured> {
    compare(FASTER_THAN_READ, |[waiting, _, adaptive]| {
        adaptive.messages / waiting.messages
    })
}

/// Measures the time, against the better of asking ahead and waiting.
pub(super) fn at_once() -> Outcome<Measured> {
    compare(AT_ONCE, time)
}

pub(super) fn faster_than_read() -> Outcome<Measured> {
    compare(FASTER_THAN_READ, time)
}

pub(super) fn slower_than_read() -> Outcome<Measured> {
    compare(SLOWER_THAN_READ, time)
}

fn time([waiting, eager, adaptive]: [Cost; 3]) -> f64 {
    adaptive.seconds / waiting.seconds.min(eager.seconds)
}

/// Compares the costs with `pages_ahead(0)`, with `pages_ahead(1)`, and by default.
fn compare(rows_per_second: Option<u32>, value: impl Fn([Cost; 3]) -> f64) -> Outcome<Measured> {
    let runtime = Runtime::new()?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = Vec::new();
        for ahead in [Some(0), Some(1), None] {
            round.push(enumerate(&runtime, rows_per_second, ahead)?);
        }
        if let [waiting, eager, adaptive] = round[..] {
            rounds.push([waiting, eager, adaptive]);
        }
    }
    let values = rounds.iter().map(|round| value(*round)).collect();
    let [low, value, high] = measure::quartiles(values);
    let mut spread = format!("half of {ROUNDS} rounds within {low:.2} and {high:.2}");
    for (place, name) in ["0", "1", "adaptive"].iter().enumerate() {
        let costs = || rounds.iter().filter_map(|round| round.get(place));
        let [_, messages, _] = measure::quartiles(costs().map(|cost| cost.messages).collect());
        let [_, seconds, _] = measure::quartiles(costs().map(|cost| cost.seconds).collect());
        write!(
            spread,
            "; {name}: {messages} messages, {:.0} ms",
            seconds * 1e3
        )?;
    }
    Ok(Measured { value, spread })
}

fn enumerate(
    runtime: &Runtime,
    rows_per_second: Option<u32>,
    pages_ahead: Option<usize>,
) -> Outcome<Cost> {
    runtime.block_on(async {
        let simulator = Simulator::builder()
            .namespace("root/cimv2".parse()?)
            .class(Class::new(CLASS).with_key("Id", CimType::Uint64))
            .generated(CLASS, ROWS, |id| Instance::new(CLASS).with_key("Id", id))
            .remembered_requests(usize::MAX);
        let simulator = match rows_per_second.and_then(NonZeroU32::new) {
            Some(rows) => simulator.rows_per_second(rows),
            None => simulator,
        };
        let simulator = simulator.start().await?;
        let session = Session::builder(simulator.url())
            .credentials(Credentials::basic(USER, PASSWORD))
            .namespace("root/cimv2")
            .allow_unencrypted()
            .build()?;
        let request = session.enumerate_instances(CLASS);
        let request = match pages_ahead {
            Some(pages) => request.pages_ahead(pages),
            None => request,
        };
        let start = Instant::now();
        let mut rows = request.stream();
        let mut read: u64 = 0;
        while let Some(row) = rows.next().await {
            black_box(row?);
            read += 1;
            if read.is_multiple_of(SOME) {
                tokio::time::sleep(OF_SOME).await;
            }
        }
        if read != ROWS {
            return Err(format!("{read} rows of {ROWS}").into());
        }
        Ok(Cost {
            messages: simulator.requests().len() as f64,
            seconds: start.elapsed().as_secs_f64(),
        })
    })
}
