//! How many rows the next request asks for, and whether it is sent before the last page is read.
//!
//! A server answers a Pull with full pages, or with the rows that it has at the moment: OMI, asked
//! eagerly, sends pages that are nearly empty. So the session asks ahead only of a server that fills its
//! pages, and otherwise gives it the time that the reader takes. Openwsman loses the rows of an answer
//! that exceeds the envelope, so the session asks for no more rows than fit.

#[cfg(test)]
mod tests;

/// What a page held, once it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PageRead {
    pub(super) rows: u32,
    /// The bytes of the whole message.
    pub(super) bytes: usize,
    pub(super) largest_row: usize,
}

/// What the pages of one enumeration have shown.
#[derive(Debug)]
pub(super) struct PageFit {
    /// The rows that the next request asks for. They never grow, whatever a server sends.
    rows: u32,
    /// `MaxEnvelopeSize`.
    envelope: usize,
    /// The bytes of rows that the largest page has.
    most_bytes: usize,
    /// The pages ahead that the caller set.
    fixed: Option<usize>,
    /// All pages that were read.
    total_rows: u64,
    total_bytes: u64,
    /// The bytes of the last page that was requested only after the one before it was read.
    awaited: usize,
    /// The bytes on which two such pages agreed: the server sends no more, however long it has.
    settled: Option<usize>,
    trial: Trial,
}

/// Whether the session asks ahead.
#[derive(Debug)]
struct Trial {
    /// The pages until the next trial.
    wait: u32,
    /// The pages to wait after the next trial that fails.
    next_wait: u32,
}

/// The waits after a failed trial: one more message in eight, and soon fewer.
const FIRST_WAIT: u32 = 8;
const LONGEST_WAIT: u32 = 1024;

/// A page is full from three quarters of the most that is expected.
const FULL: (usize, usize) = (3, 4);

/// Two pages agree if they differ by an eighth at most.
const AGREEMENT: usize = 8;

/// The room for rows that are larger than any before: a quarter.
const ROOM: (usize, usize) = (5, 4);

impl PageFit {
    pub(super) fn new(max_elements: u32, max_envelope_size: u32, fixed: Option<usize>) -> Self {
        let envelope = usize::try_from(max_envelope_size).unwrap_or(usize::MAX);
        Self {
            rows: max_elements.max(1),
            envelope,
            // OMI sends half of the envelope at most.
            most_bytes: envelope / 2,
            fixed,
            total_rows: 0,
            total_bytes: 0,
            awaited: 0,
            settled: None,
            trial: Trial {
                wait: 0,
                next_wait: FIRST_WAIT,
            },
        }
    }

    /// Expects no more than these characters in a page (`MaxCharacters`).
    pub(super) fn limited_to(mut self, characters: Option<u32>) -> Self {
        let characters = characters.and_then(|characters| usize::try_from(characters).ok());
        self.most_bytes = self.most_bytes.min(characters.unwrap_or(usize::MAX));
        self
    }

    /// Returns the rows that the next request asks for (`MaxElements`).
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// Asks for half as many rows; returns false if it was one row already.
    pub(super) fn halve(&mut self) -> bool {
        let halved = self.rows / 2;
        self.rows = halved.max(1);
        halved > 0
    }

    /// Takes over what a page held.
    pub(super) fn learn(&mut self, page: PageRead) {
        self.total_rows = self.total_rows.saturating_add(u64::from(page.rows));
        self.total_bytes = self.total_bytes.saturating_add(page.bytes as u64);
        self.make_room(page.largest_row);
    }

    /// Asks for no more rows of this size than fit the envelope.
    pub(super) fn make_room(&mut self, row: usize) {
        let with_room = row.saturating_mul(ROOM.0) / ROOM.1;
        let fitting = self.envelope.checked_div(with_room);
        let fitting = fitting.and_then(|rows| u32::try_from(rows).ok());
        self.rows = self.rows.min(fitting.unwrap_or(self.rows)).max(1);
    }

    /// Returns how many pages to request before this one, which has just arrived, is read.
    pub(super) fn pages_ahead(&mut self, bytes: usize, came_ahead: bool) -> usize {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        if !came_ahead {
            self.settled = agree(bytes, self.awaited).then_some(bytes);
            self.awaited = bytes;
        }
        let is_full = self
            .most()
            .is_some_and(|most| bytes >= most / FULL.1 * FULL.0);
        usize::from(self.trial.take(is_full, came_ahead))
    }

    /// Returns the bytes of the largest page to expect; `None` before a page was read.
    fn most(&self) -> Option<usize> {
        let row = self.total_bytes.checked_div(self.total_rows)?;
        let asked = usize::try_from(row.saturating_mul(u64::from(self.rows))).ok()?;
        let most = asked.min(self.most_bytes);
        Some(self.settled.map_or(most, |settled| settled.min(most)))
    }
}

impl Trial {
    /// Returns whether to ask ahead, after a page that is full or not.
    fn take(&mut self, is_full: bool, came_ahead: bool) -> bool {
        if came_ahead && !is_full {
            self.wait = self.next_wait;
            self.next_wait = self.next_wait.saturating_mul(2).min(LONGEST_WAIT);
        }
        if self.wait > 0 {
            self.wait -= 1;
            return false;
        }
        is_full
    }
}

fn agree(a: usize, b: usize) -> bool {
    a.abs_diff(b) <= a.max(b) / AGREEMENT
}
