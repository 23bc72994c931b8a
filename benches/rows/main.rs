//! The peak memory of a stream of few or many rows: `cargo bench --bench rows`.
//!
//! The simulator runs here. A child process enumerates and reports how far its memory rose. Prints a
//! line for each number of rows; fails if the numbers differ by more than a tenth or exceed the bound.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};
use std::time::Instant;

use wsman::cim::{CimType, Class, Name};
use wsman::simulator::{PASSWORD, Simulator, USER};
use wsman::{Credentials, Instance, Session};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const CLASS: &str = "Acme_Star";

/// Properties of a row, including its key.
const PROPERTIES: u64 = 20;

/// The numbers of rows to compare.
const ROWS: [u64; 2] = [10_000, 1_000_000];

/// The bound on the rise of memory over the start, in KiB.
const BOUND: u64 = 32 * 1024;

/// The argument that starts the child process; the address and the number of rows follow.
const ARGUMENT: &str = "--enumerate";

fn main() -> Outcome<ExitCode> {
    let mut arguments = std::env::args().skip_while(|argument| argument != ARGUMENT);
    if arguments.next().is_some() {
        let (url, rows) = (arguments.next(), arguments.next());
        return enumerate(&url.ok_or("no address")?, rows.ok_or("no number")?.parse()?);
    }
    if peak().is_err() {
        writeln!(
            io::stderr(),
            "this system does not tell the memory of a process"
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    compare()
}

/// Runs both numbers of rows, one after the other.
fn compare() -> Outcome<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut peaks = Vec::new();
    for rows in ROWS {
        let simulator = runtime.block_on(stars(rows))?;
        let child = Command::new(std::env::current_exe()?)
            .args([ARGUMENT, simulator.url().as_str(), &rows.to_string()])
            .output()?;
        if !child.status.success() {
            return Err(String::from_utf8_lossy(&child.stderr).into_owned().into());
        }
        let told = String::from_utf8(child.stdout)?;
        let (start, peak) = told.trim().split_once(' ').ok_or("no two numbers")?;
        let (start, peak): (u64, u64) = (start.parse()?, peak.parse()?);
        let rise = peak - start;
        writeln!(io::stdout(), "peak_rise_kib_{rows}_rows {rise} {BOUND}")?;
        peaks.push((peak, rise));
    }
    let of_peak = || peaks.iter().map(|(peak, _)| *peak);
    let (least, most) = (
        of_peak().min().ok_or("none")?,
        of_peak().max().ok_or("none")?,
    );
    writeln!(
        io::stdout(),
        "peak_ratio {:.3} 1.100",
        most as f64 / least as f64
    )?;
    let is_flat = most * 10 <= least * 11 && peaks.iter().all(|(_, rise)| *rise <= BOUND);
    Ok(if is_flat {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Starts a server with this many rows, created on request.
async fn stars(rows: u64) -> Outcome<Simulator> {
    let mut class = Class::new(CLASS).with_key("Id", CimType::Uint64);
    for number in 1..PROPERTIES {
        class = class.with(property(number), CimType::String);
    }
    let simulator = Simulator::builder()
        .namespace("root/cimv2".parse()?)
        .class(class)
        .generated(CLASS, rows, star)
        .remembered_requests(0);
    Ok(simulator.start().await?)
}

fn star(id: u64) -> Instance {
    (1..PROPERTIES).fold(Instance::new(CLASS).with_key("Id", id), |star, number| {
        star.with(property(number), format!("property {number} of star {id}"))
    })
}

fn property(number: u64) -> Name {
    Name::new(format!("Property{number:02}"))
}

/// Reads all rows and prints the memory at the start and at the peak, in KiB.
fn enumerate(url: &str, expected: u64) -> Outcome<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let before = peak()?;
    let start = Instant::now();
    let rows = runtime.block_on(async {
        let session = Session::builder(url)
            .credentials(Credentials::basic(USER, PASSWORD))
            .namespace("root/cimv2")
            .allow_unencrypted()
            .build()?;
        let mut rows = session.enumerate_instances(CLASS).stream();
        let mut count = 0;
        while let Some(row) = rows.next().await {
            if row?.properties().len() as u64 == PROPERTIES {
                count += 1;
            }
        }
        Outcome::Ok(count)
    })?;
    if rows != expected {
        return Err(format!("{rows} whole rows of {expected}").into());
    }
    writeln!(io::stderr(), "{rows} rows in {:?}", start.elapsed())?;
    writeln!(io::stdout(), "{before} {}", peak()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the peak of the resident memory of this process, in KiB.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.ok_or("no VmHWM")?.parse()?)
}
