//! Limits what awaiting a request collects.

use crate::error::{Error, Failure};
use crate::transport::Delivery;

/// The most rows and bytes that awaiting a request collects; `None` uses the session's limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CollectLimits {
    pub(super) rows: Option<u64>,
    pub(super) bytes: Option<u64>,
}

/// The rest of what may be collected.
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

    /// Counts the bytes of a page.
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
    fn accepts_rows_and_bytes_up_to_the_limit() {
        let mut budget = Budget::new(2, 100);
        assert!(budget.take_row().is_ok() && budget.take_row().is_ok());
        let error = budget.take_row().unwrap_err();
        assert_eq!(
            error.to_string(),
            "collect limit exceeded: the server sent more than 2 rows; stream them, or raise `row_limit` \
             of the request or session"
        );
        assert!(budget.take_page(60).is_ok() && budget.take_page(40).is_ok());
        let error = budget.take_page(1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "collect limit exceeded: the server sent more than 100 bytes of rows; stream them, or raise \
             `byte_limit` of the request or session"
        );
        assert_eq!(
            (error.name(), error.delivery()),
            ("CollectLimit", Delivery::Answered)
        );
    }

    #[test]
    fn does_not_overflow_at_the_highest_limits() {
        let mut budget = Budget::new(u64::MAX, u64::MAX);
        for _ in 0..3 {
            assert!(budget.take_page(usize::MAX).is_ok() && budget.take_row().is_ok());
        }
    }
}
