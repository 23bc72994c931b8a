//! The memory and the descriptors of this process, which Linux reports in /proc.

use std::fmt;
use std::time::{Duration, Instant};

use crate::Outcome;

/// The most that the memory may grow after the warm-up, in percent.
const GROWTH: u64 = 5;

/// The size of a page of memory on the machines that run this.
const PAGE_KIB: u64 = 4;

/// The resident memory over time.
pub(crate) struct Memory {
    began: Instant,
    /// How long the memory may grow.
    warm_up: Duration,
    duration: Duration,
    /// In KiB, with the time of each.
    measured: Vec<(Duration, u64)>,
}

/// Returns the number of open descriptors; `None` where it is not known.
pub(crate) fn descriptors() -> Option<usize> {
    // One of them is that of the folder itself.
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}

/// Returns the resident memory in KiB.
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE_KIB)
}

impl Memory {
    /// Warms up for a third of a run, which is the time in which every session did each operation.
    pub(crate) fn new(duration: Duration) -> Self {
        Self {
            began: Instant::now(),
            warm_up: duration / 3,
            duration,
            measured: Vec::new(),
        }
    }

    pub(crate) fn measure(&mut self) {
        if let Some(resident) = resident() {
            self.measured.push((self.began.elapsed(), resident));
        }
    }

    /// Returns the median of a part of the run, because one measure swings with what is in flight.
    fn median(&self, from: Duration, to: Duration) -> Option<u64> {
        let part = self.measured.iter();
        let part = part.filter(|(at, _)| (from..to).contains(at));
        let mut part: Vec<u64> = part.map(|(_, resident)| *resident).collect();
        part.sort_unstable();
        part.get(part.len() / 2).copied()
    }

    /// The memory after the warm-up and at the end: the first and the last quarter of the rest.
    fn first_and_last(&self) -> Option<(u64, u64)> {
        let quarter = (self.duration - self.warm_up) / 4;
        let first = self.median(self.warm_up, self.warm_up + quarter)?;
        let last = self.median(self.duration - quarter, self.duration)?;
        Some((first, last))
    }

    /// Fails if the memory has grown.
    pub(crate) fn verdict(&self) -> Outcome<()> {
        let Some((first, last)) = self.first_and_last() else {
            println!("the memory of this system is not known");
            return Ok(());
        };
        if last > first + first * GROWTH / 100 {
            return Err(format!("the memory grew from {first} KiB to {last} KiB"));
        }
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first_and_last() {
            Some((first, last)) => write!(
                f,
                "memory: {first} KiB after the warm-up, {last} KiB at the end"
            ),
            None => f.write_str("memory: not known"),
        }
    }
}
