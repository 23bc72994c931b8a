//! A scanner that reads a text from left to right and never splits a character.

pub(super) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// Takes the next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Skips `wanted` if it comes next.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        // A closure is compiled to one comparison; the character itself to a call of `memcmp`.
        let rest = self.0.strip_prefix(|first| first == wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Skips `wanted`; fails if something else comes next.
    pub(super) fn literal(&mut self, wanted: char) -> Option<()> {
        self.eat(wanted).then_some(())
    }

    /// Reads a sign, as 1 or -1.
    pub(super) fn sign(&mut self) -> Option<i16> {
        match self.take(1)? {
            "+" => Some(1),
            "-" => Some(-1),
            _ => None,
        }
    }

    /// Reads a number of exactly `length` digits.
    pub(super) fn number<T: TryFrom<u32>>(&mut self, length: usize) -> Option<T> {
        decimal(self.take(length)?)
    }

    /// Takes all digits that come next, possibly none.
    pub(super) fn digits(&mut self) -> &'a str {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        self.take(self.0.len() - rest.len()).unwrap_or_default()
    }

    /// Returns the unread rest.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    /// Succeeds if the whole text has been read.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Returns the number of one or more digits. `parse` would also accept a sign, and takes longer.
pub(super) fn decimal<T: TryFrom<u32>>(digits: &str) -> Option<T> {
    let mut bytes = digits.bytes();
    let digit = |byte: u8| Some(u32::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit <= 9);
    let first = digit(bytes.next()?)?;
    let number = bytes.try_fold(first, |number, byte| {
        number.checked_mul(10)?.checked_add(digit(byte)?)
    })?;
    T::try_from(number).ok()
}

/// Returns whether the text is one or more digits.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
