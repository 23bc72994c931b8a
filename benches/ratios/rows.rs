//! `rows_memory`: many rows, streamed.

use std::io::{self, Write as _};

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
    let peak = measure::in_process(&[ARGUMENT, &server.url, &rows.to_string()])?;
    Ok(peak.parse()?)
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
