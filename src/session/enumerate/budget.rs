//! How much awaiting a request may collect.

use crate::error::{Error, Failure};
use crate::transport::Delivery;

/// The most rows and bytes that awaiting a request collects; `None` leaves it to the session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CollectLimits {
    pub(super) rows: Option<u64>,
    pub(super) bytes: Option<u64>,
}

/// What may still be collected.
#[derive(Debug)]
pub(super) struct Budget {
    most_rows: u64,
    most_bytes: u64,
    rows: u64,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(most_rows: u64, most_bytes: u64) -> Self {
        Self {
            most_rows,
            most_bytes,
            rows: 0,
            bytes: 0,
        }
    }

    /// Counts a row.
    pub(super) fn take_row(&mut self) -> Result<(), Error> {
        self.rows = self.rows.saturating_add(1);
        if self.rows > self.most_rows {
            return Err(exceeded("rows", self.most_rows, "row_limit"));
        }
        Ok(())
    }

    /// Counts the page that rows are read from.
    pub(super) fn take_page(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.most_bytes {
            let of = "bytes of rows";
            return Err(exceeded(of, self.most_bytes, "byte_limit"));
        }
        Ok(())
    }
}

fn exceeded(of: &str, most: u64, setting: &str) -> Error {
    let text = format!(
        "the server sent more than {most} {of}; stream them, or raise `{setting}` of the request or session"
    );
    Error::CollectLimit(Failure::new(text).delivery(Delivery::Answered)).of_read()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_taken_and_no_more() {
        let mut budget = Budget::new(2, 100);
        assert!(budget.take_row().is_ok() && budget.take_row().is_ok());
        let error = budget.take_row().unwrap_err();
        assert_eq!(
            error.to_string(),
            "too much to collect: the server sent more than 2 rows; stream them, or raise `row_limit` \
             of the request or session"
        );
        assert!(budget.take_page(60).is_ok() && budget.take_page(40).is_ok());
        let error = budget.take_page(1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "too much to collect: the server sent more than 100 bytes of rows; stream them, or raise \
             `byte_limit` of the request or session"
        );
        assert_eq!(
            (error.name(), error.delivery()),
            ("CollectLimit", Delivery::Answered)
        );
    }

    #[test]
    fn the_highest_limits_never_overflow() {
        let mut budget = Budget::new(u64::MAX, u64::MAX);
        for _ in 0..3 {
            assert!(budget.take_page(usize::MAX).is_ok() && budget.take_row().is_ok());
        }
    }
}
