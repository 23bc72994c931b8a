//! Captures everything that any package traces, logs or counts while the program runs.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::recorder::KeptMetrics;

static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static COUNTED: LazyLock<KeptMetrics> = LazyLock::new(KeptMetrics::default);

/// Starts the capture.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Listener).unwrap();
        metrics::set_global_recorder(COUNTED.clone()).unwrap();
        log::set_logger(&Listener).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        tracing::trace!(what = "a trace", "heard");
        log::trace!("a log line is heard");
        let heard = heard();
        let heard = String::from_utf8_lossy(&heard);
        assert!(
            heard.contains("a trace") && heard.contains("a log line"),
            "{heard}"
        );
    });
}

/// Returns all captured text, and all metrics.
pub(crate) fn heard() -> Vec<u8> {
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner).clone();
    heard.extend(format!("{:?}", COUNTED.all()).into_bytes());
    heard
}

/// Returns the value of each label of each metric.
pub(crate) fn labels() -> BTreeSet<String> {
    let metrics = COUNTED.all();
    let labels = metrics.sums.into_keys().flat_map(|(_, labels)| labels);
    labels.map(|(_, value)| value).collect()
}

fn note(text: fmt::Arguments<'_>) {
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard.write_fmt(text).unwrap();
}

struct Listener;

struct Noted;

impl Visit for Noted {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        note(format_args!(" {field}={value:?}"));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        note(format_args!("\n{}", span.metadata().name()));
        span.record(&mut Noted);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Noted);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        note(format_args!("\n{}", event.metadata().target()));
        event.record(&mut Noted);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(format_args!("\n{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}
