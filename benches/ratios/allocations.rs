//! `allocations_put` and `allocations_row`: how often a Put and a row allocate memory.
//!
//! memcheck counts them in this executable, which does the work of [`tracing`](super::tracing) with
//! answers from memory. An allocator that counts would slow down the other rows.

use std::env;
use std::process::Command;

use super::measure::Measured;
use super::{Outcome, tracing};

/// How often the work is done. What a process allocates besides is taken off by doing it once less often.
const TIMES: u64 = 20;

pub(super) fn put() -> Outcome<Option<Measured>> {
    of("put", 1)
}

pub(super) fn row() -> Outcome<Option<Measured>> {
    of("row", tracing::ROWS as u64)
}

fn of(work: &str, of_a_round: u64) -> Outcome<Option<Measured>> {
    let (Some(once), Some(more)) = (allocations(work, TIMES)?, allocations(work, 2 * TIMES)?)
    else {
        return Ok(None);
    };
    Ok(Some(Measured {
        value: (more - once) as f64 / (TIMES * of_a_round) as f64,
        spread: format!("{TIMES} times, without what the process allocates besides"),
    }))
}

/// Counts the allocations of a process that does the work this often; `None` without valgrind.
fn allocations(work: &str, times: u64) -> Outcome<Option<u64>> {
    let output = Command::new("valgrind")
        .args(["--tool=memcheck", "--leak-check=no"])
        .arg(env::current_exe()?)
        .args([tracing::ARGUMENT, work, &times.to_string()])
        .output();
    let Ok(output) = output else {
        return Ok(None);
    };
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(told.into_owned().into());
    }
    let count = told.lines().find_map(|line| {
        line.split_once("total heap usage: ")?
            .1
            .split_once(" allocs")
    });
    let (count, _) = count.ok_or("memcheck told no number")?;
    Ok(Some(count.replace(',', "").parse()?))
}
