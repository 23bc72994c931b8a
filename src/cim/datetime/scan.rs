//! Reading a text from left to right, without ever cutting a character in two.

use std::str::FromStr;

pub(super) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Passes over `wanted`, if that comes next.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Passes over `wanted`, which has to come next.
    pub(super) fn literal(&mut self, wanted: char) -> Option<()> {
        self.eat(wanted).then_some(())
    }

    /// The sign of a number, as 1 or -1.
    pub(super) fn sign(&mut self) -> Option<i16> {
        match self.take(1)? {
            "+" => Some(1),
            "-" => Some(-1),
            _ => None,
        }
    }

    /// A number of exactly `length` digits.
    pub(super) fn number<T: FromStr>(&mut self, length: usize) -> Option<T> {
        self.take(length)
            .filter(|text| all_digits(text))?
            .parse()
            .ok()
    }

    /// As many digits as there are, which may be none.
    pub(super) fn digits(&mut self) -> &'a str {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        self.take(self.0.len() - rest.len()).unwrap_or_default()
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.0
    }

    /// Holds if everything has been read.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Whether there is at least one digit and nothing else: `parse` alone would take a sign as well.
pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
