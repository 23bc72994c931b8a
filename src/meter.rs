//! Counts what the client does, through the facade of the package `metrics` (feature `metrics`).
//!
//! `docs/tracing.md` lists the metrics. Each label has a fixed set of values, because each value is a time
//! series of its own. So no host, class, key, account or text of a server is a label. Without the feature
//! nothing is counted.

use std::time::Duration;

/// Whether anything is counted.
pub(crate) const COUNTS: bool = cfg!(feature = "metrics");

/// The names and the values of labels.
type Labels<'a> = &'a [(&'static str, &'static str)];

const OPERATIONS: &str = "wsman.operations";
const DURATION: &str = "wsman.operation.duration";
const MESSAGES: &str = "wsman.messages";
const BYTES_OUT: &str = "wsman.bytes_out";
const BYTES_IN: &str = "wsman.bytes_in";
const FAULTS: &str = "wsman.faults";
const RETRIES: &str = "wsman.retries";
const ROWS: &str = "wsman.rows";
const CONNECTIONS: &str = "wsman.connections";
const LOGINS: &str = "wsman.logins";

/// Counts an operation that has ended.
pub(crate) fn operation(operation: &'static str, outcome: &'static str, took: Duration) {
    let labels = &[("operation", operation), ("outcome", outcome)];
    add(OPERATIONS, labels, 1);
    record(DURATION, labels, took);
}

/// Counts a message with its answer, or with the error in place of one.
pub(crate) fn message(
    operation: &'static str,
    outcome: &'static str,
    (bytes_out, bytes_in): (usize, usize),
) {
    let labels = &[("operation", operation)];
    add(
        MESSAGES,
        &[("operation", operation), ("outcome", outcome)],
        1,
    );
    add(BYTES_OUT, labels, bytes_out as u64);
    add(BYTES_IN, labels, bytes_in as u64);
}

/// Counts a fault of the server, by the variant of its error.
pub(crate) fn fault(operation: &'static str, error: &'static str) {
    add(FAULTS, &[("operation", operation), ("error", error)], 1);
}

/// Counts a message that will be sent again, by the variant of its error.
pub(crate) fn retry(operation: &'static str, error: &'static str) {
    add(RETRIES, &[("operation", operation), ("error", error)], 1);
}

/// Counts the rows that the caller received.
pub(crate) fn rows(operation: &'static str, rows: u64) {
    add(ROWS, &[("operation", operation)], rows);
}

/// Counts an attempt to open a connection.
pub(crate) fn connection(outcome: &'static str) {
    add(CONNECTIONS, &[("outcome", outcome)], 1);
}

/// Counts a login.
pub(crate) fn login(scheme: &'static str, outcome: &'static str) {
    add(LOGINS, &[("scheme", scheme), ("outcome", outcome)], 1);
}

#[cfg(feature = "metrics")]
pub(crate) use facade::describe;
#[cfg(feature = "metrics")]
use facade::{add, record};

#[cfg(feature = "metrics")]
mod facade {
    use std::time::Duration;

    use metrics::{Label, Unit, counter, describe_counter, describe_histogram, histogram};

    use super::Labels;

    fn labels(labels: Labels<'_>) -> Vec<Label> {
        let labels = labels.iter();
        labels
            .map(|(name, value)| Label::from_static_parts(name, value))
            .collect()
    }

    pub(super) fn add(name: &'static str, of: Labels<'_>, by: u64) {
        counter!(target: "wsman", name, labels(of)).increment(by);
    }

    pub(super) fn record(name: &'static str, of: Labels<'_>, took: Duration) {
        histogram!(target: "wsman", name, labels(of)).record(took);
    }

    /// Tells the recorder the unit and the meaning of each metric.
    pub(crate) fn describe() {
        let counters = [
            (super::OPERATIONS, Unit::Count, "operations that have ended"),
            (super::MESSAGES, Unit::Count, "messages sent"),
            (super::BYTES_OUT, Unit::Bytes, "envelopes sent"),
            (super::BYTES_IN, Unit::Bytes, "envelopes received"),
            (super::FAULTS, Unit::Count, "faults of servers"),
            (super::RETRIES, Unit::Count, "messages sent again"),
            (super::ROWS, Unit::Count, "rows that callers received"),
            (
                super::CONNECTIONS,
                Unit::Count,
                "attempts to open a connection",
            ),
            (super::LOGINS, Unit::Count, "logins"),
        ];
        for (name, unit, text) in counters {
            describe_counter!(name, unit, text);
        }
        describe_histogram!(
            super::DURATION,
            Unit::Seconds,
            "the time of an operation, from its start to its end"
        );
    }
}

#[cfg(not(feature = "metrics"))]
fn add(_: &'static str, _: Labels<'_>, _: u64) {}

#[cfg(not(feature = "metrics"))]
fn record(_: &'static str, _: Labels<'_>, _: Duration) {}

/// Tells nothing.
#[cfg(not(feature = "metrics"))]
pub(crate) fn describe() {}
