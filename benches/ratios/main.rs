//! The cost of `wsman` as ratios to the cost of its parts alone: `cargo bench --bench ratios`.
//!
//! Prints a line `name value bound` for each row, and fails if a value is past its bound. The bound of a
//! row that is only printed is 0. The spread goes to stderr. Arguments select rows by name.
//! `benches/README.md` says how each row is measured.

mod allocations;
mod connections;
mod decode;
mod encode;
mod measure;
mod memory;
mod paging;
mod put;
#[path = "../support/quartiles.rs"]
mod quartiles;
mod rows;
mod sample;
mod seal;
mod server;
mod tracing;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use measure::Measured;
use server::Kind;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The limit of a value.
#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// The row is only printed.
    None,
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtMost(bound) => value <= bound,
            Bound::AtLeast(bound) => value >= bound,
            Bound::None => true,
        }
    }

    fn number(self) -> f64 {
        match self {
            Bound::AtMost(bound) | Bound::AtLeast(bound) => bound,
            Bound::None => 0.0,
        }
    }
}

/// A row: its name, its bound and its measurement, which is `None` where this system cannot measure it.
struct Row {
    name: &'static str,
    bound: Bound,
    measure: fn() -> Outcome<Option<Measured>>,
}

const fn row(name: &'static str, bound: Bound, measure: fn() -> Outcome<Option<Measured>>) -> Row {
    Row {
        name,
        bound,
        measure,
    }
}

const ROWS: &[Row] = &[
    row("session_memory", Bound::AtMost(20.0), || {
        on_linux(memory::plain)
    }),
    #[cfg(feature = "negotiate")]
    row("session_memory_ntlm", Bound::AtMost(40.0), || {
        on_linux(memory::ntlm)
    }),
    row("rows_memory", Bound::AtMost(1.05), || {
        on_linux(rows::memory)
    }),
    row("decode_rows", Bound::AtMost(1.6), || some(decode::rows)),
    row("decode_typed", Bound::AtMost(1.6), || some(decode::typed)),
    row("encode_put", Bound::AtMost(0.7), || some(encode::put)),
    row("put_over_floor", Bound::AtMost(1.2), || {
        on_linux(put::over_floor)
    }),
    row("put_over_post", Bound::None, || on_linux(put::over_post)),
    row("parallel", Bound::AtLeast(0.85), || some(put::parallel)),
    row("parallel_floor", Bound::None, || some(put::parallel_floor)),
    row("seal_ntlm", Bound::AtMost(1.2), || some(seal::ntlm)),
    row("seal_kerberos", Bound::AtMost(1.2), || some(seal::kerberos)),
    row("dials", Bound::AtMost(1.0), || some(connections::dials)),
    row("messages", Bound::AtMost(1.3), || some(paging::messages)),
    row("paging_at_once", Bound::None, || some(paging::at_once)),
    row("paging_faster", Bound::None, || {
        some(paging::faster_than_read)
    }),
    row("paging_slower", Bound::None, || {
        some(paging::slower_than_read)
    }),
    row("allocations_put", Bound::None, allocations::put),
    row("allocations_row", Bound::None, allocations::row),
    row("tracing_put", Bound::None, tracing::put),
    row("tracing_row", Bound::None, tracing::row),
];

fn some(measure: fn() -> Outcome<Measured>) -> Outcome<Option<Measured>> {
    measure().map(Some)
}

/// Measures what needs the `/proc` of Linux.
fn on_linux(measure: fn() -> Outcome<Measured>) -> Outcome<Option<Measured>> {
    if cfg!(target_os = "linux") {
        some(measure)
    } else {
        Ok(None)
    }
}

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(kind) = arguments.iter().find_map(|argument| Kind::of(argument)) {
        return done(server::run(kind));
    }
    match arguments.first().map(String::as_str) {
        Some(rows::ARGUMENT) => return done(rows::run(&arguments)),
        Some(memory::ARGUMENT) => return done(memory::run(&arguments)),
        Some(tracing::ARGUMENT) => return done(tracing::run(&arguments)),
        _ => {}
    }
    // `cargo bench` adds `--bench`.
    let names: Vec<&String> = arguments
        .iter()
        .filter(|name| !name.starts_with("--"))
        .collect();
    let mut within_bounds = true;
    for row in ROWS
        .iter()
        .filter(|row| names.is_empty() || names.iter().any(|n| *n == row.name))
    {
        within_bounds &= report(row)?;
    }
    Ok(if within_bounds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn done(work: Outcome<()>) -> Outcome<ExitCode> {
    work.map(|()| ExitCode::SUCCESS)
}

/// Measures a row and prints it; returns whether it is within its bound. A row that cannot be measured
/// here is passed over.
fn report(row: &Row) -> Outcome<bool> {
    let Row {
        name,
        bound,
        measure,
    } = row;
    let Some(Measured { value, spread }) = measure()? else {
        writeln!(io::stderr(), "{name}: not measured, see benches/README.md")?;
        return Ok(true);
    };
    writeln!(io::stdout(), "{name} {value:.3} {}", bound.number())?;
    writeln!(io::stderr(), "{name}: {spread}")?;
    Ok(bound.holds(value))
}
