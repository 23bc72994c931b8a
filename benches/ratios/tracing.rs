//! `tracing_put` and `tracing_row`: what tracing costs where no subscriber listens.
//!
//! Both count instructions with callgrind: of this executable, in which every span and event is compiled
//! and off, and of one in which tracing is compiled out. The second is built apart, and named in
//! `WSMAN_BENCH_WITHOUT_TRACING` (`benches/README.md`). The answers come from memory.

use std::env;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use wsman::Session;
use wsman::record::{Exchange, Replay};

use super::measure::Measured;
use super::{Outcome, sample};

/// The argument that does the work under valgrind; `put` or `row` and a number follow.
pub(super) const ARGUMENT: &str = "--work";

/// The environment variable that names the executable without tracing.
const WITHOUT: &str = "WSMAN_BENCH_WITHOUT_TRACING";

/// How often the work is done. What a process costs besides is taken off by doing it once less often.
const TIMES: u64 = 200;

/// The rows of a page.
pub(super) const ROWS: usize = 1000;

pub(super) fn put() -> Outcome<Option<Measured>> {
    compare("put", 1)
}

pub(super) fn row() -> Outcome<Option<Measured>> {
    compare("row", ROWS as u64)
}

fn compare(work: &str, of_a_round: u64) -> Outcome<Option<Measured>> {
    let Some(without) = env::var_os(WITHOUT) else {
        return Ok(None);
    };
    let times = if work == "put" { TIMES } else { 10 };
    let cost = |program: &Path| -> Outcome<f64> {
        let more = instructions(program, work, 2 * times)?;
        let once = instructions(program, work, times)?;
        Ok((more - once) as f64 / (times * of_a_round) as f64)
    };
    let (with, without) = (cost(&env::current_exe()?)?, cost(Path::new(&without))?);
    Ok(Some(Measured {
        value: with / without,
        spread: format!("{with:.0} instructions over {without:.0} for each {work}"),
    }))
}

/// Counts the instructions of a process that does the work this often.
fn instructions(program: &Path, work: &str, times: u64) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([ARGUMENT, work, &times.to_string()])
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(told.into_owned().into());
    }
    let count = told
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.ok_or("callgrind told no number")?;
    Ok(count.trim().parse()?)
}

/// Does the work, for valgrind.
pub(super) fn run(arguments: &[String]) -> Outcome<()> {
    let [_, work, times] = arguments else {
        return Err("expected put or row, and a number".into());
    };
    let times: usize = times.parse()?;
    let runtime = sample::runtime()?;
    let service = sample::service();
    let body = match work.as_str() {
        "put" => sample::put_answer().to_owned(),
        _ => sample::whole_enumeration(ROWS),
    };
    let answer = Exchange::answered(200, Bytes::from(body));
    let replay = Replay::from_exchanges(vec![answer; times]).relate(false);
    let session = Session::builder("http://host.example:5985/wsman")
        .transport(Arc::new(replay))
        .namespace("root/cimv2")
        .build()?;
    runtime.block_on(async {
        for _ in 0..times {
            if work == "put" {
                black_box(session.put_instance(&service).await?);
            } else {
                let mut rows = session.enumerate_instances("Win32_Service").stream();
                while let Some(row) = rows.next().await {
                    black_box(row?);
                }
            }
        }
        Ok(())
    })
}
