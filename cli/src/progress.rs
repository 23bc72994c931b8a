//! A progress line on stderr, for long work and if it is a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::render::Sink;

/// The time between two drawings, and before the first.
const PACE: Duration = Duration::from_millis(200);

/// The width of a bar.
const BAR: u64 = 24;

/// Counts the steps of long work.
pub(crate) struct Progress {
    is_shown: bool,
    unit: &'static str,
    /// The size of the file that the work comes from, and how much of it has been read.
    file: Option<(u64, Arc<AtomicU64>)>,
    count: u64,
    /// The size of the answers so far.
    bytes: Option<u64>,
    start: Instant,
    drawn: Instant,
    is_drawn: bool,
}

impl Progress {
    /// Counts rows that go to a file or a pipe: on a terminal the rows show themselves how far they are.
    pub(crate) fn of_rows(out: &Sink) -> Self {
        let is_wanted = !out.names_hosts() && !io::stdout().is_terminal();
        Self::new("rows", is_wanted, None)
    }

    /// Counts rows that are not printed.
    pub(crate) fn of_unprinted_rows(out: &Sink) -> Self {
        Self::new("rows", !out.names_hosts(), None)
    }

    /// Counts instances of a file.
    pub(crate) fn of_file(size: Option<u64>, read: Arc<AtomicU64>) -> Self {
        Self::new("instances", true, size.map(|size| (size, read)))
    }

    /// Counts instances of which the number is known to the caller.
    pub(crate) fn of_instances() -> Self {
        Self::new("instances", true, None)
    }

    /// Counts hosts.
    pub(crate) fn of_hosts() -> Self {
        Self::new("hosts", true, None)
    }

    fn new(unit: &'static str, is_wanted: bool, file: Option<(u64, Arc<AtomicU64>)>) -> Self {
        let now = Instant::now();
        Self {
            is_shown: is_wanted && io::stderr().is_terminal(),
            unit,
            file,
            count: 0,
            bytes: None,
            start: now,
            drawn: now,
            is_drawn: false,
        }
    }

    /// Counts a row, after which the server sent this many bytes.
    pub(crate) fn read(&mut self, bytes: u64) {
        self.bytes = Some(bytes);
        self.step();
    }

    /// Counts a step.
    pub(crate) fn step(&mut self) {
        self.count += 1;
        if self.is_shown && self.drawn.elapsed() >= PACE {
            self.drawn = Instant::now();
            self.is_drawn = true;
            // A progress line that cannot be drawn is no failure.
            let _ = write!(io::stderr(), "\r\u{1b}[K{}", self.line());
        }
    }

    fn line(&self) -> String {
        let seconds = self.start.elapsed().as_secs_f64().max(0.001);
        let (count, unit) = (self.count, self.unit);
        let rate = count as f64 / seconds;
        let bar = self
            .file
            .as_ref()
            .filter(|(size, _)| *size > 0)
            .map(|(size, read)| bar(read.load(Ordering::Relaxed).min(*size), *size));
        let bytes = self.bytes.map(|bytes| format!(", {}", size(bytes)));
        format!(
            "{}{count} {unit}, {rate:.0} {unit}/s{}",
            bar.unwrap_or_default(),
            bytes.unwrap_or_default()
        )
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_drawn {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// Returns a number of bytes with its unit.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        // What would be shown as 1000.0 has the larger unit.
        if size < 999.95 {
            break;
        }
        (size, unit) = (size / 1000.0, larger);
    }
    format!("{size:.1} {unit}")
}

fn bar(done: u64, all: u64) -> String {
    let filled = done * BAR / all.max(1);
    let bar: String = (0..BAR)
        .map(|at| if at < filled { '#' } else { '-' })
        .collect();
    format!("[{bar}] {}%, ", done * 100 / all.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 KB"),
            (999_949, "999.9 KB"),
            (999_950, "1.0 MB"),
            (48_612_345, "48.6 MB"),
            (7_200_000_000_000, "7200.0 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn a_bar_shows_the_share() {
        assert_eq!(bar(0, 10), "[------------------------] 0%, ");
        assert_eq!(bar(5, 10), "[############------------] 50%, ");
        assert_eq!(bar(10, 10), "[########################] 100%, ");
    }
}
