//! Damages messages in every way that an attacker or a broken network can, for tests.
//!
//! A [`Specimen`] is one message of a login. It is cut at each byte, lengthened, and changed at each
//! byte. The outcome must be an error of the named kinds, or that of the whole message. The few
//! bytes that may be changed are listed, each with the reason.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::ops::Range;
use std::time::{Duration, Instant};

use super::der::Der;

/// One change of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Nothing,
    /// Keeps this many bytes.
    Cut(usize),
    Append(&'static [u8]),
    /// Flips these bits of the byte at this position.
    Flip(usize, u8),
}

impl Edit {
    /// Returns all that is appended.
    pub(crate) fn additions() -> impl Iterator<Item = Self> {
        TAILS.iter().map(|tail| Self::Append(tail))
    }

    pub(crate) fn apply(self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        match self {
            Self::Nothing => {}
            Self::Cut(end) => message.truncate(end),
            Self::Append(tail) => message.extend_from_slice(tail),
            // A shorter message has no such byte: its login is repeated, because its random numbers made it
            // shorter.
            Self::Flip(at, bits) => {
                if let Some(byte) = message.get_mut(at) {
                    *byte ^= bits;
                }
            }
        }
        message
    }
}

/// The bits that are flipped: they make another number, length, tag, class and letter.
const SOME: &[u8] = &[0x01, 0x02, 0x08, 0x20, 0x80];

/// What is appended: a terminator, a line break, an element of DER.
const TAILS: &[&[u8]] = &[&[0], b"\r\n", &[0x05, 0x00], &[0xFF; 64]];

/// No reader takes so long for a message of some hundred bytes, even on a busy machine.
const BOUND: Duration = Duration::from_secs(30);

/// A message, and what its readers may accept.
pub(crate) struct Specimen<'a> {
    name: &'a str,
    whole: &'a [u8],
    /// The bytes that can be changed without an error, and the reason.
    free: Vec<(Range<usize>, &'a str)>,
    bits: Vec<u8>,
    /// The cuts and additions that are accepted.
    resizes: Vec<Edit>,
    /// A part of each error that is expected; none if any error will do.
    errors: &'a [&'a str],
}

impl<'a> Specimen<'a> {
    pub(crate) fn new(name: &'a str, whole: &'a [u8], errors: &'a [&'a str]) -> Self {
        Self {
            name,
            whole,
            free: Vec::new(),
            bits: SOME.to_vec(),
            resizes: Vec::new(),
            errors,
        }
    }

    /// Tries all 255 changes of each byte.
    pub(crate) fn exhaustively(self) -> Self {
        let bits: Vec<u8> = (1..=u8::MAX).collect();
        self.flipping(&bits)
    }

    /// Tries only these changes of each byte.
    pub(crate) fn flipping(self, bits: &[u8]) -> Self {
        let bits = bits.to_vec();
        Self { bits, ..self }
    }

    /// Names bytes whose change has no effect, and why.
    pub(crate) fn ignores(mut self, range: Range<usize>, why: &'a str) -> Self {
        self.free.push((range, why));
        self
    }

    /// Names cuts and additions that have no effect.
    pub(crate) fn accepts(mut self, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.resizes.extend(edits);
        self
    }

    /// Asserts that the whole message is accepted, and that a damaged one is rejected or has the same
    /// outcome, but for the named bytes.
    pub(crate) fn check<T, E>(&self, read: impl Fn(Edit) -> Result<T, E>)
    where
        T: PartialEq + Debug,
        E: Display,
    {
        let read = |edit| self.timed(&read, edit);
        let intact = read(Edit::Nothing).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        for edit in self.resized() {
            match read(edit) {
                Ok(found) if found == intact && self.resizes.contains(&edit) => {}
                Ok(found) => panic!("{}, {edit:?}: accepted as {found:?}", self.name),
                Err(error) => {
                    assert!(
                        !self.resizes.contains(&edit),
                        "{}, {edit:?}: {error}",
                        self.name
                    );
                    self.assert_expected(edit, &error);
                }
            }
        }
        let mut open = BTreeSet::new();
        for edit in self.flipped() {
            let Edit::Flip(at, _) = edit else { continue };
            match read(edit) {
                Ok(found) => {
                    assert_eq!(found, intact, "{}, {edit:?}", self.name);
                    open.insert(at);
                }
                Err(error) => self.assert_expected(edit, &error),
            }
        }
        self.assert_listed(&open);
    }

    /// Asserts that neither the whole message nor a damaged one is accepted.
    pub(crate) fn check_rejected<T: Debug, E: Display>(&self, read: impl Fn(Edit) -> Result<T, E>) {
        let edits = self.resized().into_iter().chain(self.flipped());
        for edit in std::iter::once(Edit::Nothing).chain(edits) {
            match self.timed(&read, edit) {
                Ok(found) => panic!("{}, {edit:?}: accepted as {found:?}", self.name),
                Err(error) => self.assert_expected(edit, &error),
            }
        }
    }

    /// Reads every damaged form, for messages that nothing protects: it panics nowhere.
    pub(crate) fn read_all(&self, mut read: impl FnMut(Edit)) {
        for edit in self.resized().into_iter().chain(self.flipped()) {
            read(edit);
        }
    }

    fn resized(&self) -> Vec<Edit> {
        let cuts = (0..self.whole.len()).map(Edit::Cut);
        cuts.chain(Edit::additions()).collect()
    }

    fn flipped(&self) -> impl Iterator<Item = Edit> {
        let bits = &self.bits;
        (0..self.whole.len()).flat_map(move |at| bits.iter().map(move |bits| Edit::Flip(at, *bits)))
    }

    fn timed<T>(&self, read: impl Fn(Edit) -> T, edit: Edit) -> T {
        let started = Instant::now();
        let outcome = read(edit);
        let took = started.elapsed();
        assert!(took < BOUND, "{}, {edit:?}: {took:?}", self.name);
        outcome
    }

    fn assert_expected(&self, edit: Edit, error: &dyn Display) {
        let error = error.to_string();
        let is_expected = self.errors.iter().any(|part| error.contains(part));
        assert!(
            is_expected || (self.errors.is_empty() && !error.is_empty()),
            "{}, {edit:?}: {error}",
            self.name
        );
        assert!(
            !error.contains(char::is_control),
            "{}: {error:?}",
            self.name
        );
    }

    /// Compares what was accepted with the list of what may be. Each item of the list must be right
    /// for one byte at least.
    fn assert_listed(&self, open: &BTreeSet<usize>) {
        let is_listed = |at: usize| self.free.iter().any(|(range, _)| range.contains(&at));
        let unlisted = open.iter().filter(|at| !is_listed(**at));
        let unlisted: Vec<String> = unlisted.map(|at| self.place(*at)).collect();
        assert!(
            unlisted.is_empty(),
            "{}:\n{}",
            self.name,
            unlisted.join("\n")
        );
        for (range, why) in &self.free {
            let is_right = open.range(range.clone()).next().is_some();
            assert!(
                is_right,
                "{}: no byte of {range:?} is open: {why}",
                self.name
            );
        }
    }

    fn place(&self, at: usize) -> String {
        let before = &self.whole[at.saturating_sub(8)..at];
        let after = &self.whole[at..self.whole.len().min(at + 8)];
        format!("byte {at} ({before:02x?} > {after:02x?}) is open")
    }
}

/// Returns the place of the element that these tags lead to, each the first of its kind within the
/// one before.
pub(crate) fn element(message: &[u8], tags: &[u8]) -> Range<usize> {
    let mut content = message;
    let mut whole = message;
    for tag in tags {
        let mut rest = Der(content);
        let element = std::iter::from_fn(|| rest.next()).find(|element| element.tag == *tag);
        let element = element.unwrap_or_else(|| panic!("no element {tag:02x} of {tags:02x?}"));
        (content, whole) = (element.content, element.whole);
    }
    let start = whole.as_ptr().addr() - message.as_ptr().addr();
    start..start + whole.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of a length, a value and its checksum, and a byte that is not read.
    fn read(message: &[u8]) -> Result<u8, &'static str> {
        match message {
            [3, value, sum, _] if *sum == !value => Ok(*value),
            _ => Err("the sum is wrong"),
        }
    }

    const MESSAGE: &[u8] = &[3, 7, !7, 0];

    #[test]
    fn accepts_a_byte_that_is_listed() {
        let specimen = Specimen::new("sum", MESSAGE, &["sum"]).exhaustively();
        let specimen = specimen.ignores(3..4, "reserved");
        specimen.check(|edit| read(&edit.apply(MESSAGE)));
    }

    #[test]
    #[should_panic(expected = "byte 3 ")]
    fn finds_a_byte_that_is_not_listed() {
        let specimen = Specimen::new("sum", MESSAGE, &["sum"]);
        specimen.check(|edit| read(&edit.apply(MESSAGE)));
    }

    #[test]
    #[should_panic(expected = "no byte of 1..2 is open: wrong")]
    fn finds_bytes_that_are_listed_and_protected() {
        let specimen = Specimen::new("sum", MESSAGE, &["sum"]);
        let specimen = specimen.ignores(3..4, "reserved").ignores(1..2, "wrong");
        specimen.check(|edit| read(&edit.apply(MESSAGE)));
    }

    #[test]
    #[should_panic(expected = "last, Flip(3, 1)")]
    fn finds_another_meaning() {
        let specimen = Specimen::new("last", MESSAGE, &[]).ignores(3..4, "reserved");
        let last = |message: Vec<u8>| {
            let [.., last] = message[..] else {
                return Err("empty");
            };
            read(&message).map(|_| last)
        };
        specimen.check(|edit| last(edit.apply(MESSAGE)));
    }

    #[test]
    #[should_panic(expected = "the sum is wrong")]
    fn finds_an_error_of_another_kind() {
        let specimen = Specimen::new("sum", MESSAGE, &["truncated"]);
        specimen.check(|edit| read(&edit.apply(MESSAGE)));
    }
}
