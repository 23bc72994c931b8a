//! The cost of `wsman` as ratios to the cost of its parts alone: `cargo bench --bench ratios`.
//!
//! Prints a line `name value bound` for each row and fails if a value exceeds its bound. The spread of
//! the values goes to stderr. Arguments select rows by name.

mod decode;
mod encode;
mod measure;
mod memory;
mod roundtrip;
mod sample;
mod server;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use measure::Measured;
use server::Kind;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A row: its name, its bound and its measurement.
struct Row {
    name: &'static str,
    bound: f64,
    measure: fn() -> Outcome<Measured>,
}

/// Memory comes first: memory that the other rows return to the allocator would distort it.
const ROWS: &[Row] = &[
    Row {
        name: "session_memory",
        bound: 20.0,
        measure: memory::plain,
    },
    #[cfg(feature = "negotiate")]
    Row {
        name: "session_memory_ntlm",
        bound: 40.0,
        measure: memory::ntlm,
    },
    Row {
        name: "decode_rows",
        bound: 2.0,
        measure: decode::rows,
    },
    Row {
        name: "encode_put",
        bound: 1.3,
        measure: encode::put,
    },
    Row {
        name: "roundtrip_cpu",
        bound: 1.3,
        measure: roundtrip::cpu,
    },
];

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(kind) = arguments.iter().find_map(|argument| Kind::of(argument)) {
        server::run(kind)?;
        return Ok(ExitCode::SUCCESS);
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

/// Measures a row and prints it; returns whether it is within its bound. A row that this system cannot
/// measure is skipped.
fn report(row: &Row) -> Outcome<bool> {
    let Row {
        name,
        bound,
        measure,
    } = row;
    if *name != "decode_rows" && *name != "encode_put" && !cfg!(target_os = "linux") {
        writeln!(io::stderr(), "{name}: needs the /proc of Linux")?;
        return Ok(true);
    }
    let Measured { value, spread } = measure()?;
    writeln!(io::stdout(), "{name} {value:.2} {bound}")?;
    writeln!(io::stderr(), "{name}: {spread}")?;
    Ok(value <= *bound)
}
