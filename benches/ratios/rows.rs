//! `rows_memory` and `messages`: many rows, streamed.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::num::NonZeroU32;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use wsman::cim::{CimType, Class};
use wsman::simulator::{PASSWORD, Simulator, USER};
use wsman::{Credentials, Instance, Session};

use super::measure::{self, Measured};
use super::server::{Kind, Server};
use super::{Outcome, sample};

/// The argument that starts a reader; the address and the number of rows follow.
pub(super) const ARGUMENT: &str = "--read";

/// The numbers of rows whose peaks are compared.
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;

/// Measures the peak of the memory of a process that streams many rows of 25 properties against that of
/// one that streams few. The server and both readers are processes of their own.
pub(super) fn memory() -> Outcome<Measured> {
    let server = Server::start(Kind::Canned)?;
    let mut few = Vec::new();
    for _ in 0..3 {
        few.push(peak_of(&server, FEW)?);
    }
    let [_, few, _] = measure::quartiles(few);
    let many = peak_of(&server, MANY)?;
    Ok(Measured {
        value: many / few,
        spread: format!("{many} KiB for {MANY} rows, {few} KiB for {FEW}"),
    })
}

fn peak_of(server: &Server, rows: u64) -> Outcome<f64> {
    let reader = Command::new(std::env::current_exe()?)
        .args([ARGUMENT, &server.url, &rows.to_string()])
        .output()?;
    if !reader.status.success() {
        return Err(String::from_utf8_lossy(&reader.stderr).into_owned().into());
    }
    Ok(String::from_utf8(reader.stdout)?.trim().parse()?)
}

/// Streams rows and prints the peak of the memory, in KiB.
pub(super) fn run(arguments: &[String]) -> Outcome<()> {
    let [_, url, rows] = arguments else {
        return Err("expected an address and a number of rows".into());
    };
    let rows: u64 = rows.parse()?;
    let session = sample::session(url)?;
    let read = sample::runtime()?.block_on(async {
        // The class names the number of rows for the server.
        let mut stream = session.enumerate_instances(format!("Rows{rows}")).stream();
        let mut read = 0;
        while let Some(row) = stream.next().await {
            if row?.properties().len() == sample::PROPERTIES {
                read += 1;
            }
        }
        Outcome::Ok(read)
    })?;
    if read != rows {
        return Err(format!("{read} whole rows of {rows}").into());
    }
    writeln!(io::stdout(), "{}", measure::memory("VmHWM:")?)?;
    Ok(())
}

/// The rows that the slow server finds in a second, and how long the reader takes for each. The reader is
/// slower, so that a server that is given its time fills the pages.
const PER_SECOND: u32 = 40_000;
const OF_A_ROW: Duration = Duration::from_micros(50);

const CLASS: &str = "Acme_Star";

/// Counts the messages for 10,000 rows from a server that finds them slowly, against those of a client that
/// asks for each page only when it has read the one before. No client needs fewer that asks at once.
pub(super) fn messages() -> Outcome<Measured> {
    let runtime = Runtime::new()?;
    let mut quotients = Vec::new();
    let mut spread = String::new();
    for _ in 0..5 {
        let least = count(&runtime, Some(0))?;
        let ours = count(&runtime, None)?;
        spread = format!("{ours} messages over {least} in the last of 5 rounds");
        quotients.push(ours / least);
    }
    let [low, value, high] = measure::quartiles(quotients);
    Ok(Measured {
        value,
        spread: format!("half of the rounds within {low:.2} and {high:.2}; {spread}"),
    })
}

fn count(runtime: &Runtime, pages_ahead: Option<usize>) -> Outcome<f64> {
    runtime.block_on(async {
        let simulator = Simulator::builder()
            .namespace("root/cimv2".parse()?)
            .class(Class::new(CLASS).with_key("Id", CimType::Uint64))
            .generated(CLASS, FEW, |id| Instance::new(CLASS).with_key("Id", id))
            .rows_per_second(NonZeroU32::new(PER_SECOND).ok_or("no rate")?)
            .remembered_requests(usize::MAX)
            .start()
            .await?;
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
        let mut rows = request.stream();
        let mut read = 0;
        while let Some(row) = rows.next().await {
            black_box(row?);
            read += 1;
            work();
        }
        if read != FEW {
            return Err(format!("{read} rows of {FEW}").into());
        }
        Ok(simulator.requests().len() as f64)
    })
}

/// Spends the time of a reader on a row.
fn work() {
    let start = Instant::now();
    while start.elapsed() < OF_A_ROW {
        std::hint::spin_loop();
    }
}
