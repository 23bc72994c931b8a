//! Pages from servers of several kinds, in a time of the tests' own: microseconds that are counted.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// A server and a reader.
#[derive(Clone, Copy, Debug)]
struct Profile {
    /// The time in which the server finds a row.
    find: u64,
    /// The most bytes and rows of a page.
    cap: usize,
    most_rows: u32,
    row: usize,
    /// The time of a message there and back, without its rows.
    trip: u64,
    /// The time in which the reader reads a row.
    read: u64,
}

/// What a message costs the client besides its rows.
const MESSAGE: u64 = 80;

/// What an enumeration cost.
#[derive(Debug)]
struct Cost {
    messages: u64,
    time: u64,
}

const ENVELOPE: u32 = 512_000;
const ROWS: u64 = 10_000;

/// OMI, whose pages have half of the envelope at most.
const OMI: Profile = Profile {
    find: 0,
    cap: 256_000,
    most_rows: u32::MAX,
    row: 871,
    trip: 400,
    read: 5,
};

const WINDOWS: Profile = Profile {
    cap: 512_000,
    row: 1_500,
    ..OMI
};

/// A server that sends no more than 20 rows (`MaxBatchItems` of Windows until 2008).
const FEW_ITEMS: Profile = Profile {
    most_rows: 20,
    ..WINDOWS
};

/// Reads all rows as the puller and its reader do.
fn enumerate(profile: Profile, ahead: Option<usize>) -> Cost {
    let mut fit = PageFit::new(1000, ENVELOPE, ahead);
    let (mut sent, mut messages, mut now) = (0, 0, 0);
    // The ends of unread pages: when the reader is done with each, and what it held.
    let mut unread: VecDeque<(u64, PageRead)> = VecDeque::new();
    let mut reader_free = 0;
    while sent < ROWS {
        let came_ahead = !unread.is_empty();
        let (arrived, rows) = profile.answer(now, sent, fit.rows());
        (now, messages, sent) = (arrived, messages + 1, sent + u64::from(rows));
        let bytes = rows as usize * profile.row;
        let page = PageRead {
            rows,
            bytes,
            largest_row: profile.row,
        };
        reader_free = now.max(reader_free) + MESSAGE + u64::from(rows) * profile.read;
        unread.push_back((reader_free, page));
        let ahead = fit.pages_ahead(bytes, came_ahead);
        while unread.len() > ahead {
            let (end, page) = unread.pop_front().unwrap();
            now = now.max(end);
            fit.learn(page);
        }
    }
    Cost {
        messages,
        time: reader_free,
    }
}

impl Profile {
    /// Returns when the answer to a request arrives, and its rows.
    fn answer(self, asked_at: u64, sent: u64, asked: u32) -> (u64, u32) {
        let most = asked.min(self.most_rows).min((self.cap / self.row) as u32);
        let arrives = asked_at + self.trip / 2;
        let found_at = |row: u64| row * self.find;
        let answers = arrives.max(found_at(sent + 1));
        let found = answers.checked_div(self.find).unwrap_or(ROWS).min(ROWS) - sent;
        (answers + self.trip / 2, most.min(found as u32))
    }

    fn slow(self, find: u64) -> Self {
        Self { find, ..self }
    }
}

/// The rows of a server's full page divide all rows.
fn least_messages(profile: Profile) -> u64 {
    let full = (profile.cap / profile.row)
        .min(profile.most_rows as usize)
        .min(1000);
    ROWS.div_ceil(full as u64)
}

#[test]
fn is_as_fast_as_the_better_of_asking_ahead_and_waiting() {
    let far = Profile {
        trip: 20_000,
        ..WINDOWS
    };
    let slow_reader = Profile { read: 50, ..OMI };
    // The percent that the time may be longer. A server that fills its pages slowly is given the time of
    // the reader, which saves three messages of four.
    let profiles = [
        ("Windows", WINDOWS, 5),
        ("OMI", OMI, 5),
        ("few items", FEW_ITEMS, 5),
        ("far away", far, 5),
        ("slow reader", slow_reader, 5),
        ("slower than the reader", OMI.slow(20), 5),
        ("a little faster than the reader", OMI.slow(3), 10),
    ];
    for (name, profile, percent) in profiles {
        let [waiting, eager] = [0, 1].map(|ahead| enumerate(profile, Some(ahead)).time);
        let adaptive = enumerate(profile, None);
        assert!(
            adaptive.time * 100 <= waiting.min(eager) * (100 + percent),
            "{name}: {adaptive:?}; waiting takes {waiting}, asking ahead {eager}"
        );
    }
}

#[test]
fn a_server_that_fills_slowly_sends_few_messages() {
    for find in [1, 2, 3, 4] {
        let profile = OMI.slow(find);
        let eager = enumerate(profile, Some(1));
        let adaptive = enumerate(profile, None);
        let least = least_messages(profile);
        assert!(
            adaptive.messages * 10 <= least * 13,
            "{find}: {adaptive:?}, least {least}, eager {eager:?}"
        );
    }
}

#[test]
fn asks_for_rows_that_fit_the_envelope() {
    let mut fit = PageFit::new(1000, ENVELOPE, None);
    assert_eq!(fit.rows(), 1000);
    // (rows, bytes of the page, bytes of the largest row, rows asked for next)
    for (rows, bytes, largest_row, asked) in [
        (1000, 100_000, 100, 1000),
        (745, 510_000, 684, 598),
        (745, 510_000, 100, 598),
        (1, 300_000, 300_000, 1),
        (0, 900, 0, 1),
        (1, usize::MAX, usize::MAX, 1),
    ] {
        fit.learn(PageRead {
            rows,
            bytes,
            largest_row,
        });
        assert_eq!(fit.rows(), asked, "{rows} {bytes} {largest_row}");
    }
}

#[test]
fn halves_down_to_one_row() {
    let mut fit = PageFit::new(5, ENVELOPE, None);
    let halved: Vec<_> = std::iter::from_fn(|| fit.halve().then(|| fit.rows())).collect();
    assert_eq!(halved, [2, 1]);
    assert_eq!(PageFit::new(0, 0, None).rows(), 1);
}

/// A page of as many characters as the caller allowed is full, however far it is from the envelope.
#[test]
fn a_page_of_the_most_characters_is_full() {
    for (characters, ahead) in [(None, 0), (Some(20_000), 1), (Some(u32::MAX), 0)] {
        let mut fit = PageFit::new(1000, ENVELOPE, None).limited_to(characters);
        assert_eq!(fit.pages_ahead(450_000, false), 0, "no row is known yet");
        fit.learn(PageRead {
            rows: 500,
            bytes: 450_000,
            largest_row: 900,
        });
        assert_eq!(fit.pages_ahead(19_000, false), ahead, "{characters:?}");
        assert_eq!(fit.pages_ahead(14_000, true), 0, "{characters:?}");
    }
}

#[test]
fn the_caller_may_fix_the_pages_ahead() {
    for ahead in 0..3 {
        let mut fit = PageFit::new(1000, ENVELOPE, Some(ahead));
        assert_eq!(fit.pages_ahead(0, false), ahead);
        assert_eq!(fit.pages_ahead(usize::MAX, true), ahead);
    }
}

proptest! {
    /// Whatever a server sends, the requests never grow, and ask for at least a row and at most one page
    /// ahead.
    #[test]
    fn no_page_makes_a_request_grow(
        most in 0u32..5000,
        envelope in any::<u32>(),
        pages in proptest::collection::vec((any::<u32>(), any::<usize>(), any::<usize>(), any::<bool>()), 0..50),
    ) {
        let mut fit = PageFit::new(most, envelope, None);
        let mut last = most.max(1);
        for (rows, bytes, largest_row, came_ahead) in pages {
            prop_assert!(fit.pages_ahead(bytes, came_ahead) <= 1);
            fit.learn(PageRead { rows, bytes, largest_row });
            prop_assert!((1..=last).contains(&fit.rows()));
            last = fit.rows();
        }
    }
}
