//! Clocks and medians.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Outcome;
pub(super) use super::quartiles::quartiles;

/// A value and a description of its spread.
pub(super) struct Measured {
    pub(super) value: f64,
    pub(super) spread: String,
}

/// Returns the ratio of the costs of `ours` and `theirs`, by a clock that returns the time spent so
/// far.
///
/// The two alternate, so that other load on the machine affects both. The value is the median of the
/// ratios of neighbouring rounds.
pub(super) fn ratio(
    rounds: usize,
    clock: impl Fn() -> Outcome<Duration>,
    mut ours: impl FnMut() -> Outcome<()>,
    mut theirs: impl FnMut() -> Outcome<()>,
) -> Outcome<Measured> {
    let mut samples = Vec::with_capacity(rounds);
    ours()?;
    theirs()?;
    for _ in 0..rounds {
        let start = clock()?;
        ours()?;
        let middle = clock()?;
        theirs()?;
        let end = clock()?;
        samples.push((middle - start, end - middle));
    }
    let quotients = samples
        .iter()
        .map(|(ours, theirs)| ours.div_duration_f64(*theirs));
    let [low, value, high] = quartiles(quotients.collect());
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let [_, ours, _] = quartiles(samples.iter().map(|(ours, _)| micros(*ours)).collect());
    let [_, theirs, _] = quartiles(samples.iter().map(|(_, theirs)| micros(*theirs)).collect());
    let spread = format!(
        "half of {rounds} rounds within {low:.2} and {high:.2}; {ours:.0} µs over {theirs:.0} µs a round"
    );
    Ok(Measured { value, spread })
}

/// Runs this executable again with these arguments, and returns what it prints.
pub(super) fn in_process(arguments: &[&str]) -> Outcome<String> {
    let process = Command::new(std::env::current_exe()?)
        .args(arguments)
        .output()?;
    if !process.status.success() {
        return Err(String::from_utf8_lossy(&process.stderr).into_owned().into());
    }
    Ok(String::from_utf8(process.stdout)?.trim().to_owned())
}

/// Reads a wall clock.
pub(super) fn wall() -> impl Fn() -> Outcome<Duration> {
    let start = Instant::now();
    move || Ok(start.elapsed())
}

/// Reads the processor time of this process, in user mode and in the kernel. It has nanoseconds, where
/// `/proc/self/stat` has hundredths of a second.
pub(super) fn cpu() -> Outcome<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Reads the resident memory of this process, in KiB.
pub(super) fn resident() -> Outcome<f64> {
    memory("VmRSS:")
}

/// Reads a number of the memory of this process, in KiB: `VmRSS:` is resident, `VmHWM:` its peak.
pub(super) fn memory(name: &str) -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_default();
    Ok(line.trim_end_matches("kB").trim().parse()?)
}
